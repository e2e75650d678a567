//! Reading a lead: its anonymous part, what is sealed, and all its errors at once.

use std::collections::BTreeSet;

use exchange::{
    lead::{Code, FieldError, FromPing, ReadPing, read_ping, read_post},
    raw::RawValue,
    schema::{PingShows, Vertical},
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::support::*;

fn ping(fields: &[(&str, &str)]) -> Result<ReadPing, Vec<FieldError>> {
    read_ping(&loans(), &raw(fields), TODAY)
}

fn codes<T>(result: Result<T, Vec<FieldError>>) -> Vec<(String, Code)> {
    result.err().unwrap_or_default().into_iter().map(|error| (error.field, error.code)).collect()
}

fn named(errors: &[(&str, Code)]) -> Vec<(String, Code)> {
    errors.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
}

/// What a ping shows of a field.
fn shown(read: &ReadPing, name: &str) -> Option<String> {
    let vertical = loans();
    let index = vertical.find(name).unwrap();
    read.attributes.attribute(index).map(|attribute| attribute.text(vertical.field(index)))
}

#[test]
fn a_ping_shows_bands_prefixes_and_values() {
    for (field, sent, expected) in [
        ("amount", "10000", "10000-99999"),
        ("amount", "99999.99", "10000-99999"),
        ("amount", "100000", "100000-199999"),
        ("amount", "$250,000", "200000-299999"),
        ("amount", "300000", "300000+"),
        ("amount", "200000-299999", "200000-299999"),
        ("birth_date", "2008-11-23", "18-24"),
        ("birth_date", "2001-11-24", "18-24"),
        ("birth_date", "2001-11-23", "25-34"),
        ("birth_date", "45+", "45+"),
        ("zip", "90210-1234", "902"),
        ("zip", "902", "902"),
        ("state", "ca", "CA"),
        ("home_owner", "yes", "true"),
        ("purpose", "PURCHASE", "purchase"),
        ("Home_Owner", "no", "false"),
    ] {
        let read = ping(&if field == "amount" { vec![(field, sent)] } else { vec![("amount", "10000"), (field, sent)] }).unwrap();
        assert_eq!(shown(&read, field).as_deref(), Some(expected), "{field} {sent}");
    }
}

#[test]
fn an_exact_value_that_comes_with_a_ping_is_kept_to_be_sealed() {
    let vertical = loans();
    let read = ping(&[("amount", "250000"), ("zip", "902"), ("birth_date", "1985-04-12"), ("state", "CA")]).unwrap();
    let exact: Vec<&str> = read.exact.keys().map(|index| vertical.field(*index).name.as_str()).collect();
    assert_eq!(exact, ["amount", "birth_date"], "a band or a prefix is nothing exact, and the state is shown as it is");
}

#[test]
fn contact_in_a_ping_is_refused_and_what_it_never_shows_is_ignored() {
    let errors = codes(ping(&[("amount", "250000"), ("phone_number", "202-555-0123"), ("email", "not even one"), ("name", "Ann")]));
    assert_eq!(errors, named(&[("email", Code::ContactInPing), ("name", Code::ContactInPing), ("phone", Code::ContactInPing)]));
    let read = ping(&[("amount", "250000"), ("income", "90000"), ("shoe_size", "9"), ("trusted_form", "https://cert.example/1"), ("phone", " ")]).unwrap();
    assert_eq!(read.ignored.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&"income".to_owned(), &"shoe_size".to_owned(), &"trusted_form".to_owned()]));
}

#[test]
fn all_errors_come_at_once() {
    let sent = [
        ("state", "XX"),
        ("zip", "1"),
        ("birth_date", "2020-01-01"),
        ("home_owner", "perhaps"),
        ("vehicles", "21"),
        ("purpose", "party"),
        ("phone", "202-555-0123"),
        ("primary_phone", "202-555-0124"),
        ("email", "ann"),
    ];
    let expected = named(&[
        ("amount", Code::Required),
        ("birth_date", Code::OutOfRange),
        ("email", Code::Invalid),
        ("home_owner", Code::WrongType),
        ("phone", Code::GivenTwice),
        ("purpose", Code::NotInValues),
        ("state", Code::Invalid),
        ("vehicles", Code::OutOfRange),
        ("zip", Code::Invalid),
    ]);
    assert_eq!(codes(read_post(&loans(), &raw(&sent), None, TODAY)), expected);
    assert_eq!(codes(ping(&[])), named(&[("amount", Code::Required)]));
    assert_eq!(
        codes(read_post(&loans(), &raw(&[]), None, TODAY)),
        named(&[("amount", Code::Required), ("birth_date", Code::Required), ("phone", Code::Required)])
    );
    assert_eq!(codes(ping(&[("amount", "9999.99")])), named(&[("amount", Code::OutOfRange)]));
    let nested = vec![("amount".to_owned(), RawValue::Nested)];
    assert_eq!(codes(read_ping(&loans(), &nested, TODAY)), named(&[("amount", Code::WrongType)]));
}

#[test]
fn a_post_is_exact_and_agrees_with_its_ping() {
    let vertical = loans();
    let first = ping(&[("amount", "250000"), ("state", "CA"), ("zip", "902"), ("home_owner", "yes")]).unwrap();
    let from = FromPing { attributes: first.attributes, sealed: first.exact.keys().copied().collect() };
    let post = |fields: &[(&str, &str)]| read_post(&vertical, &raw(fields), Some(&from), TODAY);
    let rest = [("birth_date", "1985-04-12"), ("phone", "202-555-0123")];
    let with = |more: &[(&'static str, &'static str)]| codes(post(&[&rest[..], more].concat()));

    let read = post(&rest).unwrap();
    let home = vertical.find("home_owner").unwrap();
    assert!(read.attributes.attribute(home).is_some(), "what the ping had needn't come again");
    assert!(read.attributes.attribute(vertical.find("birth_date").unwrap()).is_some(), "what the ping left open is no change");
    assert_eq!(with(&[("amount", "299999"), ("zip", "90299"), ("state", "CA")]), []);
    assert_eq!(with(&[("amount", "300000"), ("home_owner", "no")]), named(&[("amount", Code::AttributeChanged), ("home_owner", Code::AttributeChanged)]));
    assert_eq!(with(&[("amount", "200000-299999")]), named(&[("amount", Code::NotExact)]));
    assert_eq!(with(&[("zip", "902")]), named(&[("zip", Code::NotExact)]));
    assert_eq!(with(&[("zip", "10001")]), named(&[("state", Code::ZipStateMismatch), ("zip", Code::AttributeChanged)]));
}

#[test]
fn a_zip_says_its_state_and_must_agree_with_it() {
    for (zip, state, expected) in [
        ("90210", "", Ok("CA")),
        ("902", "", Ok("CA")),
        ("90210", "CA", Ok("CA")),
        ("90210", "NY", Err(Code::ZipStateMismatch)),
        // One ZIP of Connecticut's is New York's: only the whole ZIP can say so.
        ("06390", "", Ok("NY")),
        ("06301", "", Ok("CT")),
        ("06390", "CT", Err(Code::ZipStateMismatch)),
        ("063", "NY", Ok("NY")),
        ("063", "CT", Ok("CT")),
        ("063", "", Ok("")),
    ] {
        let result = ping(&[("amount", "250000"), ("zip", zip), ("state", state)]);
        let told = match &result {
            Ok(read) => Ok(shown(read, "state").unwrap_or_default()),
            Err(errors) => Err(errors[0].code),
        };
        assert_eq!(told, expected.map(str::to_owned), "{zip} {state}");
    }
}

/// The ping of a mortgage shows the state and no ZIP: the ZIP of the post must lie in it all the same.
#[test]
fn the_zip_of_a_post_lies_in_the_state_of_its_ping() {
    let fields = loan_fields().into_iter().map(|field| match field.name.as_str() {
        "zip" => exchange::schema::Field { shows: PingShows::Never, ..field },
        _ => field,
    });
    let vertical = Vertical::new("loans".parse().unwrap(), "Loans".into(), fields.collect()).unwrap();
    let first = read_ping(&vertical, &raw(&[("amount", "250000"), ("state", "CA")]), TODAY).unwrap();
    let from = FromPing { attributes: first.attributes, sealed: first.exact.keys().copied().collect() };
    let post = |fields: &[(&str, &str)], from| codes(read_post(&vertical, &raw(&[&LEAD[..1], &LEAD[3..], fields].concat()), from, TODAY));
    assert_eq!(post(&[("zip", "90210")], Some(&from)), []);
    assert_eq!(post(&[("zip", "10001")], Some(&from)), named(&[("state", Code::ZipStateMismatch)]));
    assert_eq!(post(&[("zip", "10001"), ("state", "CA")], None), named(&[("state", Code::ZipStateMismatch)]));
    // In a direct post the ZIP alone says the state, though no ping shows the ZIP.
    let read = read_post(&vertical, &raw(&[&LEAD[..1], &LEAD[3..], &[("zip", "10001")]].concat()), None, TODAY).unwrap();
    assert!(read.attributes.attribute(vertical.find("state").unwrap()).is_some());
}

fn any_date() -> impl Strategy<Value = Date> {
    (1930i16..2006, 1i8..13, 1i8..29).prop_map(|(year, month, day)| date(year, month, day))
}

proptest! {
    /// I3: a ping's anonymous part is the same for any two exact values in one band, and holds nothing of either.
    #[test]
    fn a_ping_tells_the_band_and_nothing_more(amounts in (10_000i64..500_000, 10_000i64..500_000), dates in (any_date(), any_date()), zips in (10_000u32..100_000, 0u32..100)) {
        let zip = |last: u32| format!("{:05}", zips.0 / 100 * 100 + last);
        let read = |amount: i64, born: Date, zip: &str| ping(&[("amount", &amount.to_string()), ("birth_date", &born.to_string()), ("zip", zip)]);
        let pair = (read(amounts.0, dates.0, &zip(zips.0 % 100)), read(amounts.1, dates.1, &zip(zips.1)));
        // A ZIP that no place has is refused.
        if let (Ok(one), Ok(two)) = pair {
            let same = |name: &str| shown(&one, name) == shown(&two, name);
            // The state is shown as it is, and of very few prefixes the ZIPs lie in two.
            if same("amount") && same("birth_date") && same("state") {
                prop_assert_eq!(&one.attributes, &two.attributes);
                prop_assert_eq!(format!("{:?}", one.attributes), format!("{:?}", two.attributes));
            }
            let told = format!("{:?}", one.attributes);
            for exact in [dates.0.to_string(), zip(zips.0 % 100), dates.0.year().to_string()] {
                prop_assert!(!told.contains(&exact), "{exact} in {told}");
            }
            if ![10_000, 100_000, 200_000, 300_000].contains(&amounts.0) {
                prop_assert!(!told.contains(&amounts.0.to_string()), "{told}");
            }
        }
    }
}

//! What no page holds: everything of a person that only a buyer may see, in whatever form a page could write it.

use crate::support::Person;

/// In lower case.
pub struct Contacts(Vec<String>);

impl Contacts {
    pub fn of(people: impl IntoIterator<Item = Person>) -> Self {
        let mut forms: Vec<String> = people.into_iter().flat_map(forms).map(|form| form.to_lowercase()).collect();
        forms.sort_unstable();
        forms.dedup();
        Self(forms)
    }

    pub fn on(&self, page: &str) -> Vec<&str> {
        let page = page.to_lowercase();
        self.0.iter().map(String::as_str).filter(|form| page.contains(form)).collect()
    }
}

fn forms(person: Person) -> Vec<String> {
    let (phone, email) = (person.phone(), person.email());
    let [area, exchange, line] = [&phone[..3], &phone[3..6], &phone[6..]];
    let phones = ["-", ".", " "].map(|between| [area, exchange, line].join(between));
    let others = [
        format!("({area}) {exchange}-{line}"),
        format!("({area}){exchange}-{line}"),
        email.replace('@', "%40"),
        email.replace('@', "&#64;"),
        "245,000.00".into(),
        "06/14/1979".into(),
        "19790614".into(),
    ];
    person.secrets().into_iter().chain(phones).chain(others).collect()
}

#[test]
fn every_form_of_a_contact_is_found() {
    let contacts = Contacts::of([Person(1)]);
    for page in ["<dd>+16467320001</dd>", "call (646) 732-0001", "PERSON1.WEXFORD@EXAMPLE.COM", "?q=person1.wexford%40example.com", "Thessaly", "646.732.0001"]
    {
        assert_eq!(contacts.on(page).len(), 1, "{page}");
    }
    assert!(contacts.on("<dd>••••••</dd> person2.wexford@example.com 200000-299999").is_empty());
}

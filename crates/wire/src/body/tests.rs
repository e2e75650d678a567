use exchange::raw::RawValue;
use proptest::prelude::*;

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn text(value: &str) -> RawValue {
    RawValue::of_text(value)
}

/// Compared without printing what came.
fn check(content_type: &str, body: &str, expected: &[(&str, RawValue)]) {
    let read = read(Some(content_type), body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
    let expected: RawFields = expected.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    assert!(read.fields == expected, "{body}");
}

fn refusal(content_type: &str, body: &[u8]) -> String {
    match read(Some(content_type), body) {
        Ok(_) => "read".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn json_keeps_digits_order_and_repeats() {
    let body = "\u{feff} {\"zip\": \"90210\", \"loan\": 1.50e3, \"big\": 12345678901234567890.10, \"ok\": true, \"none\": null,\n \"a\": [1], \"o\": {}, \"zip\": \"\\u00e9\"}";
    let number = |digits: &str| RawValue::Number(digits.to_owned());
    check(
        "application/json; charset=utf-8",
        body,
        &[
            ("zip", text("90210")),
            ("loan", number("1.50e3")),
            ("big", number("12345678901234567890.10")),
            ("ok", RawValue::Boolean(true)),
            ("none", RawValue::Null),
            ("a", RawValue::Nested),
            ("o", RawValue::Nested),
            ("zip", text("é")),
        ],
    );
}

#[test]
fn a_form_is_decoded_as_browsers_encode_it() {
    check(FORM, "", &[]);
    check(
        FORM,
        "name=Jo+Ann%20O%27Neil&&e=%C3%A9&empty=&bare&p=100%&q=%zz&a=b=c&a=2",
        &[
            ("name", text("Jo Ann O'Neil")),
            ("e", text("é")),
            ("empty", text("")),
            ("bare", text("")),
            ("p", text("100%")),
            ("q", text("%zz")),
            ("a", text("b=c")),
            ("a", text("2")),
        ],
    );
}

#[test]
fn xml_fields_are_the_children_of_any_root() {
    check(
        "text/xml; charset=\"UTF-8\"",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- one --><l:lead xmlns:l='u'>\n <l:zip id='3'> 90210\n</l:zip><name>A &amp; B &#233;<![CDATA[ <x> ]]></name><none/>\n <car><make>Volvo</make></car><zip>2</zip></l:lead>\n",
        &[("zip", text("90210")), ("name", text("A & B é <x>")), ("none", text("")), ("car", RawValue::Nested), ("zip", text("2"))],
    );
}

#[test]
fn what_is_unreadable_is_refused_without_a_word_of_it() {
    let deep = "[".repeat(33);
    let bodies: Vec<(&str, &str, Vec<u8>)> = vec![
        ("empty", "application/json", b"".to_vec()),
        ("a list", "application/json", b"[1]".to_vec()),
        ("a text", "application/json", b"\"secret\"".to_vec()),
        ("cut off", "application/json", b"{\"phone\":\n \"31075".to_vec()),
        ("trailing", "application/json", b"{} secret".to_vec()),
        ("not a number", "application/json", b"{\"a\": NaN}".to_vec()),
        ("half a surrogate", "application/json", b"{\"a\":\n \"\\ud800\"}".to_vec()),
        ("a wrong byte", "application/json", b"{\"a\": \"\xff\"}".to_vec()),
        ("deep", "application/json", format!("{{\"a\": {deep}").into_bytes()),
        ("a wrong byte, escaped", FORM, b"ok=1&phone=%ff".to_vec()),
        ("many", FORM, "a&".repeat(1001).into_bytes()),
        ("empty", "application/xml", b"".to_vec()),
        ("a text", "application/xml", b"secret".to_vec()),
        ("never closed", "application/xml", b"<lead><phone>310".to_vec()),
        ("closed wrongly", "application/xml", b"<lead><phone>310</fone></lead>".to_vec()),
        ("two roots", "application/xml", b"<a/><b/>".to_vec()),
        ("text between", "application/xml", b"<a>secret<b/></a>".to_vec()),
        ("a document type", "application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".to_vec()),
        ("an entity", "application/xml", b"<a><b>&secret;</b></a>".to_vec()),
        ("another encoding", "application/xml", b"<?xml version='1.0' encoding='iso-8859-1'?><a/>".to_vec()),
        ("a wrong byte", "application/xml", b"<a>\n<b>\xff</b></a>".to_vec()),
        ("deep", "application/xml", "<a>".repeat(33).into_bytes()),
        ("many", "application/xml", format!("<a>{}</a>", "<b/>".repeat(1001)).into_bytes()),
    ];
    let table: Vec<String> = bodies.iter().map(|(case, media, body)| format!("{media}, {case}: {}", refusal(media, body))).collect();
    assert!(!table.iter().any(|line| line.contains("secret") || line.contains("310")));
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn only_known_types_in_utf_8_are_read() {
    for content_type in [None, Some(""), Some("text/plain"), Some("multipart/form-data; boundary=x"), Some("application/json; charset=iso-8859-1")] {
        assert_eq!(read(content_type, b"{}"), Err(BodyError::UnsupportedType), "{content_type:?}");
    }
    for content_type in ["Application/JSON", "application/ld+json", "application/json;charset=\"utf-8\""] {
        assert!(read(Some(content_type), b"{}").is_ok(), "{content_type}");
    }
}

#[test]
fn a_body_never_prints_what_it_holds() {
    let body = read(Some("application/json"), b"{\"phone\": \"3107549000\"}").unwrap();
    assert_eq!(format!("{body:?} {:?}", body.fields[0].1), "RawBody(1 fields) RawValue(…)");
}

#[test]
fn test_is_taken_out_of_the_fields() {
    for (value, expected) in [
        ("true", Ok(true)),
        ("\"true\"", Ok(true)),
        ("\"1\"", Ok(true)),
        ("1", Ok(true)),
        ("false", Ok(false)),
        ("\"0\"", Ok(false)),
        ("null", Ok(false)),
        ("\"yes\"", Err(NotATest)),
        ("{}", Err(NotATest)),
    ] {
        let mut fields = read(Some("application/json"), format!("{{\"a\": 1, \"test\": {value}}}").as_bytes()).unwrap().fields;
        assert_eq!((take_test(&mut fields), fields.len()), (expected, 1), "{value}");
    }
    assert_eq!(take_test(&mut RawFields::new()), Ok(false));
}

fn any_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["application/json", FORM, "application/xml"])
}

/// Bytes that often come near to a format.
fn near_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "\\u",
        ":",
        ",",
        "a",
        "1",
        "-",
        "e9",
        "true",
        "<a>",
        "</a>",
        "<a/>",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&#",
        ";",
        "<!--",
        "-->",
        "<?",
        "?>",
        "%",
        "=",
        "&",
        "+",
        "é",
        "\u{feff}",
        " ",
    ];
    let piece =
        prop_oneof![8 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 1..3)];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_break_a_reader(content_type in any_type(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(Some(content_type), &bytes);
    }

    #[test]
    fn no_near_miss_breaks_a_reader(content_type in any_type(), bytes in near_bytes(), fields in 0usize..4, depth in 0usize..4) {
        if let Ok(body) = read_within(Some(content_type), &bytes, Limits { fields, depth }) {
            prop_assert!(body.fields.len() <= fields);
        }
    }

    #[test]
    fn a_text_is_the_same_in_every_format(value in "\\PC{0,20}") {
        let value = value.trim();
        let json = format!("{{\"f\": {}}}", serde_json::to_string(value).unwrap());
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("f", value).finish();
        let xml = format!("<r><f>{}</f></r>", quick_xml::escape::escape(value));
        for (content_type, body) in [("application/json", json), (FORM, form), ("application/xml", xml)] {
            check(content_type, &body, &[("f", text(value))]);
        }
    }
}

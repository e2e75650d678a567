use proptest::prelude::*;

use super::*;

fn rendered(node: &Node) -> String {
    [Format::Json, Format::Xml].map(|format| String::from_utf8(node.render(format)).unwrap()).join("\n")
}

#[test]
fn an_answer_says_the_same_in_both_formats() {
    let answer = Node::object([
        ("lead_id", Some(Node::of("lead_1"))),
        ("status", Some(Node::text("sold"))),
        ("price", Some(Node::of(exchange::money::Money::from_units(10)))),
        ("redirect_url", Some(Node::text("https://a.example/?b=1&c=<2>\r\u{1}"))),
        ("firm", Some(Node::Boolean(false))),
        ("count", Some(Node::Integer(-3))),
        ("none", Some(Node::Null)),
        ("absent", None),
        ("legs", Some(Node::list("leg", [Node::object([("price", Some(Node::text("4.00")))]), Node::object([("price", Some(Node::text("6.00")))])]))),
    ]);
    insta::assert_snapshot!(rendered(&answer));
}

#[test]
fn a_problem_names_every_field_at_once() {
    let error = |field: &str, code: &'static str, message: &str| FieldProblem { field: field.into(), code: code.into(), message: message.into() };
    let problem = Problem::new(422, "invalid-fields", "Some fields are not as the vertical says")
        .with_detail("2 fields")
        .with_errors(vec![error("zip", "required", "send a ZIP of five digits"), error("<x>", "unknown", "no field has this name")]);
    let bare = Problem::new(404, "not-found", "There is no such thing");
    let bodies = [problem, bare].map(|problem| [Format::Json, Format::Xml].map(|format| String::from_utf8(problem.render(format)).unwrap()).join("\n"));
    insta::assert_snapshot!(bodies.join("\n"));
}

#[test]
fn the_format_is_the_one_asked_for() {
    use Format::{Json, Xml};
    for (accept, expected) in [
        (None, Some(Json)),
        (Some(""), Some(Json)),
        (Some("*/*"), Some(Json)),
        (Some("application/*"), Some(Json)),
        (Some("application/json"), Some(Json)),
        (Some("application/problem+json"), Some(Json)),
        (Some("Application/XML; charset=utf-8"), Some(Xml)),
        (Some("text/xml"), Some(Xml)),
        (Some("text/*"), Some(Xml)),
        (Some("application/xml, application/json"), Some(Json)),
        (Some("application/xml, application/json;q=0.9"), Some(Xml)),
        (Some("application/json;q=0.5, */*;q=0.8"), Some(Xml)),
        (Some("application/json;q=0, */*"), Some(Xml)),
        (Some("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"), Some(Xml)),
        (Some("text/html"), None),
        (Some("application/json;q=0"), None),
        (Some("*/*;q=0.000"), None),
        (Some("application/json;q=2"), None),
        (Some(",;,q=1"), None),
    ] {
        assert_eq!(negotiate(accept), expected, "{accept:?}");
    }
}

proptest! {
    #[test]
    fn no_header_breaks_the_choice(accept in "\\PC{0,60}") {
        let _ = negotiate(Some(&accept));
    }

    /// Whatever text stands in an answer, an XML reader gets it back, but for what XML can't hold.
    #[test]
    fn xml_reads_back(text in "[\\x00-\\u{ffff}]{0,20}") {
        let xml = Node::object([("f", Some(Node::text(format!("|{text}|"))))]).render(Format::Xml);
        let body = crate::body::read(Some("application/xml"), &xml).unwrap();
        let held: String = text.chars().map(|c| if (c < ' ' && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c }).collect();
        let expected = exchange::raw::RawValue::of_text(format!("|{held}|"));
        prop_assert!(body.fields == vec![("f".to_owned(), expected)]);
    }
}

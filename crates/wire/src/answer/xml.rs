//! An answer as XML 1.0: elements and text, no attributes but the root's namespace.

use super::Node;

pub(super) fn render(root: &str, namespace: Option<&str>, node: &Node) -> Vec<u8> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attributes = namespace.map(|namespace| format!(" xmlns=\"{namespace}\"")).unwrap_or_default();
    element(root, &attributes, node, &mut xml);
    xml.push('\n');
    xml.into_bytes()
}

fn element(name: &str, attributes: &str, node: &Node, xml: &mut String) {
    xml.push_str(&format!("<{name}{attributes}>"));
    match node {
        Node::Text(text) => escape(text, xml),
        Node::Integer(number) => xml.push_str(&number.to_string()),
        Node::Decimal(digits) => xml.push_str(digits),
        Node::Boolean(yes) => xml.push_str(if *yes { "true" } else { "false" }),
        Node::Null => {}
        Node::List { entry, entries } => entries.iter().for_each(|node| element(entry, "", node, xml)),
        Node::Object(members) => members.iter().for_each(|(key, node)| element(key, "", node, xml)),
    }
    xml.push_str(&format!("</{name}>"));
}

/// Characters that XML 1.0 can't hold, however escaped, become U+FFFD. A carriage return is escaped, or readers drop it.
fn escape(text: &str, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\r' => xml.push_str("&#13;"),
            '\t' | '\n' => xml.push(character),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            _ => xml.push(character),
        }
    }
}

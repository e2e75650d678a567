//! XML, read event by event. Names are without their prefixes; a text is what stands right in its element.
//!
//! No document type, and no entities but the five of XML and characters by number: there is nothing to expand.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::walk::Walker;
use crate::{native::MAX_REPLY_DEPTH, xml::character};

pub(super) fn walk<'a>(text: &'a str, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
    let mut reader = Reader::from_str(text);
    let mut document = Document { depth: 0, root_seen: false, text: None };
    walker.entry();
    loop {
        match reader.read_event().map_err(|_| "not XML")? {
            Event::Start(start) => document.start(&start, walker)?,
            Event::Empty(start) => {
                document.start(&start, walker)?;
                document.end(walker);
            }
            Event::End(_) => document.end(walker),
            Event::Text(text) => document.text(&text.xml10_content())?,
            Event::CData(text) => document.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = character(&reference).ok_or("an entity that is not one of XML's own")?;
                document.text(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err("a document type"),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if document.root_seen && document.depth == 0 => return Ok(()),
            Event::Eof => return Err("the end before the root's end"),
        }
    }
}

struct Document {
    depth: usize,
    root_seen: bool,
    /// Of the element entered last, where somebody looks for it.
    text: Option<String>,
}

impl Document {
    fn start<'a>(&mut self, start: &BytesStart<'_>, walker: &mut impl Walker<'a>) -> Result<(), &'static str> {
        self.depth += 1;
        if self.depth > MAX_REPLY_DEPTH {
            return Err("nested too deeply");
        }
        if self.depth == 1 && std::mem::replace(&mut self.root_seen, true) {
            return Err("a second root");
        }
        walker.enter(start.local_name().as_ref());
        if walker.wants_attributes() {
            for attribute in start.attributes() {
                let attribute = attribute.map_err(|_| "not XML")?;
                let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|_| "an entity that is not one of XML's own")?;
                walker.attribute(attribute.key.local_name().as_ref(), Cow::Owned(value.into_owned()));
            }
        }
        self.text = walker.wants_text().then(String::new);
        Ok(())
    }

    fn end<'a>(&mut self, walker: &mut impl Walker<'a>) {
        self.depth = self.depth.saturating_sub(1);
        // White space around a text is the writer's indentation.
        if let Some(text) = self.text.take().filter(|text| !text.trim().is_empty()) {
            walker.text(Cow::Owned(text.trim().to_owned()));
        }
        walker.leave();
    }

    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        match &mut self.text {
            Some(whole) => whole.push_str(text),
            None if self.depth > 0 || text.trim().is_empty() => {}
            None => return Err("text outside the root"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::walked, *};

    fn walked_xml(text: &str) -> Result<String, &'static str> {
        walked(|walker| walk(text, walker))
    }

    #[test]
    fn a_walk_meets_elements_attributes_and_texts() {
        let text = "<?xml version=\"1.0\"?>\n<s:r xmlns:s='u'>\n <a id=\"1&amp;2\"> x &lt; <![CDATA[<y>]]> </a><b/><b>2</b><!-- no --></s:r>\n";
        assert_eq!(walked_xml(text).unwrap(), "| r( @s=u a( @id=1&2 x < <y> ) b( ) b=2 )");
    }

    #[test]
    fn nothing_is_expanded_and_nothing_runs_on() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>";
        for (text, what) in [
            (bomb, "a document type"),
            ("<a>&x;</a>", "an entity that is not one of XML's own"),
            ("<a b='&x;'/>", "an entity that is not one of XML's own"),
            ("<a>", "the end before the root's end"),
            ("<a></b>", "not XML"),
            ("<a/><b/>", "a second root"),
            ("<a/>x", "text outside the root"),
            ("<a b='1' b='2'/>", "not XML"),
        ] {
            assert_eq!(walked_xml(text), Err(what), "{text}");
        }
        assert_eq!(walked_xml(&"<a>".repeat(20_000)), Err("nested too deeply"));
    }
}

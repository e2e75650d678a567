//! A document as a walk through it: names entered and left, texts met. Nothing of it is kept but what is looked for.

use std::borrow::Cow;

/// Who is told of the walk.
pub(crate) trait Walker<'a> {
    /// The next entry of an outermost list, or the whole document.
    fn entry(&mut self);
    fn enter(&mut self, name: &str);
    /// A text inside of what was entered last.
    fn text(&mut self, text: Cow<'a, str>);
    fn leave(&mut self);

    /// Whether anybody looks for a text right here: a format that must put texts together asks first.
    fn wants_text(&self) -> bool;
    /// Whether anybody looks for an attribute of what was entered last.
    fn wants_attributes(&self) -> bool;
    fn attribute(&mut self, name: &str, text: Cow<'a, str>);
}

//! Pairs as in a form: `status=ok&price=12.50`.

use super::walk::Walker;

pub(super) fn walk<'a>(text: &'a str, walker: &mut impl Walker<'a>) {
    walker.entry();
    for (name, value) in form_urlencoded::parse(text.trim().as_bytes()) {
        walker.enter(&name);
        walker.text(value);
        walker.leave();
    }
}

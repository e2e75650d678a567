//! `pingpost schema`.

use super::Done;
use crate::screen::print_json;

pub fn schema() -> Done {
    print_json(&wire::market::schema());
    Ok(())
}

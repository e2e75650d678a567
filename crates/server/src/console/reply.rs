//! What a handler answers with.

use std::fmt;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{cookie, failed::Failed, headers};
use crate::background::give_way;

/// What handlers give.
pub type Reply = Result<Response, Failed>;

pub fn page(view: &impl Template) -> Reply {
    with_status(StatusCode::OK, view)
}

/// A form that has mistakes is shown again, with 422.
pub fn with_status<T: Template>(status: StatusCode, view: &T) -> Reply {
    let mut page = Page { html: String::with_capacity(T::SIZE_HINT), gave_way_at: 0 };
    match view.render_into(&mut page) {
        Ok(()) => Ok((status, headers::of_page(), page.html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page of the console could not be written");
            Err(Failed::Unavailable)
        }
    }
}

/// A page as it is written, which gives way to auctions as all work on pages does.
struct Page {
    html: String,
    gave_way_at: usize,
}

/// In bytes, between two looks at whether it is time.
const SOME: usize = 256;

impl fmt::Write for Page {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.html.push_str(text);
        if self.html.len() >= self.gave_way_at + SOME {
            give_way();
            self.gave_way_at = self.html.len();
        }
        Ok(())
    }
}

/// After a change: to the page that shows it, with a sentence about it. The sentence has nothing personal.
pub fn done(path: &str, notice: &str) -> Reply {
    let mut response = go_to(path)?;
    response.headers_mut().extend(cookie::set_notice(notice).map(|set| (header::SET_COOKIE, set)));
    Ok(response)
}

pub fn go_to(path: &str) -> Reply {
    let location = HeaderValue::from_str(path).map_err(|_| Failed::not_found("There is no such page."))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

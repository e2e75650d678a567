//! What a handler answers with.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{cookie, failed::Failed, headers};

/// What handlers give.
pub type Reply = Result<Response, Failed>;

pub fn page(view: &impl Template) -> Reply {
    with_status(StatusCode::OK, view)
}

/// A form that has mistakes is shown again, with 422.
pub fn with_status(status: StatusCode, view: &impl Template) -> Reply {
    match view.render() {
        Ok(html) => Ok((status, headers::of_page(), html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page of the console could not be written");
            Err(Failed::Unavailable)
        }
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

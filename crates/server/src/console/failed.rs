//! Why there is no page, told as one.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use exchange::command::StoreUnknown;

use super::headers;
use crate::readers::ReadFailed;

#[derive(Debug)]
pub enum Failed {
    /// Nobody has signed in, or not any more.
    SignedOut,
    /// The person's role doesn't open this page.
    NotAllowed,
    /// The form is of another session, or of another site.
    CrossSite,
    NotFound(String),
    /// What stands against it, in a sentence.
    Refused(String),
    TooMany,
    TooLarge,
    /// The store can't be read or written now.
    Unavailable,
}

impl Failed {
    pub fn not_found(what: &str) -> Self {
        Self::NotFound(what.to_owned())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What is wrong, and what to do.
    fn says(&self) -> (&'static str, String) {
        match self {
            Self::SignedOut => ("You are signed out", "Sign in and try again.".into()),
            Self::NotAllowed => ("Not for your role", "Your role doesn't open this page. An owner can change that.".into()),
            Self::CrossSite => ("This form is out of date", "It was not sent from a page of your session. Open the page again and repeat what you did.".into()),
            Self::NotFound(what) => ("Not found", what.clone()),
            Self::Refused(why) => ("That can't be done", why.clone()),
            Self::TooLarge => ("Too large", "The form has more than it may have.".into()),
            Self::TooMany => ("Too many tries", "Wait a few minutes, then try again.".into()),
            Self::Unavailable => ("The store doesn't answer", "Nothing was changed that the page didn't say. Try again in a moment.".into()),
        }
    }

    pub fn respond<B>(self) -> axum::http::Response<B>
    where
        B: From<String>,
    {
        let (title, text) = self.says();
        let html = FailedPage { title, text: &text }.render().unwrap_or_else(|_| title.to_owned());
        let mut response = axum::http::Response::new(B::from(html));
        *response.status_mut() = self.status();
        response.headers_mut().extend(headers::of_page());
        response
    }
}

#[derive(Template)]
#[template(path = "console/failed.html")]
struct FailedPage<'a> {
    title: &'a str,
    text: &'a str,
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut => Redirect::to("/console/sign-in").into_response(),
            failed => failed.respond(),
        }
    }
}

impl From<ReadFailed> for Failed {
    fn from(error: ReadFailed) -> Self {
        tracing::error!(%error, "a page of the console could not be read");
        Self::Unavailable
    }
}

impl From<StoreUnknown> for Failed {
    fn from(error: StoreUnknown) -> Self {
        tracing::error!(%error, "a change from the console could not be stored");
        Self::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_a_page_that_says_what_to_do() {
        let all = [
            Failed::NotAllowed,
            Failed::CrossSite,
            Failed::not_found("There is no such lead."),
            Failed::Refused("It is <decided> already.".into()),
            Failed::TooLarge,
            Failed::TooMany,
            Failed::Unavailable,
        ];
        let told: String = all
            .into_iter()
            .map(|failed| {
                let response: axum::http::Response<String> = failed.respond();
                format!("{}\n{}\n", response.status(), response.body())
            })
            .collect();
        insta::assert_snapshot!(told);
    }
}

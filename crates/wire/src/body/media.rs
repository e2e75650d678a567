//! Which format a body says it has.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    Json,
    Form,
    Xml,
}

impl MediaType {
    /// None without a type, for a type that no reader knows, and for a character set other than UTF-8.
    #[must_use]
    pub fn of(content_type: Option<&str>) -> Option<Self> {
        let mut parts = content_type?.split(';').map(str::trim);
        let essence = parts.next()?.to_ascii_lowercase();
        if parts.any(|parameter| !is_utf8(parameter)) {
            return None;
        }
        match essence.as_str() {
            "application/json" | "text/json" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Form),
            "application/xml" | "text/xml" => Some(Self::Xml),
            _ if essence.starts_with("application/") && essence.ends_with("+json") => Some(Self::Json),
            _ if essence.starts_with("application/") && essence.ends_with("+xml") => Some(Self::Xml),
            _ => None,
        }
    }
}

/// Whether a parameter leaves the text in UTF-8. ASCII is UTF-8 too; parameters other than `charset` say nothing of it.
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    let value = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset") || ["utf-8", "utf8", "us-ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
}

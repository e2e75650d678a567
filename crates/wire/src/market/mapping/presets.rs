//! Mappings that are known already: data, one file each, under what the buyer's own file says.

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        pub(in crate::market) const PRESETS: &[(&str, &str)] = &[$(($name, include_str!(concat!("presets/", $name, ".toml")))),*];
    };
}

presets! {
    "adg",
    "astoria",
    "astoria-xml",
    "boberdoo",
    "clickdealer",
    "insurance-agents",
    "jangl",
    "lead-prosper",
    "leadexec",
    "leadspedia",
    "plain-text",
    "promise",
    "px",
    "quinstreet",
    "status-matched",
    "token",
}

pub(in crate::market) fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

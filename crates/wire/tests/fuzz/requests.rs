//! What buyers and operators ask: outcomes, returns, rulings, pages.

use exchange::{
    call::PostReply,
    id::SaleId,
    lead::FieldError,
    raw::{RawFields, RawValue},
};
use fuzz::{Seen, seen};
use wire::{
    body,
    request::{MOST_ON_PAGE, read_decision, read_outcome, read_page, read_resolution, read_return},
};

pub const WORDS: &[&str] = &[
    "\"status\": ",
    "\"accepted\"",
    "\"rejected\"",
    "\"reason\": ",
    "\"note\": ",
    "\"redirect_url\": ",
    "\"https://b.example/x\"",
    "\"lead_ref\": ",
    "\"as\": ",
    "\"sold\"",
    "\"void\"",
    "\"decision\": ",
    "\"wrong_person\"",
    "\"other\"",
    "\"accept\"",
    "\"refuse\"",
    "before=",
    "limit=",
    "&",
    "200",
    "201",
    "sale_01kz5h2v7qe0gr3m5w8x9y2c4d",
    "%",
    "+",
    "\\n",
    "\\u001b",
    "\\u202e",
    "javascript:",
];

fn hold_errors(errors: &[FieldError], raw: &RawFields) {
    assert!(!errors.is_empty(), "refused for nothing");
    for (error, (_, value)) in errors.iter().flat_map(|error| raw.iter().map(move |field| (error, field))) {
        if let RawValue::Text(text) = value
            // The words that a field may say are ours.
            && text.trim().chars().any(|character| !character.is_ascii_lowercase() && !"_, ".contains(character))
        {
            assert!(text.trim().len() < 8 || !error.message.contains(text.trim()), "an error repeats a value");
        }
    }
}

fn is_clean(text: &str, most: usize, lines: bool) {
    assert!((1..=most).contains(&text.chars().count()) && text == text.trim());
    assert!(!text.chars().any(|character| character.is_control() && !(lines && character == '\n')), "a control character");
}

fn fields(pairs: &[(&str, Option<&String>)]) -> RawFields {
    pairs.iter().filter_map(|(name, text)| Some(((*name).to_owned(), RawValue::of_text((*text)?.as_str())))).collect()
}

pub fn request(bytes: &[u8]) -> Seen {
    let Ok(body) = body::read(Some("application/json"), bytes) else { return 0 };
    let raw = body.fields;
    let outcome = read_outcome(&raw);
    let told = match &outcome {
        Ok(PostReply::Accepted { redirect_url, lead_reference }) => {
            lead_reference.iter().for_each(|text| is_clean(text, 256, false));
            redirect_url.iter().for_each(|text| is_clean(text, 2048, false));
            let again = fields(&[("status", Some(&"accepted".into())), ("redirect_url", redirect_url.as_ref()), ("lead_ref", lead_reference.as_ref())]);
            assert_eq!(read_outcome(&again), outcome);
            seen((redirect_url.is_some(), lead_reference.is_some()))
        }
        Ok(PostReply::Rejected { reason }) => {
            reason.iter().for_each(|text| is_clean(text, 200, false));
            assert_eq!(read_outcome(&fields(&[("status", Some(&"rejected".into())), ("reason", reason.as_ref())])), outcome);
            seen(reason.is_some())
        }
        Ok(other) => panic!("{other:?} is no report"),
        Err(errors) => {
            hold_errors(errors, &raw);
            seen(errors)
        }
    };
    let returned = read_return(&raw);
    match &returned {
        Ok(text) => {
            text.note.iter().for_each(|note| is_clean(note, 1000, true));
            let again = fields(&[("reason", Some(&text.reason.word().to_owned())), ("note", text.note.as_deref())]);
            assert_eq!(read_return(&again).as_ref(), Ok(text));
            assert!(text.note.as_ref().is_none_or(|note| note.len() < 16 || !format!("{text:?}").contains(note.as_str())), "a note prints itself");
        }
        Err(errors) => hold_errors(errors, &raw),
    }
    let (resolution, decision) = (read_resolution(&raw), read_decision(&raw));
    resolution.iter().for_each(|_| assert!(raw.iter().any(|(name, _)| name == "as")));
    seen((told, returned.map(|text| text.note.is_some()).map_err(seen), resolution.map_err(seen), decision.map_err(seen)))
}

pub fn query(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let page = read_page::<SaleId>(Some(&text));
    match &page {
        Ok(page) => {
            assert!((1..=MOST_ON_PAGE).contains(&page.limit));
            let before = page.before.map(|id| format!("before={id}&")).unwrap_or_default();
            assert_eq!(read_page::<SaleId>(Some(&format!("{before}limit={}", page.limit))).as_ref(), Ok(page));
        }
        Err(errors) => assert!(!errors.is_empty()),
    }
    seen(page.map(|page| (page.before.is_some(), page.limit == 50)))
}

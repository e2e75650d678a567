//! Every reader of outside bytes, held to what must be true of any bytes.
//!
//! The files of `tests/corpus/TARGET/` are where the search starts; what was found failing is among them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails")]

mod bodies;
mod filters;
mod keys;
mod leads;
mod mapped;
mod market_files;
mod replies;
mod requests;
mod webhooks;
mod world;

/// One test of each target, and one that takes longer.
macro_rules! targets {
    ($($name:ident = $run:path, $words:path;)*) => {$(
        mod $name {
            const TARGET: fuzz::Target = fuzz::Target {
                name: stringify!($name),
                corpus: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"),
                words: $words,
                run: $run,
            };

            #[test]
            fn holds() {
                fuzz::hold(&TARGET);
            }

            #[test]
            #[ignore = "takes minutes: a part of ./test --long"]
            fn holds_for_long() {
                fuzz::hold_for_long(&TARGET);
            }
        }
    )*};
}

targets! {
    json_body = crate::bodies::json, crate::bodies::JSON_WORDS;
    form_body = crate::bodies::form, crate::bodies::FORM_WORDS;
    xml_body = crate::bodies::xml, crate::bodies::XML_WORDS;
    media_headers = crate::bodies::headers, crate::bodies::HEADER_WORDS;
    bid_reply = crate::replies::bid, crate::replies::WORDS;
    post_reply = crate::replies::post, crate::replies::WORDS;
    mapped_reply = crate::mapped::reply, crate::mapped::WORDS;
    mapping_file = crate::mapped::file, crate::mapped::FILE_WORDS;
    confirm_reply = crate::replies::confirm, crate::replies::WORDS;
    status_reply = crate::replies::status, crate::replies::WORDS;
    echoed_contact = crate::replies::echoed, crate::replies::ECHO_WORDS;
    market_file = crate::market_files::files, crate::market_files::WORDS;
    market_address = crate::market_files::address, crate::market_files::ADDRESS_WORDS;
    filter = crate::filters::filter, crate::filters::WORDS;
    lead_fields = crate::leads::fields, crate::leads::WORDS;
    person = crate::leads::person_text, crate::leads::WORDS;
    money = crate::leads::money, crate::leads::MONEY_WORDS;
    key_header = crate::keys::header, crate::keys::WORDS;
    typed_id = crate::keys::id, crate::keys::WORDS;
    webhook = crate::webhooks::webhook, crate::webhooks::WORDS;
    webhook_secret = crate::webhooks::secret, crate::webhooks::WORDS;
    partner_request = crate::requests::request, crate::requests::WORDS;
    page_query = crate::requests::query, crate::requests::WORDS;
}

/// No corpus without a target: a file that nothing runs proves nothing.
#[test]
fn every_corpus_has_its_target() {
    let source = include_str!("main.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(source.contains(&format!("    {name} = ")), "{name} has files and no target");
    }
}

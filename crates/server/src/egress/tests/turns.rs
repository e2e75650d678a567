//! Whatever comes over a connection, and in what pieces: each asker has the answer of its turn, or none.

use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;
use crate::{
    clock,
    egress::turns::{Lost, Turn, Turns},
};

type Given = Result<Answered, Lost>;

/// So many ask at once, and these bytes are all that comes back. What each was given; none where it still waits. Whether the
/// connection can go on.
fn read(askers: usize, bytes: &[u8], mut pieces: impl Iterator<Item = usize>) -> (Vec<Option<Given>>, bool) {
    let (now, mut turns) = (clock::instant(), Turns::default());
    let asked: Vec<_> = (0..askers).map(|_| oneshot::channel()).collect();
    let (askers, mut answers): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    turns.extend(askers.into_iter().map(|asker| Turn::new(asker, now + Duration::from_secs(1), false, 0)));
    let (mut rest, mut goes_on) = (bytes, true);
    while goes_on && !rest.is_empty() {
        let (piece, behind) = rest.split_at(pieces.next().unwrap_or(usize::MAX).clamp(1, rest.len()));
        goes_on = turns.read(piece, 0, now).is_ok();
        rest = behind;
    }
    (answers.iter_mut().map(|answer| answer.try_recv().ok()).collect(), goes_on)
}

#[derive(Clone, Debug)]
enum Body {
    Length,
    /// In chunks of so many bytes.
    Chunks(usize),
}

fn any_reply() -> impl Strategy<Value = (u16, String, Body, bool)> {
    let status = prop_oneof![4 => Just(200_u16), 1 => Just(204), 1 => Just(422), 1 => Just(503)];
    let body = prop_oneof![Just(Body::Length), (1_usize..20).prop_map(Body::Chunks)];
    (status, "[ -~\r\n]{0,60}", body, any::<bool>())
}

fn written((status, text, body, has_interim): &(u16, String, Body, bool)) -> String {
    let interim = if *has_interim { "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" } else { "" };
    if *status == 204 {
        return format!("{interim}HTTP/1.1 204 No Content\r\n\r\n");
    }
    match body {
        Body::Length => format!("{interim}HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{text}", text.len()),
        Body::Chunks(size) => {
            let chunks: String = text.as_bytes().chunks(*size).map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk))).collect();
            format!("{interim}HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
        }
    }
}

proptest! {
    #[test]
    fn however_answers_are_cut_each_asker_has_its_own(
        replies in proptest::collection::vec(any_reply(), 1..8), pieces in proptest::collection::vec(1_usize..90, 0..40), more in 0_usize..3
    ) {
        let bytes: String = replies.iter().map(written).collect();
        let (given, goes_on) = read(replies.len() + more, bytes.as_bytes(), pieces.into_iter());
        prop_assert!(goes_on);
        for ((status, text, ..), given) in replies.iter().zip(&given) {
            let body = if *status == 204 { Vec::new() } else { text.clone().into_bytes() };
            prop_assert_eq!(given, &Some(Ok(Answered { status: *status, headers: Vec::new(), body })));
        }
        prop_assert!(given[replies.len()..].iter().all(Option::is_none), "what nobody answered yet is waited for");
    }
}

/// It answers something else: the connection is of no use any more, and who waits may be asked elsewhere.
#[test]
fn an_answer_that_came_before_its_request_was_sent_is_nobodys() {
    let (now, mut turns) = (clock::instant(), Turns::default());
    let asked: Vec<_> = (0..2).map(|_| oneshot::channel()).collect();
    let (askers, mut answers): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    turns.extend(askers.into_iter().zip([100, 200]).map(|(asker, end)| Turn::new(asker, now + Duration::from_secs(1), false, end)));
    assert!(turns.read(ok("first").as_bytes(), 199, now).is_ok());
    assert!(turns.read(ok("of whom?").as_bytes(), 199, now).is_err());
    let given: Vec<_> = answers.iter_mut().map(|answer| answer.try_recv().unwrap()).collect();
    assert_eq!(given, [Ok(Answered { status: 200, headers: Vec::new(), body: b"first".to_vec() }), Err(Lost::Unanswered)]);
}

fn any_stream(bytes: &[u8]) -> fuzz::Seen {
    const ASKERS: usize = 3;
    let (whole, goes_on) = read(ASKERS, bytes, std::iter::empty());
    for piece in [1, 7] {
        let (in_pieces, _) = read(ASKERS, bytes, std::iter::repeat(piece));
        for (whole, pieces) in whole.iter().zip(&in_pieces) {
            match (whole, pieces) {
                (Some(Ok(whole)), Some(Ok(pieces))) => assert_eq!(whole, pieces, "in pieces of {piece}"),
                // What is too large may be seen before what is wrong behind it, and a refusal that breaks off is one all the same.
                (whole, pieces) => assert!(!matches!((whole, pieces), (Some(Ok(_)), _) | (_, Some(Ok(_)))), "in pieces of {piece}: {whole:?} and {pieces:?}"),
            }
        }
    }
    // After one that has none, nobody has an answer.
    let answered = whole.iter().take_while(|given| matches!(given, Some(Ok(_)))).count();
    assert!(whole[answered..].iter().all(|given| !matches!(given, Some(Ok(_)))));
    let sorts = whole.iter().map(|given| given.as_ref().map(|given| given.as_ref().map(|answered| answered.status).map_err(Clone::clone)));
    fuzz::seen((sorts.collect::<Vec<_>>(), goes_on))
}

const ANY_STREAM: fuzz::Target = fuzz::Target {
    name: "answers",
    corpus: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"),
    words: &[
        "\r\n",
        "\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.0 ",
        " 500 ",
        "content-length: ",
        "Transfer-Encoding: chunked",
        "connection: close",
        "0\r\n\r\n",
        "65537",
    ],
    run: any_stream,
};

#[test]
fn a_stream_of_answers_is_the_same_in_any_pieces() {
    fuzz::hold(&ANY_STREAM);
}

#[test]
#[ignore = "takes longer: a part of ./test --long"]
fn a_stream_of_answers_is_the_same_in_any_pieces_for_long() {
    fuzz::hold_for_long(&ANY_STREAM);
}

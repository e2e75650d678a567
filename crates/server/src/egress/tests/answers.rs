//! The reader of answers against hyper's: whatever ours takes, hyper takes for the same, and it doesn't matter in what pieces it comes.

use hyper::Request;
use hyper_util::rt::TokioIo;

use super::*;
use crate::egress::{answer::AnswerReader, fault::Fault};

struct Read {
    answered: Answered,
    is_whole: bool,
    is_clean: bool,
}

/// An answer that comes in pieces of so many bytes, and then the connection's end.
fn read(bytes: &[u8], piece: usize) -> Result<Read, Fault> {
    let mut reader = AnswerReader::new(false);
    for part in bytes.chunks(piece) {
        reader.read(part)?;
    }
    let ended = reader.end();
    if !reader.status_says_all() {
        ended?;
    }
    let (is_whole, is_clean) = (reader.is_whole(), reader.is_clean());
    let answered = reader.into_answered().ok_or(Fault::CutOff)?;
    Ok(Read { answered, is_whole, is_clean })
}

fn read_by_hyper(bytes: &[u8]) -> Option<(u16, Option<Vec<u8>>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1024 * 1024);
        let mut builder = hyper::client::conn::http1::Builder::new();
        let (mut sender, connection) = builder.max_buf_size(MAX_HEAD).handshake(TokioIo::new(ours)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::post("/ping").body(http_body_util::Empty::<Bytes>::new()).unwrap();
        let asking = tokio::spawn(sender.send_request(request));
        let mut asked = [0; 256];
        assert!(theirs.read(&mut asked).await.unwrap() > 0);
        theirs.write_all(bytes).await.unwrap();
        theirs.shutdown().await.unwrap();
        let response = asking.await.unwrap().ok()?;
        let status = response.status().as_u16();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.ok();
        Some((status, body.map(|body| body.to_bytes().to_vec())))
    })
}

fn any_answer(bytes: &[u8]) -> fuzz::Seen {
    let whole = read(bytes, usize::MAX);
    for piece in [1, 7] {
        let in_pieces = read(bytes, piece);
        match (&whole, &in_pieces) {
            (Ok(whole), Ok(pieces)) => {
                assert_eq!((&whole.answered.body, whole.answered.status, whole.is_clean), (&pieces.answered.body, pieces.answered.status, pieces.is_clean));
            }
            // What is too large may be seen before what is wrong behind it, and a connection can't break off before its end.
            (whole, pieces) => assert!(whole.is_err() && pieces.is_err(), "in pieces of {piece}: {:?} and {:?}", whole.as_ref().err(), pieces.as_ref().err()),
        }
    }
    let Ok(read) = whole else { return fuzz::seen(whole.err()) };
    assert!(read.answered.body.len() <= MAX_BODY);
    let (status, body) = read_by_hyper(bytes).expect("hyper takes it, too");
    assert_eq!(read.answered.status, status);
    if read.is_whole && status != 101 {
        assert_eq!(Some(&read.answered.body), body.as_ref());
    }
    fuzz::seen((status, read.is_whole, read.is_clean, read.answered.body.is_empty()))
}

const ANY_ANSWER: fuzz::Target = fuzz::Target {
    name: "answer",
    corpus: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"),
    words: &[
        "\r\n",
        "\r\n\r\n",
        "\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n",
        "HTTP/1.0 ",
        " 304 ",
        " 500 ",
        "content-length: ",
        "Transfer-Encoding: ",
        "chunked",
        "gzip",
        "identity",
        "content-encoding: ",
        "connection: close",
        "keep-alive",
        "0\r\n\r\n",
        "ffffffffffffffff",
        "18446744073709551616",
        "65536",
        ", ",
        ";",
    ],
    run: any_answer,
};

#[test]
fn any_answer_is_read_as_hyper_reads_it_or_refused() {
    fuzz::hold(&ANY_ANSWER);
}

#[test]
#[ignore = "takes longer: a part of ./test --long"]
fn any_answer_is_read_as_hyper_reads_it_or_refused_for_long() {
    fuzz::hold_for_long(&ANY_ANSWER);
}

#[test]
fn what_is_well_formed_is_read() {
    for (name, body, is_clean) in [
        ("length", "{\"bid\": \"12.50\"}", true),
        ("chunks", "{\"bid\": \"12.50\"}", true),
        ("interim", "until the end", false),
        ("old", "old", false),
        ("nothing", "", false),
        ("busy", "busy", true),
        ("lengths", "abc", true),
        ("both", "abc", false),
    ] {
        let bytes = std::fs::read(format!("{}/answer/{name}", ANY_ANSWER.corpus)).unwrap();
        let read = read(&bytes, usize::MAX).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert_eq!((String::from_utf8(read.answered.body).unwrap().as_str(), read.is_clean), (body, is_clean), "{name}");
    }
}

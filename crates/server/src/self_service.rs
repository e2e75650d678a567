//! A buyer changes its own contract, as far as the operator leaves that to it: a revision of the market like any other, with the
//! buyer as its author. Asked for in the console and by `POST /v1/contracts/{contract}` alike.

use std::{sync::Arc, time::Duration};

use exchange::{
    command::{Command, Outcome},
    contract::Contract,
    id::{BuyerName, ContractKey, PersonName, Revision},
    lead::{Code, FieldError},
    market::Market,
    self_service::{Change, NotAllowed},
    time::Timestamp,
};
use sha2::{Digest, Sha256};
use store::RevisionRow;
use wire::{
    market::{Bundle, set_changes},
    request::OwnTerms,
};

use crate::{audited::audited, clock, market_bundle, node::Node, problem::Problem};

/// Others may change the market at the same moment: so often it is tried again on what they made.
const TRIES: usize = 5;
/// Each change is a revision, which is kept for good. So many of one buyer in an hour.
const MOST_CHANGES: usize = 20;
const PER: Duration = Duration::from_secs(3600);
/// Revisions that are looked through for them.
const LOOKED_THROUGH: u32 = 1000;
/// The time to wait for one's turn, and then for this node to take up what was changed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A buyer, by its key or by one of its people.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    pub buyer: &'a BuyerName,
    pub person: Option<&'a PersonName>,
}

impl By<'_> {
    /// For the market's history.
    fn author(self) -> String {
        let buyer = of_buyer(self.buyer);
        self.person.map_or_else(|| buyer.clone(), |person| format!("{person} of {buyer}"))
    }

    /// For the audit log.
    fn who(self) -> String {
        self.person.map_or_else(|| of_buyer(self.buyer), ToString::to_string)
    }
}

fn of_buyer(buyer: &BuyerName) -> String {
    format!("buyer {buyer}")
}

fn is_by(author: &str, buyer: &BuyerName) -> bool {
    author.strip_suffix(&of_buyer(buyer)).is_some_and(|person| person.is_empty() || person.ends_with(" of "))
}

/// What tells one state of a contract's own terms from another.
pub fn version(contract: &Contract) -> String {
    let terms = (contract.pricing, contract.paused, contract.paused_by_buyer, &contract.self_service);
    let bytes = postcard::to_stdvec(&terms).unwrap_or_default();
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A contract of this buyer. Another's is answered as one that isn't there.
pub fn own<'m>(market: &'m Market, buyer: &BuyerName, name: &str) -> Result<&'m Contract, Problem> {
    let unknown = || Problem::not_found("no contract of yours has this name");
    let key = format!("{buyer}/{name}").parse::<ContractKey>().map_err(|_| unknown())?;
    market.contract_named(&key).ok_or_else(unknown)
}

/// The newest revision's files, and what they say.
struct InForce {
    files: Bundle,
    market: Arc<Market>,
    recent: Vec<RevisionRow>,
}

/// What was changed; nothing, where all was so already. Once it is there, new leads on this node run under it, and on others within a second.
pub async fn change(node: &Arc<Node>, by: By<'_>, contract: &str, asked: &OwnTerms) -> Result<Vec<Change>, Problem> {
    // The market is read and checked whole for each: one after the other.
    let turn = tokio::time::timeout(PATIENCE, node.self_service.lock()).await;
    let _turn = turn.map_err(|_| Problem::unavailable("others change the market at this moment"))?;
    for _ in 0..TRIES {
        let InForce { mut files, market, recent } = in_force(node).await?;
        let own = own(&market, by.buyer, contract)?;
        if asked.version.as_ref().is_some_and(|version| *version != self::version(own)) {
            return Err(Problem::terms_changed());
        }
        let changes = own.wished(&asked.wish).map_err(|why| refused(&why))?;
        if changes.is_empty() {
            return Ok(changes);
        }
        let now = clock::now();
        if let Some(wait) = has_to_wait(&recent, by.buyer, now) {
            return Err(Problem::too_many_requests(wait));
        }
        set_changes(&mut files, &own.key, &changes, market.currency()).map_err(|error| unfit(&error))?;
        let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
        let note = market_bundle::note(&format!("{}: {}", own.key, told.join(", ")));
        let checked = Bundle::clone(&files);
        let read = node.background.spawn_blocking(move || wire::market::read(&checked)).await.map_err(|_| Problem::internal())?;
        let (parts, _) = read.map_err(|problems| unfit(&problems.first().map(ToString::to_string).unwrap_or_default()))?;
        let application = market_bundle::application(&files, parts, Some(market.revision()), by.author(), note);
        match node.writer.apply(audited(&by.who(), Command::Operate(application))).await.map_err(|error| Problem::not_stored(&error))? {
            Outcome::Applied(revision) | Outcome::Stays(revision) => {
                taken_up(node, revision).await;
                return Ok(changes);
            }
            Outcome::StaleBase { .. } => {}
            other => {
                tracing::error!(?other, "the store answered a buyer's change otherwise");
                return Err(Problem::internal());
            }
        }
    }
    Err(Problem::unavailable("others change the market at this moment"))
}

async fn in_force(node: &Node) -> Result<InForce, Problem> {
    let read = node.page_readers.read(|reader| {
        let Some(revision) = reader.newest_revision()? else { return Ok(None) };
        Ok(Some((revision, reader.bundle(revision)?, reader.recent_revisions(LOOKED_THROUGH)?)))
    });
    let missing = || Problem::unavailable("no market has been applied yet");
    let (revision, bytes, recent) = read.await.map_err(Problem::store)?.ok_or_else(missing)?;
    let files = bytes.and_then(|bytes| market_bundle::from_bytes(&bytes)).ok_or_else(|| Problem::unavailable("the market can't be read"))?;
    let market = node.market_of(revision).await.map_err(Problem::market)?;
    Ok(InForce { files, market, recent })
}

/// How long, where the buyer has made all its changes of this hour.
fn has_to_wait(recent: &[RevisionRow], buyer: &BuyerName, now: Timestamp) -> Option<Duration> {
    let from = now.minus(PER);
    let own = recent.iter().filter(|row| row.applied_at > from && is_by(&row.author, buyer));
    // The newest come first: once that one is an hour old, there is room again.
    own.map(|row| row.applied_at.since(from)).nth(MOST_CHANGES - 1)
}

fn refused(all: &[NotAllowed]) -> Problem {
    let error = |why: &NotAllowed| {
        let (field, code) = match why {
            NotAllowed::Pause => ("paused", Code::Invalid),
            NotAllowed::Price(key) => (key.word(), Code::Invalid),
            NotAllowed::OutOfRange { key, .. } => (key.word(), Code::OutOfRange),
        };
        FieldError { field: field.into(), code, message: why.to_string() }
    };
    Problem::fields(&all.iter().map(error).collect::<Vec<_>>())
}

/// The files in force can't take the change: they say it in another way, or don't pass this release's check as they are.
fn unfit(why: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%why, "a buyer's change does not fit the market's files");
    Problem::unavailable("the market's files don't take this change: ask the operator")
}

/// The node that answers obeys already.
async fn taken_up(node: &Node, revision: Revision) {
    let mut newest = node.taken_up();
    node.look_for_market();
    let waited = tokio::time::timeout(PATIENCE, newest.wait_for(|newest| *newest >= revision)).await;
    if !matches!(waited, Ok(Ok(_))) {
        tracing::warn!(%revision, "a buyer's change is stored, and this node hasn't taken it up yet");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(revision: u64, author: &str, second: i64) -> RevisionRow {
        RevisionRow {
            revision: Revision(revision),
            applied_at: Timestamp::from_micros(second * 1_000_000),
            bytes: 1,
            author: author.into(),
            note: String::new(),
        }
    }

    #[test]
    fn a_buyers_own_revisions_are_counted_and_no_others() {
        let (buyer, other) = ("acme".parse().unwrap(), "me".parse().unwrap());
        for (author, own) in [("buyer acme", true), ("bea of buyer acme", true), ("acme", false), ("bea of buyer big-acme", false), ("xbuyer acme", false)] {
            assert_eq!(is_by(author, &buyer), own, "{author}");
        }
        assert!(!is_by("buyer acme", &other));
        let recent: Vec<RevisionRow> =
            (0..30).map(|place| row(100 - place, if place % 2 == 0 { "buyer acme" } else { "ann" }, 10_000 - 100 * place as i64)).collect();
        let now = Timestamp::from_micros(10_000 * 1_000_000);
        assert_eq!(has_to_wait(&recent, &buyer, now), None, "fifteen");
        let many: Vec<RevisionRow> = (0..30).map(|place| row(100 - place, "bea of buyer acme", 10_000 - 100 * place as i64)).collect();
        assert_eq!(has_to_wait(&many, &buyer, now), Some(Duration::from_secs(3600 - 1900)));
        assert_eq!(has_to_wait(&many, &other, now), None);
    }
}

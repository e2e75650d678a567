//! What an operator rules over HTTP, in the console or on the command line: what waits, what stands against it, and the command that it is.

use exchange::{
    command::{Command, Operation},
    contract::UnknownEnd,
    flow::reconcile::give_up,
    id::SaleId,
};
use store::{ReadError, Reader, ReturnRow, ReturnStatus, SaleRow, SaleStatus};

/// The name under which a buyer's note on a return is sealed.
pub const NOTE: &str = "note";

/// What becomes of a ruling.
pub enum Ruling {
    /// To be applied.
    Do(Box<Command>),
    /// It is as ruled already.
    Stands,
    /// It is otherwise, or not yet to be ruled on: why.
    Against(Standing),
}

/// Why a ruling can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Standing {
    #[error("its post is still under way: rule once it is unknown")]
    UnderWay,
    #[error("it is {} already", .0.word())]
    Ended(SaleStatus),
    #[error("its return is {} already", .0.word())]
    Decided(ReturnStatus),
}

/// Returns that wait to be decided, and their sales: those that have waited longest first.
pub fn open_returns(reader: &mut dyn Reader, most: u32) -> Result<Vec<(SaleRow, ReturnRow)>, ReadError> {
    let open = reader.open_returns(most)?;
    let with_sale = open.into_iter().map(|asked| Ok(reader.sale(asked.sale)?.map(|sale| (sale, asked))));
    with_sale.filter_map(Result::transpose).collect()
}

/// A sale, and what its buyer has asked of it since.
pub fn sale_and_return(reader: &mut dyn Reader, sale: SaleId) -> Result<Option<(SaleRow, Option<ReturnRow>)>, ReadError> {
    let Some(row) = reader.sale(sale)? else { return Ok(None) };
    let asked = reader.returns_of(row.lead)?.into_iter().find(|asked| asked.sale == sale);
    Ok(Some((row, asked)))
}

/// A sale that nobody could settle is taken for sold or void.
pub fn resolve(sale: &SaleRow, end: UnknownEnd, operator: &str) -> Ruling {
    match (sale.status, end) {
        (SaleStatus::Unknown, end) => Ruling::Do(Box::new(give_up(sale.sale, end, &format!("resolved by {operator}")))),
        (SaleStatus::Sold | SaleStatus::Returned, UnknownEnd::Sold) | (SaleStatus::Void, UnknownEnd::Void) => Ruling::Stands,
        (SaleStatus::Reserved | SaleStatus::Posted, _) => Ruling::Against(Standing::UnderWay),
        (ended, _) => Ruling::Against(Standing::Ended(ended)),
    }
}

/// A return that a buyer has asked for is accepted or refused.
pub fn decide(requested: &ReturnRow, accept: bool) -> Ruling {
    let decided = if accept { ReturnStatus::Accepted } else { ReturnStatus::Refused };
    match requested.status {
        ReturnStatus::Requested => Ruling::Do(Box::new(Command::Operate(Operation::DecideReturn { sale: requested.sale, accept }))),
        status if status == decided => Ruling::Stands,
        status => Ruling::Against(Standing::Decided(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(status: ReturnStatus) -> ReturnRow {
        ReturnRow { sale: SaleId::from_bytes([1; 16]), status, reason: "other".into(), note: None, requested_at: Default::default(), decided_at: None }
    }

    #[test]
    fn a_return_is_decided_once_and_the_same_again_stands() {
        assert!(matches!(decide(&requested(ReturnStatus::Requested), true), Ruling::Do(_)));
        assert!(matches!(decide(&requested(ReturnStatus::Accepted), true), Ruling::Stands));
        assert!(matches!(decide(&requested(ReturnStatus::Refused), false), Ruling::Stands));
        for (status, accept) in [(ReturnStatus::Accepted, false), (ReturnStatus::Refused, true)] {
            assert!(matches!(decide(&requested(status), accept), Ruling::Against(Standing::Decided(known)) if known == status));
        }
    }
}

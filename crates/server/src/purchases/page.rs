//! A buyer's sales, page by page: newest first, none left out and none twice, whatever is sold in between.

use exchange::id::{BuyerName, SaleId};
use store::{ReadError, Reader, ReturnRow, SaleRow, SaleStatus};
use wire::request::Page;

/// A sale and what became of its return.
pub struct Listed {
    pub sale: SaleRow,
    pub returned: Option<ReturnRow>,
}

pub struct Sales {
    pub listed: Vec<Listed>,
    /// The last sale, where older ones follow: what the next page comes after.
    pub next: Option<SaleId>,
}

/// None where the page is to come after a sale that isn't this buyer's.
pub fn read(reader: &mut dyn Reader, buyer: &BuyerName, page: Page<SaleId>) -> Result<Option<Sales>, ReadError> {
    let before = match page.before {
        None => None,
        Some(sale) => match reader.sale(sale)?.filter(|row| row.buyer == *buyer) {
            Some(row) => Some(row.reserved_at),
            None => return Ok(None),
        },
    };
    let mut most = page.limit;
    let (rows, more) = loop {
        let mut rows = reader.sales_of_buyer(buyer, before, most + 1)?;
        let is_last = rows.len() <= most as usize;
        // Sales of one instant stay on one page, so that the next one starts at an earlier instant.
        let wanted = rows.get(page.limit as usize - 1).map(|row| row.reserved_at);
        match rows.iter().position(|row| wanted.is_some_and(|wanted| row.reserved_at < wanted)) {
            Some(end) => {
                rows.truncate(end);
                break (rows, true);
            }
            None if is_last => break (rows, false),
            None => most *= 2,
        }
    };
    let next = rows.last().map(|row| row.sale).filter(|_| more);
    let listed = rows.into_iter().map(|sale| self::listed(reader, sale)).collect::<Result<_, ReadError>>()?;
    Ok(Some(Sales { listed, next }))
}

pub fn listed(reader: &mut dyn Reader, sale: SaleRow) -> Result<Listed, ReadError> {
    Ok(Listed { returned: returned(reader, &sale)?, sale })
}

fn returned(reader: &mut dyn Reader, sale: &SaleRow) -> Result<Option<ReturnRow>, ReadError> {
    if !matches!(sale.status, SaleStatus::Sold | SaleStatus::Returned) {
        return Ok(None);
    }
    Ok(reader.returns_of(sale.lead)?.into_iter().find(|row| row.sale == sale.sale))
}

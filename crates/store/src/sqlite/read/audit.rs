//! The audit: everything that the engine keeps up is counted again from what it was kept up from.

use exchange::{
    cap::{Usage, Window},
    id::ContractKey,
};
use rusqlite::Connection;

use super::super::{
    column::Columns,
    failure::Result,
    query::Query,
    usage::{self, Filled},
};

/// Each finds rows that break an invariant, and names them.
const CHECKS: [(&str, &str); 9] = [
    ("a transfer's entries don't sum to zero", "SELECT transfer FROM entries GROUP BY transfer HAVING sum(amount) <> 0"),
    (
        "a balance isn't the sum of its entries",
        "SELECT account FROM (SELECT account, amount FROM balances UNION ALL SELECT account, -amount FROM entries) GROUP BY account HAVING sum(amount) <> 0",
    ),
    (
        "what is held isn't what open sales and firm quotes hold",
        "SELECT buyer FROM (SELECT buyer, held FROM credit_holds UNION ALL SELECT buyer, -price FROM quote_holds
         UNION ALL SELECT buyer, -price FROM sales WHERE test = 0 AND status IN ('reserved', 'posted', 'unknown')) GROUP BY buyer HAVING sum(held) <> 0",
    ),
    (
        "what firm quotes hold isn't what is kept of it",
        "SELECT buyer FROM (SELECT buyer, firm FROM credit_holds UNION ALL SELECT buyer, -price FROM quote_holds) GROUP BY buyer HAVING sum(firm) <> 0",
    ),
    (
        "a sold sale isn't booked, or a booked one isn't sold",
        "SELECT hex(sales.id) FROM sales LEFT JOIN transfers ON transfers.sale = sales.id AND transfers.cause = 'sale'
         WHERE (transfers.id IS NOT NULL) <> (status IN ('sold', 'returned') AND test = 0)",
    ),
    (
        "a sale's charge isn't its price",
        "SELECT hex(sales.id) FROM transfers JOIN sales ON sales.id = transfers.sale LEFT JOIN entries
         ON entries.transfer = transfers.id AND entries.account = 'buyer:' || sales.buyer
         WHERE transfers.cause = 'sale' AND coalesce(entries.amount, 0) <> -sales.price",
    ),
    ("a post started without a disclosure", "SELECT hex(id) FROM sales WHERE post_started_at IS NOT NULL AND id NOT IN (SELECT sale FROM disclosures)"),
    (
        "a lead's net isn't the sum of its sales",
        "SELECT hex(leads.id) FROM leads LEFT JOIN sales ON sales.lead = leads.id AND sales.status IN ('sold', 'returned')
         GROUP BY leads.id, leads.net HAVING leads.net <> coalesce(sum(sales.net), 0)",
    ),
    (
        "a lead has both an exclusive sale and another",
        "SELECT hex(lead) FROM sales WHERE status <> 'void' GROUP BY lead HAVING count(*) > 1 AND max(kind = 'exclusive')",
    ),
];

pub(in crate::sqlite) fn audit(db: &Connection) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (what, sql) in CHECKS {
        let found = db.all(sql, [], |row| row.get::<_, rusqlite::types::Value>(0))?;
        broken.extend(found.into_iter().map(|row| format!("{what}: {row:?}")));
    }
    broken.extend(wrong_windows(db)?);
    Ok(broken)
}

fn wrong_windows(db: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT contract, window_start, window_end, count, spend, firm_count, firm_spend, period FROM cap_usage";
    let windows = db.all(sql, [], |row| {
        let window = Window { start: row.value(1)?, end: row.value(2)? };
        let filled = Filled { all: Usage { count: row.value(3)?, spend: row.value(4)? }, firm: Usage { count: row.value(5)?, spend: row.value(6)? } };
        Ok((row.value::<ContractKey>(0)?, window, filled, row.get::<_, String>(7)?))
    })?;
    let mut wrong = Vec::new();
    for (contract, window, filled, period) in windows {
        if usage::counted(db, &contract, &window)? != filled {
            wrong.push(format!("a cap's window isn't what was counted in it: {contract} per {period} from {}", window.start));
        }
    }
    Ok(wrong)
}

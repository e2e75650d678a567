//! The audit: everything that the engine keeps up is counted again from what it was kept up from.

use exchange::{
    cap::{Usage, Window},
    id::ContractKey,
};

use super::super::{
    db::{Db, Value, params},
    failure::Result,
    usage::{self, Filled},
};

/// Each finds rows that break an invariant, and names them.
const CHECKS: [(&str, &str); 10] = [
    ("a transfer's entries don't sum to zero", "SELECT transfer FROM entries GROUP BY cause, transfer HAVING sum(amount) <> 0"),
    (
        "a balance isn't the sum of its entries",
        "SELECT account FROM (SELECT account, amount FROM balances UNION ALL SELECT account, -amount FROM entries) AS entered GROUP BY account HAVING sum(amount) <> 0",
    ),
    (
        "what is held isn't what open sales and firm quotes hold",
        "SELECT buyer FROM (SELECT buyer, held FROM credit_holds UNION ALL SELECT buyer, -price FROM quote_holds
         UNION ALL SELECT buyer, -price FROM sales WHERE NOT test AND status IN ('reserved', 'posted', 'unknown')) AS held GROUP BY buyer HAVING sum(held) <> 0",
    ),
    (
        "what firm quotes hold isn't what is kept of it",
        "SELECT buyer FROM (SELECT buyer, firm FROM credit_holds UNION ALL SELECT buyer, -price FROM quote_holds) AS held GROUP BY buyer HAVING sum(firm) <> 0",
    ),
    (
        "a sold sale isn't booked, or a booked one isn't sold",
        "SELECT sales.id FROM sales LEFT JOIN transfers ON transfers.id = sales.id AND transfers.cause = 'sale'
         WHERE (transfers.id IS NOT NULL) <> (sales.status IN ('sold', 'returned') AND NOT sales.test)",
    ),
    (
        "a sale's charge isn't its price",
        "SELECT sales.id FROM transfers JOIN sales ON sales.id = transfers.id LEFT JOIN entries
         ON entries.cause = 'sale' AND entries.transfer = transfers.id AND entries.account = 'buyer:' || sales.buyer
         WHERE transfers.cause = 'sale' AND coalesce(entries.amount, 0) <> -sales.price",
    ),
    (
        "a returned sale isn't reversed, or one that isn't returned is",
        "SELECT sales.id FROM sales LEFT JOIN transfers ON transfers.id = sales.id AND transfers.cause = 'return'
         WHERE (transfers.id IS NOT NULL) <> (sales.status = 'returned' AND NOT sales.test)",
    ),
    ("a post started without a disclosure", "SELECT id FROM sales WHERE post_started_at IS NOT NULL AND id NOT IN (SELECT sale FROM disclosures)"),
    (
        "a lead's net isn't the sum of its sales",
        "SELECT leads.id FROM leads LEFT JOIN sales ON sales.lead = leads.id AND sales.status = 'sold'
         GROUP BY leads.id, leads.net HAVING leads.net <> coalesce(sum(sales.net), 0)",
    ),
    (
        "a lead has both an exclusive sale and another",
        "SELECT lead FROM sales WHERE status <> 'void' GROUP BY lead HAVING count(*) > 1 AND count(CASE WHEN kind = 'exclusive' THEN 1 END) > 0",
    ),
];

pub(crate) fn audit(db: &dyn Db) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (what, sql) in CHECKS {
        let found = db.all(sql, params![], |row| row.value::<Value>(0))?;
        broken.extend(found.into_iter().map(|row| format!("{what}: {}", named(&row))));
    }
    broken.extend(wrong_windows(db)?);
    Ok(broken)
}

/// The name of a row: an id's bytes, or text.
fn named(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        other => format!("{other:?}"),
    }
}

fn wrong_windows(db: &dyn Db) -> Result<Vec<String>> {
    let sql = "SELECT contract, window_start, window_end, count, spend, firm_count, firm_spend, period FROM cap_usage";
    let windows = db.all(sql, params![], |row| {
        let window = Window { start: row.value(1)?, end: row.value(2)? };
        let filled = Filled { all: Usage { count: row.value(3)?, spend: row.value(4)? }, firm: Usage { count: row.value(5)?, spend: row.value(6)? } };
        Ok((row.value::<ContractKey>(0)?, window, filled, row.value::<String>(7)?))
    })?;
    let mut wrong = Vec::new();
    for (contract, window, filled, period) in windows {
        if usage::counted(db, &contract, &window)? != filled {
            wrong.push(format!("a cap's window isn't what was counted in it: {contract} per {period} from {}", window.start));
        }
    }
    Ok(wrong)
}

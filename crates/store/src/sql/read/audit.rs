//! The audit: everything that the engine keeps up is counted again from what it was kept up from.

use std::collections::BTreeMap;

use exchange::{
    cap::{Usage, Window},
    figures::{Booked, Quarter, QuarterAccount},
    id::{ContractKey, LeadId, PingId, SaleId, VerticalName},
    ledger::Account,
    money::Money,
    time::Timestamp,
};

use super::{
    super::{
        column::Column,
        db::{Db, Row, Value, params},
        failure::Result,
        usage::{self, Filled},
    },
    accounts,
    checks::{CHECKS, Check, Mend, Named, Shown},
    figures,
    kept_until::kept_until,
};
use crate::rows::{Checked, Difference};

/// The tables whose rows say how much was checked.
const TABLES: [(&str, &str); 5] = [
    ("leads", "SELECT count(*) FROM leads"),
    ("sales", "SELECT count(*) FROM sales"),
    ("disclosures", "SELECT count(*) FROM disclosures"),
    ("transfers", "SELECT count(*) FROM transfers"),
    ("cap windows", "SELECT count(*) FROM cap_usage"),
];

pub(crate) fn audit(db: &dyn Db) -> Result<Checked> {
    let count = |(table, sql): (&'static str, &str)| Ok((table, db.one(sql, params![], |row| row.value(0))?.unwrap_or_default()));
    let rows = TABLES.into_iter().map(count).collect::<Result<_>>()?;
    let mut differences = Vec::new();
    for check in &CHECKS {
        differences.extend(db.all(check.sql, params![], |row| difference(check, row))?);
    }
    differences.extend(wrong_windows(db)?);
    differences.extend(wrong_figures(db)?);
    Ok(Checked { rows, differences })
}

fn difference(check: &Check, row: &Row) -> Result<Difference> {
    let named = row.value::<Value>(0)?;
    let (name, key) = match check.named {
        Named::Text => (text(&named), text(&named)),
        Named::Lead => (LeadId::of(&named)?.to_string(), hex(&named)),
        Named::Sale => (SaleId::of(&named)?.to_string(), hex(&named)),
        Named::Ping => (PingId::of(&named)?.to_string(), hex(&named)),
        Named::Transfer => (format!("transfer {}", hex(&named)), hex(&named)),
    };
    let side = |column: usize| match check.shown {
        Shown::Money => row.value::<Money>(column).map(|money| money.to_string()),
        Shown::Text => row.value::<Value>(column).map(|value| text(&value)),
    };
    let mend = match check.mend {
        Mend::Restore => RESTORE.to_owned(),
        Mend::Set(sql) => format!("end every node, then: {}", sql.replace("{name}", &key).replace("{counted}", &text(&row.value::<Value>(2)?))),
    };
    Ok(Difference { what: check.what, row: name, kept: side(1)?, counted: side(2)?, mend })
}

/// Where what others were told is gone or wrong, nothing in the store can say what it was.
const RESTORE: &str = "rows that are never changed have changed: end every node, keep this store for inquiry, and restore the newest backup that passes";

fn text(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(_) => hex(value),
    }
}

fn hex(value: &Value) -> String {
    let Value::Bytes(bytes) = value else { return String::new() };
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn wrong_windows(db: &dyn Db) -> Result<Vec<Difference>> {
    let sql = "SELECT contract, window_start, window_end, count, spend, firm_count, firm_spend, period FROM cap_usage";
    let windows = db.all(sql, params![], |row| {
        let window = Window { start: row.value(1)?, end: row.value(2)? };
        let filled = Filled { all: Usage { count: row.value(3)?, spend: row.value(4)? }, firm: Usage { count: row.value(5)?, spend: row.value(6)? } };
        Ok((row.value::<ContractKey>(0)?, window, filled, row.value::<String>(7)?))
    })?;
    let mut wrong = Vec::new();
    for (contract, window, kept, period) in windows {
        let counted = usage::counted(db, &contract, &window)?;
        if counted != kept {
            let (row, start) = (format!("{contract} per {period} from {}", window.start), window.start.micros());
            let mend = format!(
                "end every node, then: DELETE FROM cap_usage WHERE contract = '{contract}' AND period = '{period}' AND window_start = {start}; it is counted anew when its cap is next asked"
            );
            wrong.push(Difference { what: "a cap's window isn't what was counted in it", row, kept: told(&kept), counted: told(&counted), mend });
        }
    }
    Ok(wrong)
}

fn wrong_figures(db: &dyn Db) -> Result<Vec<Difference>> {
    let Some(until) = kept_until(db)? else { return Ok(Vec::new()) };
    let beginning = Timestamp::from_micros(0);
    let kept = figures::kept(db, Quarter::of(beginning), until)?;
    let mut kept: BTreeMap<_, Booked> = kept.into_iter().map(|row| ((row.start, row.vertical), row.booked)).collect();
    let mut wrong = Vec::new();
    let mut differ = |(start, vertical): (Timestamp, VerticalName), kept: Booked, counted: Booked| {
        if kept != counted {
            let mend = "end every node, then: DELETE FROM quarter_figures; DELETE FROM quarter_accounts; DELETE FROM figures_until; it is counted anew by the next `serve`".to_owned();
            let (row, what) = (format!("{vertical} from {start}"), "figures of a quarter of an hour aren't what was counted in it");
            wrong.push(Difference { what, row, kept: format!("{kept:?}"), counted: format!("{counted:?}"), mend });
        }
    };
    for row in figures::counted(db, beginning, until.start(), Quarter::LENGTH)? {
        let key = (row.start, row.vertical);
        let of_kept = kept.remove(&key).unwrap_or_default();
        differ(key, of_kept, row.booked);
    }
    kept.into_iter().for_each(|(key, kept)| differ(key, kept, Booked::default()));
    wrong.extend(wrong_accounts(db, until)?);
    Ok(wrong)
}

fn wrong_accounts(db: &dyn Db, until: Quarter) -> Result<Vec<Difference>> {
    let of = |row: QuarterAccount| ((row.account, row.quarter, row.cause), (row.entries, row.amount));
    let mut kept: BTreeMap<_, _> = accounts::kept(db)?.into_iter().map(of).collect();
    let mut wrong = Vec::new();
    for (key, counted) in accounts::counted(db, Timestamp::from_micros(0), until.start())?.into_iter().map(of) {
        let of_kept = kept.remove(&key).unwrap_or_default();
        if of_kept != counted {
            wrong.push((key, of_kept, counted));
        }
    }
    wrong.extend(kept.into_iter().map(|(key, of_kept)| (key, of_kept, Default::default())));
    // How many entries, and their sum.
    type Sum = (u64, Money);
    let difference = |((account, quarter, cause), kept, counted): ((Account, Quarter, String), Sum, Sum)| Difference {
        what: "an account's sum of a quarter of an hour isn't what was booked in it",
        row: format!("{account} {cause} from {}", quarter.start()),
        kept: format!("{} at {}", kept.0, kept.1),
        counted: format!("{} at {}", counted.0, counted.1),
        mend:
            "end every node, then: DELETE FROM quarter_figures; DELETE FROM quarter_accounts; DELETE FROM figures_until; it is counted anew by the next `serve`"
                .to_owned(),
    };
    Ok(wrong.into_iter().map(difference).collect())
}

fn told(filled: &Filled) -> String {
    let Filled { all, firm } = filled;
    format!("{} at {}, of them firm {} at {}", all.count, all.spend, firm.count, firm.spend)
}

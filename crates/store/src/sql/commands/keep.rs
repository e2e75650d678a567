//! Keep: what nodes have counted, and the alerts that it raises.

use exchange::figures::{Keep, KeepFigures, KeepTallies, QuarterAccount, QuarterFigures};

use super::{
    super::{
        batch::{Batch, Pending},
        column::{integer, packed},
        db::params,
        failure::Result,
    },
    alerts,
};

pub(super) fn keep(batch: &Batch<'_>, keep: &Keep) -> Result<Pending> {
    match keep {
        Keep::Figures(figures) => keep_figures(batch, figures),
        Keep::Tallies(tallies) => keep_tallies(batch, tallies),
        Keep::Watch(watch) => alerts::watch(batch, watch),
        Keep::Alerts(kept) => alerts::keep(batch, kept),
        Keep::AlertTry(noted) => alerts::note_try(batch, noted),
    }
}

/// Of two nodes that have counted the same, the second finds it kept.
fn keep_figures(batch: &Batch<'_>, figures: &KeepFigures) -> Result<Pending> {
    let until = figures.until.start().micros();
    let moved = match figures.from {
        None => batch.db.change("INSERT INTO figures_until (one, until) VALUES (1, ?1) ON CONFLICT (one) DO NOTHING", params![until])?,
        Some(from) => batch.db.change("UPDATE figures_until SET until = ?2 WHERE one = 1 AND until = ?1", params![from.start().micros(), until])?,
    };
    if moved == 0 {
        return Ok(Pending::conflict("these figures are kept already"));
    }
    let kept_from = figures.from.map_or(figures.until, |from| from.min(figures.until));
    batch.db.write("DELETE FROM quarter_figures WHERE start >= ?1", params![kept_from.start().micros()])?;
    batch.db.write("DELETE FROM quarter_accounts WHERE start >= ?1", params![kept_from.start().micros()])?;
    let sql = "INSERT INTO quarter_figures (start, vertical, received, sold, sales, revenue, payout, margin, returns, returned)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    for QuarterFigures { quarter, vertical, booked } in &figures.rows {
        let (received, sold, sales, returns) = (integer(booked.received), integer(booked.sold), integer(booked.sales), integer(booked.returns));
        let (revenue, payout, margin) = (booked.revenue.micros(), booked.payout.micros(), booked.margin.micros());
        let returned = booked.returned.micros();
        batch.db.write(sql, params![quarter.start().micros(), vertical.as_str(), received, sold, sales, revenue, payout, margin, returns, returned])?;
    }
    let sql = "INSERT INTO quarter_accounts (account, start, cause, entries, amount) VALUES (?1, ?2, ?3, ?4, ?5)";
    for QuarterAccount { account, quarter, cause, entries, amount } in &figures.accounts {
        batch.db.write(sql, params![account.to_string(), quarter.start().micros(), cause, integer(*entries), amount.micros()])?;
    }
    Ok(Pending::done())
}

fn keep_tallies(batch: &Batch<'_>, tallies: &KeepTallies) -> Result<Pending> {
    for (name, counts) in &tallies.verticals {
        write(batch, tallies, ("vertical", name.as_str()), packed(counts)?)?;
    }
    for (name, counts) in &tallies.buyers {
        write(batch, tallies, ("buyer", name.as_str()), packed(counts)?)?;
    }
    Ok(Pending::done())
}

fn write(batch: &Batch<'_>, tallies: &KeepTallies, (kind, name): (&str, &str), counts: Vec<u8>) -> Result<()> {
    let sql = "INSERT INTO tallies (start, kind, name, node, counts) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (start, kind, name, node) DO UPDATE SET counts = excluded.counts";
    batch.db.write(sql, params![tallies.quarter.start().micros(), kind, name, tallies.node.bytes(), counts])
}

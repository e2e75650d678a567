//! What must agree in every store. Each check finds the rows that don't: what they are of, what is kept, what was counted.

pub(super) struct Check {
    pub what: &'static str,
    pub named: Named,
    pub shown: Shown,
    /// Its columns: the row's name, what is kept of it, what was counted.
    pub sql: &'static str,
    pub mend: Mend,
}

/// What the first column names.
pub(super) enum Named {
    /// An account or a buyer.
    Text,
    Lead,
    Sale,
    Ping,
    Transfer,
}

pub(super) enum Shown {
    Money,
    Text,
}

pub(super) enum Mend {
    /// The row is nothing but a sum: it can be set to it. `{name}` and `{counted}` stand for the row's.
    Set(&'static str),
    /// What was first written is gone: only a backup has it.
    Restore,
}

const fn sum(what: &'static str, sql: &'static str, mend: &'static str) -> Check {
    Check { what, named: Named::Text, shown: Shown::Money, sql, mend: Mend::Set(mend) }
}

const fn money(what: &'static str, named: Named, sql: &'static str) -> Check {
    Check { what, named, shown: Shown::Money, sql, mend: Mend::Restore }
}

const fn words(what: &'static str, named: Named, sql: &'static str) -> Check {
    Check { what, named, shown: Shown::Text, sql, mend: Mend::Restore }
}

pub(super) const CHECKS: [Check; 23] = [
    money(
        "a transfer's entries don't sum to zero",
        Named::Transfer,
        "SELECT transfer, CAST(sum(amount) AS BIGINT), CAST(0 AS BIGINT) FROM entries GROUP BY cause, transfer HAVING sum(amount) <> 0",
    ),
    words(
        "an entry isn't booked when its transfer is",
        Named::Transfer,
        "SELECT entries.transfer, CAST(entries.booked_at AS TEXT), CAST(transfers.booked_at AS TEXT)
         FROM entries JOIN transfers ON transfers.cause = entries.cause AND transfers.id = entries.transfer WHERE entries.booked_at <> transfers.booked_at",
    ),
    sum(
        "a balance isn't the sum of its entries",
        "SELECT account, CAST(sum(kept) AS BIGINT), CAST(sum(counted) AS BIGINT)
         FROM (SELECT account, amount AS kept, 0 AS counted FROM balances UNION ALL SELECT account, 0, amount FROM entries) AS sides
         GROUP BY account HAVING sum(kept) <> sum(counted)",
        "DELETE FROM balances WHERE account = '{name}'; INSERT INTO balances (account, slot, amount) VALUES ('{name}', 0, {counted})",
    ),
    sum(
        "what is held isn't what open sales and firm quotes hold",
        "SELECT buyer, CAST(sum(kept) AS BIGINT), CAST(sum(counted) AS BIGINT)
         FROM (SELECT buyer, held AS kept, 0 AS counted FROM credit_holds UNION ALL SELECT buyer, 0, price FROM quote_holds
               UNION ALL SELECT buyer, 0, price FROM sales WHERE NOT test AND status IN ('reserved', 'posted', 'unknown')) AS sides
         GROUP BY buyer HAVING sum(kept) <> sum(counted)",
        "UPDATE credit_holds SET held = {counted} WHERE buyer = '{name}'",
    ),
    sum(
        "what firm quotes hold isn't what is kept of it",
        "SELECT buyer, CAST(sum(kept) AS BIGINT), CAST(sum(counted) AS BIGINT)
         FROM (SELECT buyer, firm AS kept, 0 AS counted FROM credit_holds UNION ALL SELECT buyer, 0, price FROM quote_holds) AS sides
         GROUP BY buyer HAVING sum(kept) <> sum(counted)",
        "UPDATE credit_holds SET firm = {counted} WHERE buyer = '{name}'",
    ),
    words(
        "a firm quote holds something after it let go",
        Named::Ping,
        "SELECT DISTINCT quote_holds.ping, 'held', 'let go' FROM quote_holds JOIN quotes ON quotes.ping = quote_holds.ping WHERE NOT quotes.holding",
    ),
    words(
        "a sold sale isn't booked, or a booked one isn't sold",
        Named::Sale,
        "SELECT sales.id, sales.status, CASE WHEN transfers.id IS NULL THEN 'not booked' ELSE 'booked' END
         FROM sales LEFT JOIN transfers ON transfers.id = sales.id AND transfers.cause = 'sale'
         WHERE (transfers.id IS NOT NULL) <> (sales.status IN ('sold', 'returned') AND NOT sales.test)",
    ),
    words(
        "a returned sale isn't reversed, or a reversed one isn't returned",
        Named::Sale,
        "SELECT sales.id, sales.status, CASE WHEN transfers.id IS NULL THEN 'not reversed' ELSE 'reversed' END
         FROM sales LEFT JOIN transfers ON transfers.id = sales.id AND transfers.cause = 'return'
         WHERE (transfers.id IS NOT NULL) <> (sales.status = 'returned' AND NOT sales.test)",
    ),
    money(
        "a sale's charge isn't its price",
        Named::Sale,
        "SELECT sales.id, -coalesce(entries.amount, 0), sales.price FROM transfers JOIN sales ON sales.id = transfers.id LEFT JOIN entries
         ON entries.cause = 'sale' AND entries.transfer = transfers.id AND entries.account = 'buyer:' || sales.buyer
         WHERE transfers.cause = 'sale' AND coalesce(entries.amount, 0) <> -sales.price",
    ),
    money(
        "a sale's payout isn't its net",
        Named::Sale,
        "SELECT sales.id, coalesce(entries.amount, 0), sales.net FROM transfers JOIN sales ON sales.id = transfers.id JOIN leads ON leads.id = sales.lead
         LEFT JOIN entries ON entries.cause = 'sale' AND entries.transfer = transfers.id AND entries.account = 'supplier:' || leads.supplier
         WHERE transfers.cause = 'sale' AND coalesce(entries.amount, 0) <> sales.net",
    ),
    words(
        "money that was moved isn't booked as it was asked for, or was booked and not asked for",
        Named::Transfer,
        "SELECT coalesce(movements.id, booked.id), coalesce(movements.account || ' ' || movements.amount || ' ' || movements.state, 'nobody asked'),
             coalesce(booked.account || ' ' || booked.amount, 'not booked')
         FROM movements FULL JOIN (
             SELECT transfers.id, entries.account, CASE transfers.cause WHEN 'payout' THEN -entries.amount ELSE entries.amount END AS amount
             FROM transfers JOIN entries ON entries.cause = transfers.cause AND entries.transfer = transfers.id AND entries.account <> 'cash'
             WHERE transfers.cause IN ('prepayment', 'payout')) AS booked ON booked.id = movements.id
         WHERE movements.id IS NULL OR (movements.state = 'booked') <> (booked.id IS NOT NULL)
             OR movements.account <> booked.account OR movements.amount <> booked.amount",
    ),
    words(
        "a sale and its disclosure disagree",
        Named::Sale,
        "SELECT sales.id, sales.status, CASE WHEN disclosures.sale IS NULL THEN 'no disclosure' ELSE coalesce(disclosures.outcome, 'disclosed, and open') END
         FROM sales LEFT JOIN disclosures ON disclosures.sale = sales.id
         WHERE CASE sales.status
             WHEN 'reserved' THEN disclosures.sale IS NOT NULL
             WHEN 'posted' THEN disclosures.sale IS NULL OR disclosures.outcome IS NOT NULL
             WHEN 'unknown' THEN disclosures.outcome IS DISTINCT FROM 'unknown'
             WHEN 'void' THEN (sales.post_started_at IS NULL) <> (disclosures.sale IS NULL) OR disclosures.outcome IN ('sold', 'unknown')
             ELSE disclosures.outcome IS DISTINCT FROM 'sold' END",
    ),
    words(
        "a disclosure is of another lead or buyer than its sale",
        Named::Sale,
        "SELECT sales.id, disclosures.buyer, sales.buyer FROM disclosures JOIN sales ON sales.id = disclosures.sale
         WHERE disclosures.lead <> sales.lead OR disclosures.buyer <> sales.buyer OR disclosures.parent <> sales.parent",
    ),
    words("a sale counts in no cap", Named::Sale, "SELECT id, status, 'counted nowhere' FROM sales WHERE NOT test AND status <> 'void' AND counted_at IS NULL"),
    words(
        "a lead's sale has no lead",
        Named::Sale,
        "SELECT sales.id, sales.status, 'no lead' FROM sales LEFT JOIN leads ON leads.id = sales.lead WHERE leads.id IS NULL",
    ),
    money(
        "a lead's net isn't the sum of its sales",
        Named::Lead,
        "SELECT leads.id, leads.net, CAST(coalesce(sum(sales.net), 0) AS BIGINT)
         FROM leads LEFT JOIN sales ON sales.lead = leads.id AND sales.status = 'sold'
         GROUP BY leads.id, leads.net HAVING leads.net <> coalesce(sum(sales.net), 0)",
    ),
    words(
        "a lead's status isn't what its sales say",
        Named::Lead,
        "SELECT id, status, CASE WHEN under_way > 0 THEN 'a sale under way' WHEN sold > 0 THEN 'sold' WHEN returned > 0 THEN 'returned'
             WHEN unknown > 0 THEN 'unknown' ELSE 'no sale' END
         FROM (SELECT leads.id, leads.status, leads.ended_at,
                   count(CASE WHEN sales.status IN ('reserved', 'posted') THEN 1 END) AS under_way,
                   count(CASE WHEN sales.status = 'sold' THEN 1 END) AS sold,
                   count(CASE WHEN sales.status = 'returned' THEN 1 END) AS returned,
                   count(CASE WHEN sales.status = 'unknown' THEN 1 END) AS unknown
               FROM leads LEFT JOIN sales ON sales.lead = leads.id GROUP BY leads.id, leads.status, leads.ended_at) AS told
         WHERE (ended_at IS NOT NULL AND under_way > 0) OR CASE status
             WHEN 'sold' THEN sold + returned = 0
             WHEN 'returned' THEN returned = 0 OR sold + unknown > 0
             WHEN 'pending' THEN unknown = 0 OR sold > 0
             WHEN 'open' THEN sold > 0
             ELSE sold + returned + unknown > 0 END",
    ),
    words(
        "a lead has both an exclusive sale and another",
        Named::Lead,
        "SELECT lead, CAST(count(*) AS BIGINT), CAST(1 AS BIGINT) FROM sales WHERE status <> 'void'
         GROUP BY lead HAVING count(*) > 1 AND count(CASE WHEN kind = 'exclusive' THEN 1 END) > 0",
    ),
    words(
        "a lead's sealed values are gone, though it was not erased",
        Named::Lead,
        "SELECT id, status, 'nothing sealed' FROM leads WHERE erased_at IS NULL AND id NOT IN (SELECT lead FROM sealed)",
    ),
    words(
        "an erased lead still has sealed values or people",
        Named::Lead,
        "SELECT id, 'there', 'erased' FROM leads WHERE erased_at IS NOT NULL
         AND (id IN (SELECT lead FROM sealed) OR id IN (SELECT lead FROM people))",
    ),
    words(
        "an erased quote still has sealed values or a record",
        Named::Ping,
        "SELECT ping, 'there', 'erased' FROM quotes WHERE erased_at IS NOT NULL AND (wrapped_key IS NOT NULL OR sealed IS NOT NULL OR record IS NOT NULL)",
    ),
    words(
        "a supplier's last notice isn't how its lead stands",
        Named::Lead,
        "SELECT leads.id, notices.status || ' at ' || notices.net, leads.status || ' at ' || leads.net FROM notices JOIN leads ON leads.id = notices.lead
         WHERE NOT EXISTS (SELECT 1 FROM notices AS later WHERE later.lead = notices.lead AND later.number > notices.number)
         AND (notices.status <> leads.status OR notices.net <> leads.net)",
    ),
    words(
        "a quote was posted as a lead of another ping",
        Named::Lead,
        "SELECT leads.id, CASE WHEN leads.ping IS NULL THEN 'no ping' ELSE 'another ping' END, 'this quote'
         FROM quotes JOIN leads ON leads.id = quotes.lead WHERE leads.ping IS DISTINCT FROM quotes.ping",
    ),
];

-- Ids are 16-byte blobs, money millionths, instants microseconds since 1970 UTC. Values of the core that the store never
-- looks into are blobs whose first byte is the version of their format.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE markets (
    revision INTEGER PRIMARY KEY CHECK (revision > 0),
    bundle BLOB NOT NULL,
    -- What was read of the bundle, in a form of the release that did; empty for none.
    kept BLOB NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    role BLOB NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    added_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- A supplier's idempotency keys, of pings and leads alike.
CREATE TABLE idempotency_keys (
    supplier TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    ping BLOB CHECK (length(ping) = 16),
    lead BLOB CHECK (length(lead) = 16),
    used_at INTEGER NOT NULL,
    -- Of a ping: the node whose auction it is.
    node BLOB CHECK (length(node) = 16),
    PRIMARY KEY (supplier, key),
    CHECK ((ping IS NULL) <> (lead IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (used_at);

-- Sealed values and the wrapped key that opens them. `kind` is 0 for a ping, 1 for a lead. Erasing deletes the row.
CREATE TABLE sealed (
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    id BLOB NOT NULL CHECK (length(id) = 16),
    wrapped_key BLOB NOT NULL,
    fields BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- What runs recorded: large rows, so these do have a rowid.
CREATE TABLE records (
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    id BLOB NOT NULL CHECK (length(id) = 16),
    record BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;

CREATE TABLE quotes (
    ping BLOB NOT NULL PRIMARY KEY CHECK (length(ping) = 16),
    supplier TEXT NOT NULL,
    vertical TEXT NOT NULL,
    revision INTEGER NOT NULL,
    test INTEGER NOT NULL CHECK (test IN (0, 1)),
    attributes BLOB NOT NULL,
    offers BLOB NOT NULL,
    asked BLOB NOT NULL,
    net INTEGER NOT NULL CHECK (net >= 0),
    firm INTEGER NOT NULL CHECK (firm IN (0, 1)),
    -- Whether some of its holds may still be there.
    holding INTEGER NOT NULL CHECK (holding IN (0, 1)),
    quoted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- The lead that it was posted as.
    lead BLOB CHECK (length(lead) = 16),
    erased_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX quotes_expiring ON quotes (expires_at) WHERE holding AND lead IS NULL;
CREATE INDEX quotes_firm_of_supplier ON quotes (supplier) WHERE holding AND lead IS NULL;

CREATE TABLE leads (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    supplier TEXT NOT NULL,
    vertical TEXT NOT NULL,
    revision INTEGER NOT NULL,
    test INTEGER NOT NULL CHECK (test IN (0, 1)),
    ping BLOB REFERENCES quotes (ping),
    -- Whether its run started from that ping's quote, not from a new auction.
    quoted INTEGER NOT NULL CHECK (quoted IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('open', 'sold', 'unsold', 'duplicate', 'pending', 'returned')),
    net INTEGER NOT NULL DEFAULT 0 CHECK (net >= 0),
    reason TEXT,
    redirect_url TEXT,
    -- The first lead of the same person, anybody's; and the supplier's own first one, which it may hear of.
    duplicate_of BLOB CHECK (length(duplicate_of) = 16),
    own_duplicate_of BLOB CHECK (length(own_duplicate_of) = 16),
    attributes BLOB NOT NULL,
    fingerprint BLOB CHECK (length(fingerprint) = 16),
    fence INTEGER NOT NULL,
    -- Whose run it is.
    node BLOB NOT NULL CHECK (length(node) = 16),
    accepted_at INTEGER NOT NULL,
    -- Its run goes on as long as this is there.
    lease_until INTEGER,
    ended_at INTEGER,
    erased_at INTEGER,
    CHECK ((lease_until IS NULL) = (ended_at IS NOT NULL)),
    CHECK (status <> 'open' OR lease_until IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX leads_running ON leads (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX leads_by_time ON leads (accepted_at);

-- The nodes that live. The runs of one that doesn't are taken over.
CREATE TABLE nodes (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    lives_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who a lead is of: keyed hashes of its phone numbers and e-mails.
CREATE TABLE people (
    mac BLOB NOT NULL CHECK (length(mac) = 16),
    lead BLOB NOT NULL REFERENCES leads (id),
    PRIMARY KEY (mac, lead)
) STRICT, WITHOUT ROWID;

CREATE INDEX people_of_lead ON people (lead);

CREATE TABLE sales (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    lead BLOB NOT NULL REFERENCES leads (id),
    buyer TEXT NOT NULL,
    contract TEXT NOT NULL,
    parent TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('exclusive', 'shared')),
    status TEXT NOT NULL CHECK (status IN ('reserved', 'posted', 'sold', 'void', 'unknown', 'returned')),
    test INTEGER NOT NULL CHECK (test IN (0, 1)),
    price INTEGER NOT NULL CHECK (price >= 0),
    net INTEGER NOT NULL CHECK (net >= 0 AND net <= price),
    -- The instant whose cap windows it counts in: when its hold was taken. Null for a test, and once it is void.
    counted_at INTEGER,
    buyer_ping BLOB NOT NULL CHECK (length(buyer_ping) = 16),
    reference TEXT,
    void_cause TEXT,
    why TEXT,
    redirect_url TEXT,
    buyer_lead_reference TEXT,
    reserved_at INTEGER NOT NULL,
    post_started_at INTEGER,
    ended_at INTEGER,
    -- The buyer of a strict contract had confirmed when the post started.
    confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
    -- How often it was looked at while unknown, and when it is next.
    looks INTEGER NOT NULL DEFAULT 0 CHECK (looks >= 0),
    look_at INTEGER,
    CHECK (status <> 'unknown' OR look_at IS NOT NULL),
    CHECK (status IN ('reserved', 'void') OR post_started_at IS NOT NULL),
    CHECK (status <> 'void' OR counted_at IS NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX sales_of_lead ON sales (lead);
CREATE INDEX sales_of_buyer ON sales (buyer, reserved_at);
CREATE INDEX sales_counted ON sales (contract, counted_at, price) WHERE counted_at IS NOT NULL;
CREATE INDEX sales_unknown ON sales (look_at) WHERE status = 'unknown';
-- A lead is sold to one buyer exclusively, and to one buyer of each company: whatever the code thinks.
CREATE UNIQUE INDEX sales_one_exclusive ON sales (lead) WHERE kind = 'exclusive' AND status <> 'void';
CREATE UNIQUE INDEX sales_one_of_parent ON sales (lead, parent) WHERE status <> 'void';

-- Every buyer that has, or may have, a contact. Written before the first byte of a post leaves.
CREATE TABLE disclosures (
    sale BLOB NOT NULL PRIMARY KEY REFERENCES sales (id),
    lead BLOB NOT NULL REFERENCES leads (id),
    buyer TEXT NOT NULL,
    parent TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    -- Null while it isn't known; `unsent` is none after all: provably no byte left.
    outcome TEXT CHECK (outcome IN ('sold', 'rejected', 'unsent', 'unknown', 'void'))
) STRICT, WITHOUT ROWID;

CREATE INDEX disclosures_of_lead ON disclosures (lead);

CREATE TABLE returns (
    sale BLOB NOT NULL PRIMARY KEY REFERENCES sales (id),
    status TEXT NOT NULL CHECK (status IN ('requested', 'accepted', 'refused')),
    -- A word of the exchange's, or what a bound buyer said when it rejected the post.
    reason TEXT NOT NULL,
    -- The buyer's own words, sealed.
    note BLOB,
    requested_at INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

-- What open firm quotes hold. A sale takes its hold over; what is released is deleted.
CREATE TABLE quote_holds (
    ping BLOB NOT NULL REFERENCES quotes (ping),
    contract TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('exclusive', 'shared')),
    buyer TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price >= 0),
    counted_at INTEGER NOT NULL,
    PRIMARY KEY (ping, contract, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX quote_holds_counted ON quote_holds (contract, counted_at, price);

-- What sales and firm quotes hold of a buyer's credit; `firm` is the firm quotes' part.
CREATE TABLE credit_holds (
    buyer TEXT NOT NULL PRIMARY KEY,
    held INTEGER NOT NULL CHECK (held >= 0),
    firm INTEGER NOT NULL CHECK (firm >= 0 AND firm <= held)
) STRICT, WITHOUT ROWID;

-- How full a window of a contract is: always what its sales and firm holds say that were counted at an instant of that
-- window. A row is made, by counting, when a cap first asks for its window, and kept up from then on; so a cap or a time
-- zone that changes later counts what was sold before, and a contract without caps has no rows.
CREATE TABLE cap_usage (
    contract TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('hour', 'day', 'week', 'month', 'total')),
    window_start INTEGER NOT NULL,
    window_end INTEGER NOT NULL CHECK (window_end > window_start),
    count INTEGER NOT NULL CHECK (count >= 0),
    spend INTEGER NOT NULL CHECK (spend >= 0),
    firm_count INTEGER NOT NULL CHECK (firm_count >= 0 AND firm_count <= count),
    firm_spend INTEGER NOT NULL CHECK (firm_spend >= 0 AND firm_spend <= spend),
    PRIMARY KEY (contract, period, window_start)
) STRICT, WITHOUT ROWID;

CREATE INDEX cap_usage_by_age ON cap_usage (window_end);

-- The ledger: transfers whose entries sum to zero, never changed, never deleted. Each is known by its cause and the id of what
-- caused it: a sale is booked once, and returned once.
CREATE TABLE transfers (
    cause TEXT NOT NULL CHECK (cause IN ('sale', 'prepayment', 'return')),
    -- The sale's, or a prepayment's own.
    id BLOB NOT NULL CHECK (length(id) = 16),
    lead BLOB REFERENCES leads (id),
    note TEXT,
    booked_at INTEGER NOT NULL,
    PRIMARY KEY (cause, id),
    CHECK ((cause = 'prepayment') = (lead IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX transfers_of_lead ON transfers (lead) WHERE lead IS NOT NULL;

CREATE TABLE entries (
    cause TEXT NOT NULL,
    transfer BLOB NOT NULL,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (cause, transfer, account),
    FOREIGN KEY (cause, transfer) REFERENCES transfers (cause, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX entries_of_account ON entries (account, transfer);

CREATE TRIGGER transfers_stay BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
CREATE TRIGGER transfers_are_kept BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

-- The sums of the accounts' entries: an account's balance is the sum of its slots. A buyer has one. Engines that write at the
-- same time book on the others' each in a slot of its own.
CREATE TABLE balances (
    account TEXT NOT NULL,
    slot INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressed (
    list TEXT NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 16),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (list, mac)
) STRICT, WITHOUT ROWID;

-- Who looked at a contact without buying it, and why.
CREATE TABLE reveals (
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    subject BLOB NOT NULL CHECK (length(subject) = 16),
    -- 1 for the first of this subject.
    number INTEGER NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    revealed_at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, number)
) STRICT, WITHOUT ROWID;

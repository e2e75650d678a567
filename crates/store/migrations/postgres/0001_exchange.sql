-- The same tables as SQLite's: ids are 16 bytes, money millionths, instants microseconds since 1970 UTC. Values of the core that
-- the store never looks into are bytes whose first one is the version of their format.
--
-- What refers to what is not declared: each reference would be looked up again on every write, and rows locked for it. The
-- engine writes what it has checked, and `fsck` checks it again. `meta` is made by the migration itself.

-- What engines lock, before they read anything, for all that the commands of a batch check: a person, a lead, an idempotency key,
-- a ping, a record, a buyer is a number by its hash. Rows are made when first needed, and never changed.
CREATE TABLE locks (
    slot BIGINT NOT NULL PRIMARY KEY
);

CREATE TABLE markets (
    revision BIGINT PRIMARY KEY CHECK (revision > 0),
    bundle BYTEA NOT NULL,
    -- What was read of the bundle, in a form of the release that did; empty for none.
    kept BYTEA NOT NULL,
    applied_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    role BYTEA NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    added_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- A supplier's idempotency keys, of pings and leads alike.
CREATE TABLE idempotency_keys (
    supplier TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 16),
    ping BYTEA CHECK (length(ping) = 16),
    lead BYTEA CHECK (length(lead) = 16),
    used_at BIGINT NOT NULL,
    -- Of a ping: the node whose auction it is.
    node BYTEA,
    PRIMARY KEY (supplier, key),
    CHECK ((ping IS NULL) <> (lead IS NULL))
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (used_at);

-- Sealed values and the wrapped key that opens them. `kind` is 0 for a ping, 1 for a lead. Erasing deletes the row.
CREATE TABLE sealed (
    kind BIGINT NOT NULL CHECK (kind IN (0, 1)),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    wrapped_key BYTEA NOT NULL,
    fields BYTEA NOT NULL,
    PRIMARY KEY (kind, id)
);

-- What runs recorded: large rows.
CREATE TABLE records (
    kind BIGINT NOT NULL CHECK (kind IN (0, 1)),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    record BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE TABLE quotes (
    ping BYTEA NOT NULL PRIMARY KEY CHECK (length(ping) = 16),
    supplier TEXT NOT NULL,
    vertical TEXT NOT NULL,
    revision BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    attributes BYTEA NOT NULL,
    offers BYTEA NOT NULL,
    asked BYTEA NOT NULL,
    net BIGINT NOT NULL CHECK (net >= 0),
    firm BOOLEAN NOT NULL,
    -- Whether some of its holds may still be there.
    holding BOOLEAN NOT NULL,
    quoted_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The lead that it was posted as.
    lead BYTEA CHECK (length(lead) = 16),
    erased_at BIGINT
);

CREATE INDEX quotes_expiring ON quotes (expires_at) WHERE holding AND lead IS NULL;
CREATE INDEX quotes_firm_of_supplier ON quotes (supplier) WHERE holding AND lead IS NULL;

CREATE TABLE leads (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    supplier TEXT NOT NULL,
    vertical TEXT NOT NULL,
    revision BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    ping BYTEA,
    -- Whether its run started from that ping's quote, not from a new auction.
    quoted BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'sold', 'unsold', 'duplicate', 'pending', 'returned')),
    net BIGINT NOT NULL DEFAULT 0 CHECK (net >= 0),
    reason TEXT,
    redirect_url TEXT,
    -- The first lead of the same person, anybody's; and the supplier's own first one, which it may hear of.
    duplicate_of BYTEA CHECK (length(duplicate_of) = 16),
    own_duplicate_of BYTEA CHECK (length(own_duplicate_of) = 16),
    attributes BYTEA NOT NULL,
    fingerprint BYTEA CHECK (length(fingerprint) = 16),
    fence BIGINT NOT NULL,
    -- Whose run it is.
    node BYTEA NOT NULL CHECK (length(node) = 16),
    accepted_at BIGINT NOT NULL,
    -- Its run goes on as long as this is there.
    lease_until BIGINT,
    ended_at BIGINT,
    erased_at BIGINT,
    CHECK ((lease_until IS NULL) = (ended_at IS NOT NULL)),
    CHECK (status <> 'open' OR lease_until IS NOT NULL)
);

CREATE INDEX leads_running ON leads (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX leads_by_time ON leads (accepted_at);

-- The nodes that live. The runs of one that doesn't are taken over.
CREATE TABLE nodes (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    lives_until BIGINT NOT NULL
);

-- Who a lead is of: keyed hashes of its phone numbers and e-mails.
CREATE TABLE people (
    mac BYTEA NOT NULL CHECK (length(mac) = 16),
    lead BYTEA NOT NULL,
    PRIMARY KEY (mac, lead)
);

CREATE INDEX people_of_lead ON people (lead);

CREATE TABLE sales (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    lead BYTEA NOT NULL,
    buyer TEXT NOT NULL,
    contract TEXT NOT NULL,
    parent TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('exclusive', 'shared')),
    status TEXT NOT NULL CHECK (status IN ('reserved', 'posted', 'sold', 'void', 'unknown', 'returned')),
    test BOOLEAN NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    net BIGINT NOT NULL CHECK (net >= 0 AND net <= price),
    -- The instant whose cap windows it counts in: when its hold was taken. Null for a test, and once it is void.
    counted_at BIGINT,
    buyer_ping BYTEA NOT NULL CHECK (length(buyer_ping) = 16),
    reference TEXT,
    void_cause TEXT,
    why TEXT,
    redirect_url TEXT,
    buyer_lead_reference TEXT,
    reserved_at BIGINT NOT NULL,
    post_started_at BIGINT,
    ended_at BIGINT,
    -- The buyer of a strict contract had confirmed when the post started.
    confirmed BOOLEAN NOT NULL DEFAULT FALSE,
    -- How often it was looked at while unknown, and when it is next.
    looks BIGINT NOT NULL DEFAULT 0 CHECK (looks >= 0),
    look_at BIGINT,
    CHECK (status <> 'unknown' OR look_at IS NOT NULL),
    CHECK (status IN ('reserved', 'void') OR post_started_at IS NOT NULL),
    CHECK (status <> 'void' OR counted_at IS NULL)
);

CREATE INDEX sales_of_lead ON sales (lead);
CREATE INDEX sales_of_buyer ON sales (buyer, reserved_at);
CREATE INDEX sales_counted ON sales (contract, counted_at, price) WHERE counted_at IS NOT NULL;
CREATE INDEX sales_unknown ON sales (look_at) WHERE status = 'unknown';
-- A lead is sold to one buyer exclusively, and to one buyer of each company: whatever the code thinks.
CREATE UNIQUE INDEX sales_one_exclusive ON sales (lead) WHERE kind = 'exclusive' AND status <> 'void';
CREATE UNIQUE INDEX sales_one_of_parent ON sales (lead, parent) WHERE status <> 'void';

-- Every buyer that has, or may have, a contact. Written before the first byte of a post leaves.
CREATE TABLE disclosures (
    sale BYTEA NOT NULL PRIMARY KEY,
    lead BYTEA NOT NULL,
    buyer TEXT NOT NULL,
    parent TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- Null while it isn't known; `unsent` is none after all: provably no byte left.
    outcome TEXT CHECK (outcome IN ('sold', 'rejected', 'unsent', 'unknown', 'void'))
);

CREATE INDEX disclosures_of_lead ON disclosures (lead);

CREATE TABLE returns (
    sale BYTEA NOT NULL PRIMARY KEY,
    status TEXT NOT NULL CHECK (status IN ('requested', 'accepted', 'refused')),
    -- A word of the exchange's, or what a bound buyer said when it rejected the post.
    reason TEXT NOT NULL,
    -- The buyer's own words, sealed.
    note BYTEA,
    requested_at BIGINT NOT NULL,
    decided_at BIGINT
);

-- What open firm quotes hold. A sale takes its hold over; what is released is deleted.
CREATE TABLE quote_holds (
    ping BYTEA NOT NULL,
    contract TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('exclusive', 'shared')),
    buyer TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    counted_at BIGINT NOT NULL,
    PRIMARY KEY (ping, contract, kind)
);

CREATE INDEX quote_holds_counted ON quote_holds (contract, counted_at, price);

-- What sales and firm quotes hold of a buyer's credit; `firm` is the firm quotes' part.
CREATE TABLE credit_holds (
    buyer TEXT NOT NULL PRIMARY KEY,
    held BIGINT NOT NULL CHECK (held >= 0),
    firm BIGINT NOT NULL CHECK (firm >= 0 AND firm <= held)
);

-- How full a window of a contract is: always what its sales and firm holds say that were counted at an instant of that
-- window. A row is made, by counting, when a cap first asks for its window, and kept up from then on; so a cap or a time
-- zone that changes later counts what was sold before, and a contract without caps has no rows.
CREATE TABLE cap_usage (
    contract TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('hour', 'day', 'week', 'month', 'total')),
    window_start BIGINT NOT NULL,
    window_end BIGINT NOT NULL CHECK (window_end > window_start),
    count BIGINT NOT NULL CHECK (count >= 0),
    spend BIGINT NOT NULL CHECK (spend >= 0),
    firm_count BIGINT NOT NULL CHECK (firm_count >= 0 AND firm_count <= count),
    firm_spend BIGINT NOT NULL CHECK (firm_spend >= 0 AND firm_spend <= spend),
    PRIMARY KEY (contract, period, window_start)
);

CREATE INDEX cap_usage_by_age ON cap_usage (window_end);

-- The ledger: transfers whose entries sum to zero, never changed, never deleted. Each is known by its cause and the id of what
-- caused it: a sale is booked once, and returned once.
CREATE TABLE transfers (
    cause TEXT NOT NULL CHECK (cause IN ('sale', 'prepayment', 'return')),
    -- The sale's, or a prepayment's own.
    id BYTEA NOT NULL CHECK (length(id) = 16),
    lead BYTEA,
    note TEXT,
    booked_at BIGINT NOT NULL,
    PRIMARY KEY (cause, id),
    CHECK ((cause = 'prepayment') = (lead IS NULL))
);

CREATE INDEX transfers_of_lead ON transfers (lead) WHERE lead IS NOT NULL;

CREATE TABLE entries (
    cause TEXT NOT NULL,
    transfer BYTEA NOT NULL,
    account TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (cause, transfer, account)
);

CREATE INDEX entries_of_account ON entries (account, transfer);

CREATE FUNCTION refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% never change and are never deleted', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The sums of the accounts' entries: an account's balance is the sum of its slots. A buyer has one. Engines that write at the
-- same time book on the others' each in a slot of its own.
CREATE TABLE balances (
    account TEXT NOT NULL,
    slot BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, slot)
);

CREATE TABLE suppressed (
    list TEXT NOT NULL,
    mac BYTEA NOT NULL CHECK (length(mac) = 16),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (list, mac)
);

-- Who looked at a contact without buying it, and why.
CREATE TABLE reveals (
    kind BIGINT NOT NULL CHECK (kind IN (0, 1)),
    subject BYTEA NOT NULL CHECK (length(subject) = 16),
    -- 1 for the first of this subject.
    number BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    revealed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, number)
);

-- What leads and ledger say of each quarter of an hour before `figures_until`, by vertical: counted once, and the same whenever it is
-- counted again. A quarter and vertical without a lead and without money has no row.
CREATE TABLE quarter_figures (
    start BIGINT NOT NULL,
    vertical TEXT NOT NULL,
    received BIGINT NOT NULL CHECK (received >= 0),
    sold BIGINT NOT NULL CHECK (sold >= 0),
    sales BIGINT NOT NULL CHECK (sales >= 0),
    revenue BIGINT NOT NULL,
    payout BIGINT NOT NULL,
    margin BIGINT NOT NULL,
    returns BIGINT NOT NULL CHECK (returns >= 0),
    returned BIGINT NOT NULL CHECK (returned >= 0),
    PRIMARY KEY (start, vertical),
    CHECK (revenue = payout + margin)
);

CREATE TABLE figures_until (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    until BIGINT NOT NULL
);

-- What nodes counted in a quarter of an hour, of their runs by vertical and of their calls by buyer. Each writes its own rows, whole.
CREATE TABLE tallies (
    start BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('vertical', 'buyer')),
    name TEXT NOT NULL,
    node BYTEA NOT NULL CHECK (length(node) = 16),
    counts BYTEA NOT NULL,
    PRIMARY KEY (start, kind, name, node)
);

CREATE INDEX transfers_by_time ON transfers (booked_at);

-- Leads of a period are counted from the index alone.
DROP INDEX leads_by_time;
CREATE INDEX leads_by_time ON leads (accepted_at, vertical, test);

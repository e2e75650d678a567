-- What leads and ledger say of each quarter of an hour before `figures_until`, by vertical: counted once, and the same whenever it is
-- counted again. A quarter and vertical without a lead and without money has no row.
CREATE TABLE quarter_figures (
    start INTEGER NOT NULL,
    vertical TEXT NOT NULL,
    received INTEGER NOT NULL CHECK (received >= 0),
    sold INTEGER NOT NULL CHECK (sold >= 0),
    sales INTEGER NOT NULL CHECK (sales >= 0),
    revenue INTEGER NOT NULL,
    payout INTEGER NOT NULL,
    margin INTEGER NOT NULL,
    returns INTEGER NOT NULL CHECK (returns >= 0),
    returned INTEGER NOT NULL CHECK (returned >= 0),
    PRIMARY KEY (start, vertical),
    CHECK (revenue = payout + margin)
) STRICT, WITHOUT ROWID;

CREATE TABLE figures_until (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What nodes counted in a quarter of an hour, of their runs by vertical and of their calls by buyer. Each writes its own rows, whole.
CREATE TABLE tallies (
    start INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('vertical', 'buyer')),
    name TEXT NOT NULL,
    node BLOB NOT NULL CHECK (length(node) = 16),
    counts BLOB NOT NULL,
    PRIMARY KEY (start, kind, name, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX transfers_by_time ON transfers (booked_at);

-- Leads of a period are counted from the index alone.
DROP INDEX leads_by_time;
CREATE INDEX leads_by_time ON leads (accepted_at, vertical, test);

-- What suppliers are told after their leads' runs have ended: written with the change, and tried until they have heard it. Nothing of
-- a person is in it.
CREATE TABLE notices (
    lead BLOB NOT NULL REFERENCES leads (id),
    -- 1 for the first of this lead.
    number INTEGER NOT NULL CHECK (number > 0),
    change TEXT NOT NULL CHECK (change IN ('decided', 'returned')),
    -- How the lead stood after the change.
    status TEXT NOT NULL CHECK (status IN ('sold', 'unsold', 'pending', 'returned')),
    net INTEGER NOT NULL CHECK (net >= 0),
    changed_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'unwanted')),
    -- Since when it is tried: since the change, or since an operator had it tried again.
    tried_since INTEGER NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    -- When it is tried next.
    due_at INTEGER,
    -- What came of its last try in vain.
    failure TEXT,
    ended_at INTEGER,
    PRIMARY KEY (lead, number),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX notices_waiting ON notices (due_at) WHERE state = 'waiting';
CREATE INDEX notices_given_up ON notices (changed_at) WHERE state = 'given_up';

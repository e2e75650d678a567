-- What operators were told to look at. One of a kind and subject stands at a time; nothing of a lead is in it.
CREATE TABLE alerts (
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    says TEXT NOT NULL,
    cleared_at INTEGER CHECK (cleared_at >= raised_at),
    PRIMARY KEY (kind, about, raised_at)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX alerts_standing ON alerts (kind, about) WHERE cleared_at IS NULL;
CREATE INDEX alerts_by_time ON alerts (raised_at);

-- The node that looks for all of them, and until when.
CREATE TABLE alert_watch (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    node BLOB NOT NULL CHECK (length(node) = 16),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each change of an alert for each way in which it is told outside: written with the change, and tried until it was heard.
CREATE TABLE alert_messages (
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('raised', 'cleared')),
    way TEXT NOT NULL CHECK (way IN ('webhook', 'mail')),
    changed_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'unwanted')),
    tries INTEGER NOT NULL CHECK (tries >= 0),
    due_at INTEGER,
    -- What came of its last try in vain.
    failure TEXT,
    PRIMARY KEY (kind, about, raised_at, change, way),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_messages_due ON alert_messages (due_at) WHERE state = 'waiting';

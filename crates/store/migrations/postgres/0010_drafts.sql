-- Changes of the market that are not in force: the files that differ from a revision's.
CREATE TABLE drafts (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    base BIGINT NOT NULL,
    files BYTEA NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    -- Counts its changes.
    version BIGINT NOT NULL CHECK (version > 0),
    changed_at BIGINT NOT NULL
);

-- Changes of the market that are not in force: the files that differ from a revision's.
CREATE TABLE drafts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    base INTEGER NOT NULL,
    files BLOB NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    -- Counts its changes.
    version INTEGER NOT NULL CHECK (version > 0),
    changed_at INTEGER NOT NULL
) STRICT;

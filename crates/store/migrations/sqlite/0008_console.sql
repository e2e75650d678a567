-- Who signs in to the console.
CREATE TABLE console_people (
    name TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    email TEXT,
    -- argon2id, as a PHC string. Null before the person's first link was opened.
    password TEXT,
    -- The secret of its codes, sealed; null where it goes without.
    codes BLOB,
    -- The hashes of its recovery codes that were not used yet.
    recovery BLOB NOT NULL,
    -- How often password and codes were set.
    proof INTEGER NOT NULL,
    -- No code of this time step or of an earlier one is taken.
    used_step INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;

-- Links that open something once. Of a token only the hash is kept.
CREATE TABLE console_links (
    token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    person TEXT NOT NULL REFERENCES console_people (name),
    kind TEXT NOT NULL CHECK (kind IN ('welcome', 'entrance')),
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX console_links_of ON console_links (person);

CREATE TABLE console_sessions (
    token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    person TEXT NOT NULL REFERENCES console_people (name),
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX console_sessions_of ON console_sessions (person);

-- Who changed what.
CREATE TABLE audit_log (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_log_at ON audit_log (at, id);

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'an entry of the audit log never changes'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'an entry of the audit log is never deleted'); END;

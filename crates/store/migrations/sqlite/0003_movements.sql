-- Money that came in from buyers or went out to suppliers, who asked for it, and who decided where a second person had to.
CREATE TABLE movements (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- A buyer's, or a supplier's.
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    note TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'booked', 'refused')),
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    -- Null where it needed no second person.
    decided_by TEXT,
    decided_at INTEGER,
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK (state <> 'booked' OR decided_by IS NULL OR decided_by <> asked_by)
) STRICT, WITHOUT ROWID;

-- Who asked for the prepayments before was not kept.
INSERT INTO movements (id, account, amount, note, state, asked_by, asked_at, decided_at)
SELECT transfers.id, entries.account, entries.amount, coalesce(transfers.note, ''), 'booked', 'not kept', transfers.booked_at, transfers.booked_at
FROM transfers JOIN entries ON entries.cause = transfers.cause AND entries.transfer = transfers.id
WHERE transfers.cause = 'prepayment' AND entries.account <> 'cash';

CREATE INDEX movements_waiting ON movements (asked_at) WHERE state = 'waiting';

-- A payout is a transfer of its own. SQLite changes no check of a table that is there: the ledger's two are made anew, row by row.
CREATE TABLE transfers_anew (
    cause TEXT NOT NULL CHECK (cause IN ('sale', 'prepayment', 'return', 'payout')),
    -- The sale's, or the movement's.
    id BLOB NOT NULL CHECK (length(id) = 16),
    lead BLOB REFERENCES leads (id),
    note TEXT,
    booked_at INTEGER NOT NULL,
    PRIMARY KEY (cause, id),
    CHECK ((cause IN ('prepayment', 'payout')) = (lead IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE entries_anew (
    cause TEXT NOT NULL,
    transfer BLOB NOT NULL,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (cause, transfer, account),
    FOREIGN KEY (cause, transfer) REFERENCES transfers_anew (cause, id)
) STRICT, WITHOUT ROWID;

INSERT INTO transfers_anew SELECT * FROM transfers;
INSERT INTO entries_anew SELECT * FROM entries;
DROP TABLE entries;
DROP TABLE transfers;
ALTER TABLE transfers_anew RENAME TO transfers;
ALTER TABLE entries_anew RENAME TO entries;

CREATE INDEX transfers_of_lead ON transfers (lead) WHERE lead IS NOT NULL;
CREATE INDEX entries_of_account ON entries (account, transfer);

CREATE TRIGGER transfers_stay BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
CREATE TRIGGER transfers_are_kept BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

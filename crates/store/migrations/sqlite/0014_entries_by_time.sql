-- An entry is booked when its transfer is. It says so itself: what an account has of a time is found by both, and summed up without
-- looking at anybody else's. A row can't be told so later, since an entry never changes: the table is made anew, row by row.
CREATE TABLE entries_anew (
    cause TEXT NOT NULL,
    transfer BLOB NOT NULL,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    booked_at INTEGER NOT NULL,
    PRIMARY KEY (cause, transfer, account),
    FOREIGN KEY (cause, transfer) REFERENCES transfers (cause, id)
) STRICT, WITHOUT ROWID;

DROP INDEX entries_of_account;
-- In the order of a statement's lines, with all that is summed up. It is there before the rows are: to make it of them would take as much
-- memory as it is large.
CREATE INDEX entries_of_account ON entries_anew (account, booked_at, transfer, cause, amount);

-- An entry without its transfer, in a store that is damaged, fails here, and all stays as it was.
INSERT INTO entries_anew (cause, transfer, account, amount, booked_at)
SELECT entries.cause, entries.transfer, entries.account, entries.amount, transfers.booked_at
FROM entries LEFT JOIN transfers ON transfers.cause = entries.cause AND transfers.id = entries.transfer
ORDER BY entries.cause, entries.transfer, entries.account;
DROP TABLE entries;
ALTER TABLE entries_anew RENAME TO entries;

CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

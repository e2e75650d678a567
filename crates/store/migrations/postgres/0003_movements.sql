-- Money that came in from buyers or went out to suppliers, who asked for it, and who decided where a second person had to.
CREATE TABLE movements (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- A buyer's, or a supplier's.
    account TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    note TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'booked', 'refused')),
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- Null where it needed no second person.
    decided_by TEXT,
    decided_at BIGINT,
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK (state <> 'booked' OR decided_by IS NULL OR decided_by <> asked_by)
);

-- Who asked for the prepayments before was not kept.
INSERT INTO movements (id, account, amount, note, state, asked_by, asked_at, decided_at)
SELECT transfers.id, entries.account, entries.amount, coalesce(transfers.note, ''), 'booked', 'not kept', transfers.booked_at, transfers.booked_at
FROM transfers JOIN entries ON entries.cause = transfers.cause AND entries.transfer = transfers.id
WHERE transfers.cause = 'prepayment' AND entries.account <> 'cash';

CREATE INDEX movements_waiting ON movements (asked_at) WHERE state = 'waiting';

-- A payout is a transfer of its own.
ALTER TABLE transfers DROP CONSTRAINT transfers_cause_check, DROP CONSTRAINT transfers_check;
ALTER TABLE transfers ADD CONSTRAINT transfers_cause_check CHECK (cause IN ('sale', 'prepayment', 'return', 'payout'));
ALTER TABLE transfers ADD CONSTRAINT transfers_check CHECK ((cause IN ('prepayment', 'payout')) = (lead IS NULL));

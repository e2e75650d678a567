-- An entry is booked when its transfer is. It says so itself: what an account has of a time is found by both, and summed up without
-- looking at anybody else's.
DROP INDEX entries_of_account;
ALTER TABLE entries ADD COLUMN booked_at BIGINT;
ALTER TABLE entries DISABLE TRIGGER entries_stay;
UPDATE entries SET booked_at = transfers.booked_at FROM transfers WHERE transfers.cause = entries.cause AND transfers.id = entries.transfer;
ALTER TABLE entries ENABLE TRIGGER entries_stay;
ALTER TABLE entries ALTER COLUMN booked_at SET NOT NULL;

-- In the order of a statement's lines, with all that is summed up.
CREATE INDEX entries_of_account ON entries (account, booked_at, transfer, cause, amount);

-- From here on, the record in a quote's row says nothing that the row's other columns say: a program that knows no such record must
-- refuse the store, as it does one of a newer version.

-- Returns that wait for a decision, the oldest first.
CREATE INDEX returns_waiting ON returns (requested_at, sale) WHERE status = 'requested';
-- What is forgotten of accounts goes by its quarter.
CREATE INDEX quarter_accounts_by_start ON quarter_accounts (start);

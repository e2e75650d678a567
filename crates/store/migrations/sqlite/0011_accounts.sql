-- What was booked on each account in each quarter of an hour before `figures_until`, by cause: what a statement begins with and sums up to, without
-- reading all that was ever booked. What was kept of figures before is counted anew with it.
CREATE TABLE quarter_accounts (
    account TEXT NOT NULL,
    start INTEGER NOT NULL,
    cause TEXT NOT NULL,
    entries INTEGER NOT NULL CHECK (entries > 0),
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, start, cause)
) STRICT, WITHOUT ROWID;

DELETE FROM quarter_figures;
DELETE FROM figures_until;

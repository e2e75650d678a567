-- All that is kept of a quote is one row, in the order it was written: with its sealed values, their wrapped key and its record, which
-- were rows of two other tables. Rows by number fill their pages; rows by id split them, and every page of a batch goes to the log.
CREATE TABLE quotes_anew (
    ping BLOB NOT NULL PRIMARY KEY CHECK (length(ping) = 16),
    supplier TEXT NOT NULL,
    vertical TEXT NOT NULL,
    revision INTEGER NOT NULL,
    test INTEGER NOT NULL CHECK (test IN (0, 1)),
    net INTEGER NOT NULL CHECK (net >= 0),
    firm INTEGER NOT NULL CHECK (firm IN (0, 1)),
    -- Whether some of its holds may still be there.
    holding INTEGER NOT NULL CHECK (holding IN (0, 1)),
    quoted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- The lead that it was posted as.
    lead BLOB CHECK (length(lead) = 16),
    erased_at INTEGER,
    attributes BLOB NOT NULL,
    offers BLOB NOT NULL,
    asked BLOB NOT NULL,
    -- The exact values that came with the ping, and the key that opens them. Erasing empties both.
    wrapped_key BLOB,
    sealed BLOB,
    -- What its run recorded; empty once erased.
    record BLOB,
    CHECK ((wrapped_key IS NULL) = (sealed IS NULL))
) STRICT;

INSERT INTO quotes_anew
SELECT ping, supplier, vertical, revision, test, net, firm, holding, quoted_at, expires_at, quotes.lead, erased_at, attributes, offers, asked,
    part.wrapped_key, part.fields, records.record
FROM quotes
LEFT JOIN sealed AS part ON part.kind = 0 AND part.id = quotes.ping
LEFT JOIN records ON records.kind = 0 AND records.id = quotes.ping
ORDER BY quotes.ping;

DELETE FROM records WHERE kind = 0 AND id IN (SELECT ping FROM quotes);
DROP TABLE quotes;
ALTER TABLE quotes_anew RENAME TO quotes;

CREATE INDEX quotes_expiring ON quotes (expires_at) WHERE holding AND lead IS NULL;
CREATE INDEX quotes_firm_of_supplier ON quotes (supplier) WHERE holding AND lead IS NULL;

-- What is left are leads' own.
CREATE TABLE sealed_anew (
    lead BLOB NOT NULL PRIMARY KEY CHECK (length(lead) = 16),
    wrapped_key BLOB NOT NULL,
    fields BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sealed_anew SELECT id, wrapped_key, fields FROM sealed WHERE kind = 1;
DROP TABLE sealed;
ALTER TABLE sealed_anew RENAME TO sealed;

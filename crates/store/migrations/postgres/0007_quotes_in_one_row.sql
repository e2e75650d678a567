-- All that is kept of a quote is one row: with its sealed values, their wrapped key and its record, which were rows of two other tables.
ALTER TABLE quotes
    -- The exact values that came with the ping, and the key that opens them. Erasing empties both.
    ADD COLUMN wrapped_key BYTEA,
    ADD COLUMN sealed BYTEA,
    -- What its run recorded; empty once erased.
    ADD COLUMN record BYTEA;

UPDATE quotes SET
    wrapped_key = (SELECT part.wrapped_key FROM sealed AS part WHERE part.kind = 0 AND part.id = quotes.ping),
    sealed = (SELECT part.fields FROM sealed AS part WHERE part.kind = 0 AND part.id = quotes.ping),
    record = (SELECT records.record FROM records WHERE records.kind = 0 AND records.id = quotes.ping);

ALTER TABLE quotes ADD CONSTRAINT quotes_sealed_check CHECK ((wrapped_key IS NULL) = (sealed IS NULL));

DELETE FROM records WHERE kind = 0 AND id IN (SELECT ping FROM quotes);

-- What is left are leads' own.
DELETE FROM sealed WHERE kind = 0;
ALTER TABLE sealed DROP CONSTRAINT sealed_pkey, DROP COLUMN kind;
ALTER TABLE sealed RENAME COLUMN id TO lead;
ALTER TABLE sealed ADD PRIMARY KEY (lead);

-- Who applied a revision, and why. Of those before, nobody kept it.
ALTER TABLE markets ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE markets ADD COLUMN note TEXT NOT NULL DEFAULT '';

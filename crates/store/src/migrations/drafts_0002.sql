-- The catalogue that a draft stands on; empty for drafts of before, which find theirs by the procedure's hash.
ALTER TABLE draft ADD COLUMN catalogue_sha256 TEXT NOT NULL DEFAULT '';

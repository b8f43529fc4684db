-- Pages of a paper have an order, and what was noticed about each is kept beside it.
ALTER TABLE paper_file ADD COLUMN place       INTEGER NOT NULL DEFAULT 0;
-- JSON, the app's own terms: what a person should look at, and the codes on the page.
ALTER TABLE paper_file ADD COLUMN warnings    TEXT    NOT NULL DEFAULT '[]';
ALTER TABLE paper_file ADD COLUMN codes       TEXT    NOT NULL DEFAULT '[]';
-- How its ink lies, to notice the same page twice; empty where it was not looked at.
ALTER TABLE paper_file ADD COLUMN fingerprint BLOB    NOT NULL DEFAULT x'';
-- The page of this dossier that was there before and is the same.
ALTER TABLE paper_file ADD COLUMN same_as     TEXT;

-- Sheets that came out of a scanner's folder and belong to no dossier yet.
CREATE TABLE tray_sheet (
  id             TEXT    NOT NULL PRIMARY KEY,
  media          TEXT    NOT NULL,
  bytes          INTEGER NOT NULL,
  original_bytes INTEGER NOT NULL,
  pages          INTEGER NOT NULL,
  sha256         TEXT    NOT NULL,
  content        BLOB    NOT NULL,
  thumbnail      BLOB    NOT NULL,
  warnings       TEXT    NOT NULL,
  codes          TEXT    NOT NULL,
  fingerprint    BLOB    NOT NULL,
  added_ms       INTEGER NOT NULL
) STRICT;

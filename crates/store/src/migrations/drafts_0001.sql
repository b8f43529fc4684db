CREATE TABLE draft (
  dossier           TEXT    NOT NULL PRIMARY KEY,
  procedure_code    TEXT    NOT NULL,
  procedure_version TEXT    NOT NULL,
  procedure_sha256  TEXT    NOT NULL,
  body              TEXT    NOT NULL,
  sealed            INTEGER NOT NULL DEFAULT 0,
  started_ms        INTEGER NOT NULL,
  saved_ms          INTEGER NOT NULL
) STRICT;

CREATE TABLE paper_file (
  id             TEXT    NOT NULL PRIMARY KEY,
  dossier        TEXT    NOT NULL REFERENCES draft (dossier) ON DELETE CASCADE,
  component      TEXT    NOT NULL,
  media          TEXT    NOT NULL,
  bytes          INTEGER NOT NULL,
  original_bytes INTEGER NOT NULL,
  pages          INTEGER NOT NULL,
  sha256         TEXT    NOT NULL,
  content        BLOB    NOT NULL,
  thumbnail      BLOB    NOT NULL,
  added_ms       INTEGER NOT NULL
) STRICT;

CREATE INDEX paper_file_dossier ON paper_file (dossier, component, added_ms);

-- The receipt outlives the draft, so that it can be printed again.
CREATE TABLE receipt (
  dossier TEXT    NOT NULL PRIMARY KEY,
  content TEXT    NOT NULL,
  prints  INTEGER NOT NULL DEFAULT 0,
  outcome TEXT    NOT NULL DEFAULT 'not_printed'
) STRICT;

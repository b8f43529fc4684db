-- No citizen's name, number or answer stands in this database.

CREATE TABLE setting (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE operator (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  wrapped_keys TEXT    NOT NULL,
  wrong_pins   INTEGER NOT NULL DEFAULT 0,
  added_ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE item (
  dossier         TEXT    NOT NULL PRIMARY KEY,
  device_seq      INTEGER NOT NULL UNIQUE,
  receipt_number  TEXT    NOT NULL,
  procedure_code  TEXT    NOT NULL,
  envelope        BLOB    NOT NULL,
  manifest_sha256 BLOB    NOT NULL,
  files           INTEGER NOT NULL,
  bytes           INTEGER NOT NULL,
  sealed_ms       INTEGER NOT NULL,
  delivery        TEXT    NOT NULL,
  waiting         INTEGER NOT NULL,
  case_status     TEXT    NOT NULL DEFAULT 'new',
  official_code   TEXT,
  official_source TEXT,
  case_note       TEXT,
  acknowledgement TEXT,
  acknowledged_ms INTEGER,
  durable_ms      INTEGER,
  bytes_sent      INTEGER NOT NULL DEFAULT 0,
  failures        INTEGER NOT NULL DEFAULT 0,
  next_try_ms     INTEGER NOT NULL DEFAULT 0,
  in_attempt      INTEGER NOT NULL DEFAULT 0,
  crashes         INTEGER NOT NULL DEFAULT 0,
  last_failure    TEXT
) STRICT;

CREATE INDEX item_waiting ON item (next_try_ms, device_seq) WHERE waiting = 1;
CREATE INDEX item_sealed ON item (sealed_ms);

CREATE TABLE sealed_file (
  dossier TEXT    NOT NULL REFERENCES item (dossier),
  sha256  TEXT    NOT NULL,
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (dossier, sha256)
) STRICT;

CREATE TABLE audit (
  at_ms   INTEGER NOT NULL,
  what    TEXT    NOT NULL,
  dossier TEXT,
  who     TEXT,
  note    TEXT
) STRICT;

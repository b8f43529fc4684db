-- The first schema. Times are milliseconds since 1970; ids are hyphenated UUIDs; hashes are 32-byte blobs.

CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT;

-- The one-time code is `selector` (public, finds the row) and a secret half that is kept hashed.
CREATE TABLE enrol_codes (
  id INTEGER PRIMARY KEY,
  selector TEXT NOT NULL UNIQUE,
  code_sha256 BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  wrong_tries INTEGER NOT NULL DEFAULT 0,
  used_at INTEGER
) STRICT;

CREATE TABLE devices (
  id TEXT PRIMARY KEY NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'revoked')),
  number INTEGER UNIQUE,
  key BLOB NOT NULL,
  class TEXT NOT NULL,
  counter_name TEXT NOT NULL,
  hostname_hint TEXT,
  code_id INTEGER NOT NULL REFERENCES enrol_codes (id),
  ticket_sha256 BLOB NOT NULL UNIQUE,
  device_epoch INTEGER,
  certificate TEXT,
  requested_at INTEGER NOT NULL,
  decided_at INTEGER
) STRICT;

-- The manifest stands as the envelope's own bytes; the columns beside it are copies to search by.
CREATE TABLE dossiers (
  id TEXT PRIMARY KEY NOT NULL,
  device TEXT NOT NULL REFERENCES devices (id),
  manifest_sha256 BLOB NOT NULL,
  envelope BLOB NOT NULL,
  receipt_number TEXT NOT NULL,
  procedure_code TEXT NOT NULL,
  lookup_tag BLOB NOT NULL,
  low_trust INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('registered', 'complete', 'opened')),
  registered_at INTEGER NOT NULL,
  completed_at INTEGER,
  acknowledgement TEXT,
  ack_epoch INTEGER
) STRICT;
-- Not unique: a receipt number is a label, and cloned disks repeat it.
CREATE INDEX dossiers_by_receipt_number ON dossiers (receipt_number);

CREATE TABLE blobs (
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  sha256 BLOB NOT NULL,
  position INTEGER NOT NULL,
  len INTEGER NOT NULL,
  segments BLOB NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (dossier, sha256)
) STRICT, WITHOUT ROWID;

-- The second content under one dossier id: kept, for a person to look at.
CREATE TABLE forks (
  dossier TEXT NOT NULL,
  manifest_sha256 BLOB NOT NULL,
  device TEXT NOT NULL,
  envelope BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (dossier, manifest_sha256)
) STRICT;

CREATE TABLE cases (
  dossier TEXT PRIMARY KEY NOT NULL REFERENCES dossiers (id),
  status TEXT NOT NULL,
  note TEXT,
  changed_at INTEGER NOT NULL
) STRICT;

-- The newest row is the one that is shown; older ones stay as aliases.
CREATE TABLE official_codes (
  id INTEGER PRIMARY KEY,
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  code TEXT NOT NULL,
  source TEXT NOT NULL,
  entered_at INTEGER NOT NULL,
  UNIQUE (dossier, code)
) STRICT;

-- `seq` is given inside the writing transaction, of which SQLite runs one at a time: no gap can fill later.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY NOT NULL,
  device TEXT NOT NULL,
  dossier TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_device ON events (device, seq);

CREATE TABLE clerks (
  name TEXT PRIMARY KEY NOT NULL,
  passphrase TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY NOT NULL,
  entry TEXT NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;

CREATE TABLE exports (
  id INTEGER PRIMARY KEY,
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  requested_by TEXT NOT NULL REFERENCES clerks (name),
  why TEXT NOT NULL,
  to_dir TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  approved_by TEXT REFERENCES clerks (name),
  approved_at INTEGER
) STRICT;

-- Failed look-ups of a receipt number on a day (UTC+7), by the number's hash.
CREATE TABLE lookup_tries (
  number_sha256 BLOB NOT NULL,
  day TEXT NOT NULL,
  tries INTEGER NOT NULL,
  PRIMARY KEY (number_sha256, day)
) STRICT, WITHOUT ROWID;

-- Counters that forgot every PIN, and the two people who gave them their drafts key back.
CREATE TABLE recoveries (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL REFERENCES devices (id),
  request TEXT NOT NULL,
  requested_by TEXT NOT NULL REFERENCES clerks (name),
  why TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  approved_by TEXT REFERENCES clerks (name),
  approved_at INTEGER
) STRICT;

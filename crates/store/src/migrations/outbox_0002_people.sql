-- Shifts of volunteers, and help that ends in no dossier. No citizen's name, number or answer stands here either.

CREATE TABLE lease (
  volunteer TEXT    NOT NULL PRIMARY KEY,
  opened_by TEXT    NOT NULL,
  opened_ms INTEGER NOT NULL,
  ends_ms   INTEGER NOT NULL,
  closed_ms INTEGER,
  dossier   TEXT
) STRICT;

CREATE TABLE assist (
  id      TEXT    NOT NULL PRIMARY KEY,
  at_ms   INTEGER NOT NULL,
  who     TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  outcome TEXT    NOT NULL
) STRICT;

CREATE INDEX assist_at ON assist (at_ms);
CREATE INDEX audit_dossier ON audit (dossier, at_ms);

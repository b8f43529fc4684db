-- Every catalogue that was published, whole. None is ever removed: a dossier names the one that it was made with.
CREATE TABLE catalogue (
  version INTEGER NOT NULL PRIMARY KEY,
  sha256  BLOB    NOT NULL UNIQUE,
  bundle  BLOB    NOT NULL
) STRICT;

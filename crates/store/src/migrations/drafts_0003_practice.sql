-- Which step somebody tries next time. The tag is a keyed digest of their ID number: no name and no number stands here.

CREATE TABLE practice (
  tag       BLOB    NOT NULL,
  procedure TEXT    NOT NULL,
  next      INTEGER,
  seen_ms   INTEGER NOT NULL,
  PRIMARY KEY (tag, procedure)
) STRICT;

-- The state's own word beside the JSON, so that it has an index; a row that cannot be read is set aside by it.
ALTER TABLE item ADD COLUMN state TEXT NOT NULL DEFAULT 'sealed';
UPDATE item SET state = CASE WHEN json_valid(delivery) THEN coalesce(json_extract(delivery, '$.state'), 'unreadable') ELSE 'unreadable' END;
CREATE INDEX item_state ON item (state, device_seq);

-- The public key of the device that sealed it, where another machine carries it: it came by a stick.
ALTER TABLE item ADD COLUMN carried_from TEXT;

-- Verified copies on other media.
CREATE TABLE copy (
  dossier TEXT    NOT NULL REFERENCES item (dossier),
  stick   TEXT    NOT NULL,
  made_ms INTEGER NOT NULL,
  PRIMARY KEY (dossier, stick)
) STRICT;

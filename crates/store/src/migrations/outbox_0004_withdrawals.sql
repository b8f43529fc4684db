-- A withdrawal is an item of its own, with a manifest of its own, that names the dossier which it takes back.
ALTER TABLE item ADD COLUMN takes_back TEXT;
CREATE INDEX item_takes_back ON item (takes_back) WHERE takes_back IS NOT NULL;

-- Its manifest may have left this machine. Nobody kept that before, so every older row counts as gone: a withdrawal
-- too many costs one small message, a missing one leaves a dossier with the province.
ALTER TABLE item ADD COLUMN attempted INTEGER NOT NULL DEFAULT 1;

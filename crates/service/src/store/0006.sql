-- A withdrawal is taken like a dossier and names the one that it takes back, which may not have come yet.
ALTER TABLE dossiers ADD COLUMN takes_back TEXT;
CREATE INDEX dossiers_by_takes_back ON dossiers (takes_back) WHERE takes_back IS NOT NULL;

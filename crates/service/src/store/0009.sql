-- Whose matter it is and which, as a keyed hash: written where a clerk opens the dossier with the intake key, which is not
-- here. A withdrawal has none. Rows that were opened before stay without it until they are opened again.
ALTER TABLE dossiers ADD COLUMN matter_tag BLOB;
CREATE INDEX dossiers_by_matter ON dossiers (matter_tag) WHERE matter_tag IS NOT NULL;

-- Where a dossier stands in its device's chain, copied from the manifest: two dossiers at one place mean two disks
-- with one identity. Filled for older rows by `dossiers::fill_positions` in the same transaction.
ALTER TABLE dossiers ADD COLUMN device_epoch INTEGER;
ALTER TABLE dossiers ADD COLUMN device_seq INTEGER;
CREATE INDEX dossiers_by_position ON dossiers (device, device_epoch, device_seq);

-- Set when a copied disk was noticed; cleared by a person who says why.
ALTER TABLE devices ADD COLUMN frozen_at INTEGER;

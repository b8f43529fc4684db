ALTER TABLE draft DROP COLUMN catalogue_sha256;

DROP TABLE tray_sheet;
ALTER TABLE paper_file DROP COLUMN same_as;
ALTER TABLE paper_file DROP COLUMN fingerprint;
ALTER TABLE paper_file DROP COLUMN codes;
ALTER TABLE paper_file DROP COLUMN warnings;
ALTER TABLE paper_file DROP COLUMN place;

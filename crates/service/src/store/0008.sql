-- Certificates that gave way to a renewed one, as they were signed: slips that were sealed under them stay genuine.
CREATE TABLE past_certificates (
  id          INTEGER PRIMARY KEY,
  device      TEXT NOT NULL REFERENCES devices (id),
  certificate TEXT NOT NULL
) STRICT;
CREATE INDEX past_certificates_by_device ON past_certificates (device);

-- Devices that brought a dossier which another one sealed: they may send its files and hear what is missing.
CREATE TABLE carriers (
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  device  TEXT NOT NULL REFERENCES devices (id),
  PRIMARY KEY (dossier, device)
) STRICT;

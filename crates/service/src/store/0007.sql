-- What of a device is still on its way, without looking through all that it ever sent.
CREATE INDEX dossiers_under_way ON dossiers (device) WHERE state = 'registered';

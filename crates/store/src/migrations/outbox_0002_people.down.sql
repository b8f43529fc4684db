DROP INDEX audit_dossier;
DROP TABLE assist;
DROP TABLE lease;

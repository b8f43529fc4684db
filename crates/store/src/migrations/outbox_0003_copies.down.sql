DROP TABLE copy;
DROP INDEX item_state;
ALTER TABLE item DROP COLUMN carried_from;
-- Made anew from the delivery on the way up.
ALTER TABLE item DROP COLUMN state;

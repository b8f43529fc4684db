DROP INDEX item_takes_back;
-- On the way up every row counts as gone again: a withdrawal too many costs one small message.
ALTER TABLE item DROP COLUMN attempted;
ALTER TABLE item DROP COLUMN takes_back;

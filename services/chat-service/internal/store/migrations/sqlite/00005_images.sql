-- +goose Up

-- What an IMAGE shows, as JSON; empty for all others. It is read with its message and
-- never searched. No NULL: that would make each row of text longer.
ALTER TABLE messages ADD COLUMN image text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE messages DROP COLUMN image;

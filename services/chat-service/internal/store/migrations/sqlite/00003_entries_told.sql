-- +goose Up

-- When an entry was told first; it is told once more before it is forgotten.
ALTER TABLE entries ADD COLUMN told_at datetime;

-- +goose Down
ALTER TABLE entries DROP COLUMN told_at;

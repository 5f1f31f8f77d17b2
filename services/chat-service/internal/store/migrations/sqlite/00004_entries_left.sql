-- +goose Up

-- What an entry tells: who entered a seat, or who has left it for good.
ALTER TABLE entries ADD COLUMN kind text NOT NULL DEFAULT 'entered';

-- +goose Down
ALTER TABLE entries DROP COLUMN kind;

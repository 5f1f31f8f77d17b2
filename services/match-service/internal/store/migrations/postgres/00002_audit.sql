-- What match's audit lists: open waits in the order of their turns, seats nobody entered.

-- +goose Up
CREATE INDEX waits_open_turn ON waits (turn) WHERE ended_at IS NULL;
CREATE INDEX seats_unentered ON seats (given_at) WHERE entered_at IS NULL;

-- +goose Down
DROP INDEX seats_unentered;
DROP INDEX waits_open_turn;

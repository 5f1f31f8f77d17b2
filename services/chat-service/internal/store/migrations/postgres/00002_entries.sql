-- +goose Up

-- The outbox of the entry feed: who entered which seat, until match-service can read it.
CREATE TABLE entries (
    id         uuid        PRIMARY KEY, -- UUIDv7: in the order of entering
    at         timestamptz NOT NULL,
    room_id    uuid        NOT NULL,
    seat       smallint    NOT NULL,
    generation integer     NOT NULL,
    member_id  text        NOT NULL
);

-- The generation of the ticket that entered a seat; seats.generation may have risen since.
ALTER TABLE seats ADD COLUMN entered_generation integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE seats DROP COLUMN entered_generation;
DROP TABLE entries;

-- +goose Up

-- last_seq changes with every message: half-empty pages keep those updates in place
-- (heap-only tuples), without touching the index.
CREATE TABLE rooms (
    id         uuid        PRIMARY KEY,
    movie_id   text        NOT NULL,
    title      text        NOT NULL,
    created_at timestamptz NOT NULL,
    last_seq   bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- One row per seat: who holds it, or was promised it and has not entered yet.
CREATE TABLE seats (
    room_id       uuid     NOT NULL REFERENCES rooms (id),
    seat          smallint NOT NULL CHECK (seat BETWEEN 1 AND 6),
    generation    integer  NOT NULL, -- the highest that was shown for this seat
    member_id     text     NOT NULL,
    nickname      text     NOT NULL,
    entered_at    timestamptz,
    left_at       timestamptz,
    last_read_seq bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, seat)
) WITH (fillfactor = 80);

-- Nobody sits on two seats of a room.
CREATE UNIQUE INDEX seats_entered ON seats (room_id, member_id) WHERE entered_at IS NOT NULL;
CREATE INDEX seats_by_member ON seats (member_id, room_id) WHERE entered_at IS NOT NULL;

CREATE TABLE messages (
    room_id         uuid        NOT NULL,
    seq             bigint      NOT NULL,
    message_id      uuid        NOT NULL,
    idempotency_key text        NOT NULL DEFAULT '',
    member_id       text        NOT NULL,
    type            text        NOT NULL,
    comment         text        NOT NULL,
    created_by      text        NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE (room_id, message_id)
) PARTITION BY HASH (room_id);

-- Sixteen parts, so that vacuum and indexes stay small, and a part can move to a
-- database of its own. Everything about a room lies in one part.
-- +goose StatementBegin
DO $$
BEGIN
    FOR i IN 0..15 LOOP
        EXECUTE format('CREATE TABLE messages_%s PARTITION OF messages FOR VALUES WITH (MODULUS 16, REMAINDER %s)', i, i);
    END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE messages;
DROP TABLE seats;
DROP TABLE rooms;

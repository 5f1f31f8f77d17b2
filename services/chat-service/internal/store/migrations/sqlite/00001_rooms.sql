-- +goose Up
CREATE TABLE rooms (
    id         text     PRIMARY KEY,
    movie_id   text     NOT NULL,
    title      text     NOT NULL,
    created_at datetime NOT NULL,
    last_seq   integer  NOT NULL DEFAULT 0
);

-- One row per seat: who holds it, or was promised it and has not entered yet.
CREATE TABLE seats (
    room_id       text    NOT NULL REFERENCES rooms (id),
    seat          integer NOT NULL CHECK (seat BETWEEN 1 AND 6),
    generation    integer NOT NULL, -- the highest that was shown for this seat
    member_id     text    NOT NULL,
    nickname      text    NOT NULL,
    entered_at    datetime,
    left_at       datetime,
    last_read_seq integer NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, seat)
);

-- Nobody sits on two seats of a room.
CREATE UNIQUE INDEX seats_entered ON seats (room_id, member_id) WHERE entered_at IS NOT NULL;
CREATE INDEX seats_by_member ON seats (member_id, room_id) WHERE entered_at IS NOT NULL;

CREATE TABLE messages (
    room_id         text     NOT NULL,
    seq             integer  NOT NULL,
    message_id      text     NOT NULL,
    idempotency_key text     NOT NULL DEFAULT '',
    member_id       text     NOT NULL,
    type            text     NOT NULL,
    comment         text     NOT NULL,
    created_by      text     NOT NULL,
    created_at      datetime NOT NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE (room_id, message_id)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE messages;
DROP TABLE seats;
DROP TABLE rooms;

-- The same as migrations/postgres/00001_init.sql, where the reasons stand.

-- +goose Up
CREATE TABLE movies (
    movie_id         text    PRIMARY KEY,
    title            text    NOT NULL,
    release_year     integer NOT NULL,
    director         text    NOT NULL,
    genre            text    NOT NULL,
    running_time_min integer NOT NULL,
    rating_tenths    integer NOT NULL,
    votes            integer NOT NULL,
    title_key        text    NOT NULL,
    genre_key        text    NOT NULL,
    search           text    NOT NULL
);

CREATE TABLE waits (
    turn           integer PRIMARY KEY AUTOINCREMENT, -- never reuses a number
    join_id        text    NOT NULL UNIQUE,
    member_id      text    NOT NULL,
    nickname       text    NOT NULL,
    movie_id       text    NOT NULL,
    also_movie_ids text    NOT NULL,
    joined_at      integer NOT NULL,
    asked_at       integer NOT NULL,
    ended_at       integer,
    outcome        text,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX waits_open ON waits (member_id) WHERE ended_at IS NULL;
CREATE INDEX waits_member ON waits (member_id, turn);

CREATE TABLE rooms (
    room_id    text    PRIMARY KEY,
    movie_id   text    NOT NULL,
    title      text    NOT NULL,
    created_at integer NOT NULL
);

CREATE TABLE seats (
    room_id    text    NOT NULL REFERENCES rooms,
    seat       integer NOT NULL CHECK (seat BETWEEN 1 AND 6),
    generation integer NOT NULL CHECK (generation >= 1),
    member_id  text    NOT NULL,
    nickname   text    NOT NULL,
    join_id    text    NOT NULL UNIQUE,
    given_at   integer NOT NULL,
    entered_at integer,
    outcome    text,
    PRIMARY KEY (room_id, seat, generation)
);
CREATE INDEX seats_member ON seats (member_id);

-- +goose Down
DROP TABLE seats;
DROP TABLE rooms;
DROP TABLE waits;
DROP TABLE movies;

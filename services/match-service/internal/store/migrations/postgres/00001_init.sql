-- Times are Unix milliseconds, the contract's precision, in both databases alike.

-- +goose Up
CREATE TABLE movies (
    movie_id         text COLLATE "C" PRIMARY KEY,
    title            text             NOT NULL,
    release_year     integer          NOT NULL,
    director         text             NOT NULL,
    genre            text             NOT NULL,
    running_time_min integer          NOT NULL, -- 0: not known
    rating_tenths    integer          NOT NULL,
    votes            integer          NOT NULL,
    -- folded (lower case, no accents), see catalogue.Fold
    title_key        text COLLATE "C" NOT NULL,
    genre_key        text             NOT NULL,
    search           text             NOT NULL
);

-- One row for each wait, for good. No foreign key to movies: films are never deleted, and
-- all who wait for the same film would share a lock on its row.
CREATE TABLE waits (
    turn           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    join_id        text   NOT NULL UNIQUE,
    member_id      text   NOT NULL,
    nickname       text   NOT NULL,
    movie_id       text   NOT NULL,
    also_movie_ids text   NOT NULL, -- space between; '' for none
    joined_at      bigint NOT NULL, -- the place
    asked_at       bigint NOT NULL, -- the last PUT that this wait answered
    ended_at       bigint,
    outcome        text,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX waits_open ON waits (member_id) WHERE ended_at IS NULL; -- one place per member
CREATE INDEX waits_member ON waits (member_id, turn);

CREATE TABLE rooms (
    room_id    text   PRIMARY KEY,
    movie_id   text   NOT NULL,
    title      text   NOT NULL,
    created_at bigint NOT NULL
);

-- One row for each member who was ever given a seat; a seat that is given on gets a row
-- with the next generation.
CREATE TABLE seats (
    room_id    text     NOT NULL REFERENCES rooms,
    seat       smallint NOT NULL CHECK (seat BETWEEN 1 AND 6),
    generation integer  NOT NULL CHECK (generation >= 1),
    member_id  text     NOT NULL,
    nickname   text     NOT NULL,
    join_id    text     NOT NULL UNIQUE, -- nobody is in two rooms of one wait
    given_at   bigint   NOT NULL,
    entered_at bigint,
    outcome    text,                     -- null while the seat is this member's
    PRIMARY KEY (room_id, seat, generation)
);
CREATE INDEX seats_member ON seats (member_id);

-- +goose Down
DROP TABLE seats;
DROP TABLE rooms;
DROP TABLE waits;
DROP TABLE movies;

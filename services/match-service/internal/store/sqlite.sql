-- Statements of the group commits, for SQLite. postgres.sql has the same names, and says
-- what each is for. SQLite has one writer at a time, so there are no rows to lock.

-- name: lock_open_waits
SELECT turn, join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at
FROM waits
WHERE ended_at IS NULL AND member_id IN (SELECT value FROM json_each(?))
ORDER BY turn;

-- name: last_waits
SELECT turn, join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at, outcome
FROM json_each(?) m
JOIN waits ON turn = (SELECT max(turn) FROM waits WHERE member_id = m.value);

-- name: unentered_seats
SELECT w.turn, w.join_id, w.member_id, w.nickname, w.movie_id, w.also_movie_ids, w.joined_at, w.asked_at
FROM waits w JOIN seats s ON s.join_id = w.join_id
WHERE w.member_id IN (SELECT value FROM json_each(?))
  AND w.outcome = 'matched' AND s.given_at > ? AND s.entered_at IS NULL AND s.outcome IS NULL;

-- name: ask_again
UPDATE waits SET asked_at = ?
WHERE turn IN (SELECT value FROM json_each(?));

-- name: end_waits
UPDATE waits SET ended_at = ?, outcome = ?
WHERE turn IN (SELECT value FROM json_each(?)) AND ended_at IS NULL;

-- name: insert_waits
INSERT INTO waits (join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at)
SELECT value ->> 'join_id', value ->> 'member_id', value ->> 'nickname', value ->> 'movie_id',
    value ->> 'also_movie_ids', value ->> 'joined_at', value ->> 'asked_at'
FROM json_each(?)
WHERE true -- else ON CONFLICT reads as part of a join (sqlite.org/lang_upsert.html, section 2.2)
ON CONFLICT (member_id) WHERE ended_at IS NULL DO NOTHING
RETURNING turn, join_id;

-- name: lock_joins
SELECT turn, join_id
FROM waits
WHERE ended_at IS NULL AND join_id IN (SELECT value FROM json_each(?))
ORDER BY turn;

-- name: known_rooms
SELECT room_id FROM rooms WHERE room_id IN (SELECT value FROM json_each(?));

-- name: insert_rooms
INSERT INTO rooms (room_id, movie_id, title, created_at)
SELECT value ->> 'room_id', value ->> 'movie_id', value ->> 'title', value ->> 'created_at' FROM json_each(?);

-- name: insert_seats
INSERT INTO seats (room_id, seat, generation, member_id, nickname, join_id, given_at)
SELECT value ->> 'room_id', value ->> 'seat', value ->> 'generation', value ->> 'member_id',
    value ->> 'nickname', value ->> 'join_id', value ->> 'given_at'
FROM json_each(?);

-- name: expire_waits
UPDATE waits SET ended_at = ?, outcome = 'expired'
WHERE ended_at IS NULL AND asked_at <= ? AND join_id IN (SELECT value FROM json_each(?));

-- name: lock_entries
SELECT ? WHERE false; -- there is nothing to lock

-- name: enter_seats
UPDATE seats SET entered_at = e.value ->> 'entered_at'
FROM json_each(?) e
WHERE seats.room_id = e.value ->> 'room_id' AND seats.seat = e.value ->> 'seat'
  AND seats.generation = e.value ->> 'generation' AND seats.member_id = e.value ->> 'member_id'
  AND seats.entered_at IS NULL AND seats.outcome IS NULL
  AND NOT EXISTS (SELECT 1 FROM seats o WHERE o.room_id = seats.room_id AND o.seat = seats.seat AND o.generation <> seats.generation);

-- name: entered_alone
SELECT s.*
FROM json_each(?) e
JOIN seats s ON s.room_id = e.value ->> 'room_id' AND s.seat = e.value ->> 'seat'
  AND s.generation = e.value ->> 'generation' AND s.member_id = e.value ->> 'member_id'
WHERE s.entered_at IS NOT NULL AND s.outcome IS NULL
  AND NOT EXISTS (SELECT 1 FROM seats o WHERE o.room_id = s.room_id AND o.seat = s.seat AND o.generation <> s.generation);

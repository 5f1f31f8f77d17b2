-- Statements of the group commits, for PostgreSQL. sqlite.sql has the same names. Lists
-- come as one JSON array. Rows are locked in the order of turn everywhere, so that two
-- transactions cannot wait for each other.
--
-- Few waits are open and few seats not entered at a time, so the indexes of those alone look
-- cheap to read whole. Until the next vacuum they have all that were open before, too, and a
-- commit would read 20,000 rows. So single rows are looked for one at a time, or in words
-- that those indexes do not have: outcome IS NULL, which a CHECK makes the same as ended_at
-- IS NULL, or coalesce(entered_at, 0) = 0.

-- name: lock_open_waits
-- The open waits of members (JSON array of ids).
SELECT turn, join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at
FROM waits
WHERE outcome IS NULL AND turn = ANY (ARRAY(
    SELECT w.turn FROM jsonb_array_elements_text(?::jsonb) AS m (member_id)
    CROSS JOIN LATERAL (SELECT turn FROM waits WHERE waits.member_id = m.member_id AND ended_at IS NULL LIMIT 1) w))
ORDER BY turn
FOR UPDATE;

-- name: last_waits
-- The latest wait of each of the members (JSON array of ids) who ever waited.
SELECT w.turn, w.join_id, w.member_id, w.nickname, w.movie_id, w.also_movie_ids, w.joined_at, w.asked_at, w.outcome
FROM jsonb_array_elements_text(?::jsonb) AS m (member_id)
CROSS JOIN LATERAL (SELECT * FROM waits WHERE waits.member_id = m.member_id ORDER BY turn DESC LIMIT 1) w;

-- name: unentered_seats
-- The seats that members (JSON array of ids) were given after a time and have not entered
-- yet. It is
-- their latest wait that counts; looking for that first, one member at a time, keeps the
-- database from going through all seats that nobody has entered.
SELECT w.turn, w.join_id, w.member_id, w.nickname, w.movie_id, w.also_movie_ids, w.joined_at, w.asked_at
FROM jsonb_array_elements_text(?::jsonb) AS m (member_id)
CROSS JOIN LATERAL (SELECT * FROM waits WHERE waits.member_id = m.member_id ORDER BY turn DESC LIMIT 1) w
JOIN LATERAL (SELECT given_at, entered_at, outcome FROM seats WHERE seats.join_id = w.join_id LIMIT 1) s ON true
WHERE w.outcome = 'matched' AND s.given_at > ? AND s.entered_at IS NULL AND s.outcome IS NULL;

-- name: ask_again
-- Waits (JSON array of turns) were asked for once more.
UPDATE waits SET asked_at = ?
WHERE turn = ANY (ARRAY(SELECT jsonb_array_elements_text(?::jsonb)::bigint));

-- name: end_waits
-- Open waits (JSON array of turns) end, at a time and with an outcome.
UPDATE waits SET ended_at = ?, outcome = ?
WHERE turn = ANY (ARRAY(SELECT jsonb_array_elements_text(?::jsonb)::bigint)) AND outcome IS NULL;

-- name: insert_waits
-- New waits. Where another node has just opened one for the same member, none comes
-- back. In the order of members, so that two nodes wait for each other in one order.
INSERT INTO waits (join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at)
SELECT join_id, member_id, nickname, movie_id, also_movie_ids, joined_at, asked_at
FROM jsonb_to_recordset(?::jsonb) AS w (join_id text, member_id text, nickname text, movie_id text,
    also_movie_ids text, joined_at bigint, asked_at bigint)
ORDER BY member_id
ON CONFLICT (member_id) WHERE ended_at IS NULL DO NOTHING
RETURNING turn, join_id;

-- name: lock_joins
-- Those waits of join ids (JSON array) that are open.
SELECT turn, join_id
FROM waits
WHERE outcome IS NULL AND turn = ANY (ARRAY(
    SELECT w.turn FROM jsonb_array_elements_text(?::jsonb) AS j (join_id)
    CROSS JOIN LATERAL (SELECT turn FROM waits WHERE waits.join_id = j.join_id LIMIT 1) w))
ORDER BY turn
FOR UPDATE;

-- name: known_rooms
-- Those of the room ids (JSON array) that exist.
SELECT room_id FROM rooms WHERE room_id = ANY (ARRAY(SELECT jsonb_array_elements_text(?::jsonb)));

-- name: insert_rooms
INSERT INTO rooms (room_id, movie_id, title, created_at)
SELECT room_id, movie_id, title, created_at
FROM jsonb_to_recordset(?::jsonb) AS r (room_id text, movie_id text, title text, created_at bigint);

-- name: insert_seats
INSERT INTO seats (room_id, seat, generation, member_id, nickname, join_id, given_at)
SELECT room_id, seat, generation, member_id, nickname, join_id, given_at
FROM jsonb_to_recordset(?::jsonb) AS s (room_id text, seat smallint, generation integer, member_id text,
    nickname text, join_id text, given_at bigint);

-- name: expire_waits
-- Of the open waits with these join ids (JSON array) those not asked for since end.
UPDATE waits SET ended_at = ?, outcome = 'expired'
WHERE outcome IS NULL AND asked_at <= ? AND join_id = ANY (ARRAY(SELECT jsonb_array_elements_text(?::jsonb)));

-- name: lock_entries
-- Entries (JSON array) of seats that nobody is seen to have entered: their rows, in one order.
SELECT s.join_id
FROM jsonb_to_recordset(?::jsonb) AS e (room_id text, seat smallint, generation integer, member_id text)
JOIN seats s USING (room_id, seat, generation, member_id)
WHERE coalesce(s.entered_at, 0) = 0
ORDER BY s.room_id, s.seat
FOR UPDATE OF s;

-- name: enter_seats
-- The seats of entries (JSON array) are entered that were given to nobody else.
UPDATE seats s SET entered_at = e.entered_at
FROM jsonb_to_recordset(?::jsonb) AS e (room_id text, seat smallint, generation integer, member_id text, entered_at bigint)
WHERE s.room_id = e.room_id AND s.seat = e.seat AND s.generation = e.generation AND s.member_id = e.member_id
  AND coalesce(s.entered_at, 0) = 0 AND s.outcome IS NULL
  AND NOT EXISTS (SELECT 1 FROM seats o WHERE o.room_id = s.room_id AND o.seat = s.seat AND o.generation <> s.generation);

-- name: entered_alone
-- Of entries (JSON array) the seats that were given to nobody else and are entered by now.
SELECT s.*
FROM jsonb_to_recordset(?::jsonb) AS e (room_id text, seat smallint, generation integer, member_id text)
JOIN seats s USING (room_id, seat, generation, member_id)
WHERE s.entered_at IS NOT NULL AND s.outcome IS NULL
  AND NOT EXISTS (SELECT 1 FROM seats o WHERE o.room_id = s.room_id AND o.seat = s.seat AND o.generation <> s.generation);

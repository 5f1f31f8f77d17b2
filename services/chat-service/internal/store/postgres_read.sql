-- Raise what members have read, given as a JSON list of {room_id, member_id, seq}: never
-- beyond the room's last seq. Seats are locked in one order, so that two nodes can never
-- wait for each other. Returns the seats that rose.
WITH marks AS MATERIALIZED (
    SELECT s.room_id, s.seat, least(m.seq, r.last_seq) AS seq
    FROM json_to_recordset(?::json) AS m (room_id uuid, member_id text, seq bigint)
    JOIN rooms r ON r.id = m.room_id
    JOIN seats s ON s.room_id = m.room_id AND s.member_id = m.member_id
    WHERE s.entered_at IS NOT NULL AND s.left_at IS NULL
    ORDER BY s.room_id, s.seat
    FOR NO KEY UPDATE OF s
)
UPDATE seats AS s SET last_read_seq = m.seq
FROM marks m
WHERE s.room_id = m.room_id AND s.seat = m.seat AND s.last_read_seq < m.seq
RETURNING s.room_id, s.member_id, s.nickname, s.last_read_seq

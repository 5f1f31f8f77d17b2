-- The same as postgres_read.sql; there is one writer, and nothing to lock.
UPDATE seats SET last_read_seq = m.seq
FROM (
    SELECT p.value ->> 'room_id' AS room_id, p.value ->> 'member_id' AS member_id,
           min(p.value ->> 'seq', r.last_seq) AS seq
    FROM json_each(?) AS p
    JOIN rooms AS r ON r.id = p.value ->> 'room_id'
) AS m
WHERE seats.room_id = m.room_id AND seats.member_id = m.member_id
  AND seats.entered_at IS NOT NULL AND seats.left_at IS NULL AND seats.last_read_seq < m.seq
RETURNING room_id, member_id, nickname, last_read_seq

-- What follows positions, given as a JSON list of {room_id, after}: the same room may be
-- asked for from several seqs. One index range for each, which ends where the limit does,
-- since seqs have no gaps: a position whose messages are archived reads nothing.
SELECT w.after AS after, m.*
FROM json_to_recordset(?::json) AS w (room_id uuid, after bigint)
CROSS JOIN LATERAL (
    SELECT * FROM messages WHERE room_id = w.room_id AND seq > w.after AND seq <= w.after + ? ORDER BY seq
) AS m
ORDER BY m.room_id, w.after, m.seq

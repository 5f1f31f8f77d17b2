-- The same as postgres_following.sql; without LATERAL, by the range that the limit
-- means where seqs have no gaps.
SELECT w.value ->> 'after' AS after, m.*
FROM json_each(?) AS w
JOIN messages AS m ON m.room_id = w.value ->> 'room_id'
    AND m.seq > w.value ->> 'after' AND m.seq <= (w.value ->> 'after') + ?
ORDER BY m.room_id, after, m.seq

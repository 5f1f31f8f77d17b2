-- What is known of a batch of posts, given as a JSON list of [room, message, member, picture]:
-- for each its place in the list (from 0), the seq it has if it is stored already (else
-- 0), its author's standing (0 outside, 1 inside, 2 left), and whether its picture is being
-- removed.
SELECT p.key AS ord,
       coalesce(m.seq, a.first_seq + (instr(a.message_ids, unhex(p.value ->> 1, '-')) - 1) / 16, 0) AS seq,
       CASE WHEN s.room_id IS NULL THEN 0 WHEN s.left_at IS NULL THEN 1 ELSE 2 END AS standing,
       u.room_id IS NOT NULL AS removed
FROM json_each(?) AS p
LEFT JOIN messages AS m ON m.room_id = p.value ->> 0 AND m.message_id = p.value ->> 1
LEFT JOIN archives AS a ON m.seq IS NULL AND a.room_id = p.value ->> 0 AND instr(a.message_ids, unhex(p.value ->> 1, '-')) > 0
LEFT JOIN seats AS s ON s.room_id = p.value ->> 0 AND s.member_id = p.value ->> 2 AND s.entered_at IS NOT NULL
LEFT JOIN unsent_pictures AS u ON u.room_id = p.value ->> 0 AND u.image_id = p.value ->> 3 AND u.state <> 'sending'

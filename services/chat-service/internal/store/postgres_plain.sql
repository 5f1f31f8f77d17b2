-- Step (b) for a batch whose posts are all new and by members who are inside, as nearly all
-- are; k is a post's place among those of its room. Anything else is an error, so that nothing
-- of the batch is stored: an id that is known breaks a unique index, and one that is
-- archived divides by zero, as does an author who is not inside.
INSERT INTO messages (room_id, seq, message_id, idempotency_key, member_id, type, comment, created_by, created_at)
SELECT p.room_id,
       r.last_seq + p.k / (s.room_id IS NOT NULL AND NOT (p.idempotency_key <> '' AND EXISTS (
           SELECT FROM archives WHERE room_id = p.room_id AND position(uuid_send(p.message_id) IN message_ids) > 0
       )))::int,
       p.message_id, p.idempotency_key, p.member_id, p.type, p.comment, p.created_by, p.created_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::int[])
     AS p (room_id, message_id, member_id, idempotency_key, type, comment, created_by, created_at, k)
-- One seat is looked up for each post: a plan from when the table was small would join all of them.
LEFT JOIN LATERAL (
    SELECT room_id FROM seats WHERE room_id = p.room_id AND member_id = p.member_id AND entered_at IS NOT NULL AND left_at IS NULL LIMIT 1
) s ON true
LEFT JOIN rooms r ON r.id = p.room_id

-- Step (b): store a batch of posts of any kind, whose rooms are locked. Returns for each post its
-- place in the batch, its seq (old or new; 0 when refused), whether it was known, and
-- its author's standing (0 outside, 1 inside, 2 left). A faulty post is never stored: it is
-- there to learn whether its id is known. Nor is one whose picture is being removed.
WITH posts AS MATERIALIZED (
    SELECT p.*,
           CASE WHEN s.room_id IS NULL THEN 0 WHEN s.left_at IS NULL THEN 1 ELSE 2 END AS standing,
           coalesce(m.seq, a.seq) AS known_seq,
           u.room_id IS NOT NULL AS removed
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::int[], $10::bool[], $11::text[])
         WITH ORDINALITY AS p (room_id, message_id, member_id, idempotency_key, type, comment, created_by, created_at, grp, faulty, image, ord)
    -- One seat is looked up for each post: a plan from when the table was small would join all of them.
    LEFT JOIN LATERAL (
        SELECT room_id, left_at FROM seats WHERE room_id = p.room_id AND member_id = p.member_id AND entered_at IS NOT NULL LIMIT 1
    ) s ON true
    LEFT JOIN messages m ON m.room_id = p.room_id AND m.message_id = p.message_id
    -- A key is known for as long as the room is kept. Without one a post comes again only
    -- within seconds, and is not archived by then (leastSilence in app/limits.go).
    LEFT JOIN LATERAL (
        SELECT first_seq + (position(uuid_send(p.message_id) IN message_ids) - 1) / 16 AS seq
        FROM archives
        WHERE room_id = p.room_id AND p.idempotency_key <> '' AND position(uuid_send(p.message_id) IN message_ids) > 0
        LIMIT 1
    ) a ON m.seq IS NULL
    LEFT JOIN unsent_pictures u
           ON u.room_id = p.room_id AND u.image_id = (nullif(p.image, '')::json ->> 'imageId')::uuid AND u.state <> 'sending'
),
fresh AS (
    SELECT f.*, row_number() OVER (PARTITION BY f.room_id ORDER BY f.ord) AS k
    FROM (
        -- The same id twice in one batch is stored once, at its first place.
        SELECT DISTINCT ON (room_id, message_id) *
        FROM posts
        WHERE known_seq IS NULL
          AND grp NOT IN (SELECT grp FROM posts WHERE (standing <> 1 OR faulty OR removed) AND known_seq IS NULL)
        ORDER BY room_id, message_id, ord
    ) f
),
advanced AS (
    UPDATE rooms SET last_seq = last_seq + n.count
    FROM (SELECT room_id, count(*) AS count FROM fresh GROUP BY room_id) n
    WHERE rooms.id = n.room_id
    RETURNING rooms.id, rooms.last_seq - n.count AS base
),
numbered AS MATERIALIZED (
    SELECT f.*, a.base + f.k AS seq
    FROM fresh f JOIN advanced a ON a.id = f.room_id
),
stored AS (
    INSERT INTO messages (room_id, seq, message_id, idempotency_key, member_id, type, comment, created_by, created_at, image)
    SELECT room_id, seq, message_id, idempotency_key, member_id, type, comment, created_by, created_at, image FROM numbered
),
sent AS (
    DELETE FROM unsent_pictures u USING numbered n
    WHERE u.room_id = n.room_id AND u.image_id = (nullif(n.image, '')::json ->> 'imageId')::uuid
)
SELECT p.ord,
       coalesce(p.known_seq, n.seq, 0) AS seq,
       p.known_seq IS NOT NULL OR (n.seq IS NOT NULL AND n.ord <> p.ord) AS known,
       CASE WHEN p.known_seq IS NOT NULL OR n.seq IS NOT NULL THEN 1 ELSE p.standing END AS standing
FROM posts p
LEFT JOIN numbered n ON n.room_id = p.room_id AND n.message_id = p.message_id AND n.ord <= p.ord
ORDER BY p.ord

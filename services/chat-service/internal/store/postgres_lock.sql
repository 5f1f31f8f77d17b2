-- Step (a): lock the batch's rooms, in the order of their ids, so that two nodes can
-- never wait for each other.
SELECT id::text, last_seq FROM rooms WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE

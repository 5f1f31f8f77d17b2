-- Step (c), behind postgres_plain.sql: move the rooms on by what was stored in each.
UPDATE rooms SET last_seq = last_seq + n.count FROM unnest($1::uuid[], $2::int[]) AS n (id, count) WHERE rooms.id = n.id

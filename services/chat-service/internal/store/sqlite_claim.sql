-- The same as postgres_claim.sql; there is one writer, and nothing to skip.
UPDATE rooms SET quiet_since = @until
WHERE id IN (SELECT id FROM rooms WHERE quiet_since < @quiet ORDER BY quiet_since LIMIT @limit)
RETURNING id

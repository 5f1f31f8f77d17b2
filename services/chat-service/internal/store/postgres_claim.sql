-- Claim rooms that nobody has looked at for long; those that others claim at this moment
-- are theirs.
WITH due AS MATERIALIZED (
    SELECT id FROM rooms WHERE quiet_since < @quiet ORDER BY quiet_since LIMIT @limit FOR UPDATE SKIP LOCKED
)
UPDATE rooms SET quiet_since = @until FROM due WHERE rooms.id = due.id
RETURNING rooms.id

-- Which of the rooms somebody else holds at this moment. It waits for nobody.
WITH free AS MATERIALIZED (
    SELECT id FROM rooms WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED
)
SELECT id::text FROM rooms WHERE id = ANY ($1::uuid[]) AND id NOT IN (SELECT id FROM free)

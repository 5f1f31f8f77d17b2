-- +goose NO TRANSACTION
-- +goose Up

-- Built beside the traffic. A build that was ended leaves an index that is not used, which
-- the next try takes away first.
DROP INDEX CONCURRENTLY IF EXISTS rooms_quiet;
CREATE INDEX CONCURRENTLY rooms_quiet ON rooms (quiet_since);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS rooms_quiet;

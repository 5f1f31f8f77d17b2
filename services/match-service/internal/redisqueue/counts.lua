-- Count the present members that wait for each film.
--
-- KEYS[1]  base of all keys (keys.go)
-- ARGV     movie ids
-- Result   their counts, in the same order

local counts = {}
for i, film in ipairs(ARGV) do counts[i] = redis.call('ZCARD', KEYS[1] .. ':f:' .. film) end
return counts

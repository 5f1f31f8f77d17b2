-- Note how far the entry feed was read.
--
-- KEYS[1]  base of all keys (keys.go)
-- ARGV[1]  id of the last entry that was handled
-- ARGV[2]  time of the last heartbeat among them, ms; 0 for none
-- Result   nothing
--
-- Nodes may read the same entries at the same time: the position only moves on.

local feed = KEYS[1] .. ':feed'

-- later compares stream ids, <ms>-<n>.
local function later(a, b)
  local a1, a2 = string.match(a, '^(%d+)-(%d+)$')
  local b1, b2 = string.match(b, '^(%d+)-(%d+)$')
  if a1 ~= b1 then return tonumber(a1) > tonumber(b1) end
  return tonumber(a2) > tonumber(b2)
end

local v = redis.call('HMGET', feed, 'read', 'upto')
if not v[1] or later(ARGV[1], v[1]) then redis.call('HSET', feed, 'read', ARGV[1]) end
if tonumber(ARGV[2]) > tonumber(v[2] or 0) then redis.call('HSET', feed, 'upto', ARGV[2]) end
return 0

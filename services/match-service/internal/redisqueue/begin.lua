-- How all steps begin. KEYS and ARGV: see common.lua.

local base, now = KEYS[1], tonumber(ARGV[1])
local clock = base .. ':clock'

local function key(id) return base .. ':m:' .. id end

-- resumed is since when members could show that they are present: since the data began,
-- or since the last pause in which nobody swept.
local function resumed()
  local v = redis.call('HMGET', clock, 'resumed', 'last')
  if v[1] and now - tonumber(v[2]) <= PAUSE then return tonumber(v[1]) end
  redis.call('HSET', clock, 'resumed', ARGV[1], 'last', ARGV[1])
  return now
end

-- Use turns without asking, those of take.lua.
-- KEYS[1]  the time at which all turns are free again, ms; expires then
-- ARGV     now (ms), time per turn (ms, may have a fraction), turns
-- returns  that time afterwards, as text (a number would lose its fraction)
local now, every, turns = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local free = string.format('%.3f', math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + turns * every)
redis.call('SET', KEYS[1], free, 'PX', math.ceil(free - now) + 1000)
return free

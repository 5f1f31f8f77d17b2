-- Take one turn (generic cell rate algorithm, as limit.Memory does).
-- KEYS[1]  the time at which all turns are free again, ms; expires then
-- ARGV     now (ms), time per turn (ms, may have a fraction), burst
-- returns  0, or the ms to wait (rounded up)
local now, every, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + every
local wait = free - now - burst * every
if wait > 0.001 then
  return math.ceil(wait)
end
redis.call('SET', KEYS[1], string.format('%.3f', free), 'PX', math.ceil(free - now) + 1000)
return 0

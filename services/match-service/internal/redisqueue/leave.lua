-- Make a member idle, unless a newer wait is known.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  member id
-- ARGV[4]  turn of the wait that has ended; 0: there never was one
-- ARGV[5]  reason, may be empty
-- ARGV[6]  room id of the seat that the member gives up, or empty
-- ARGV[7]  its number
-- ARGV[8]  its generation
-- Result   view, made: the seat may have found its next holder
--
-- What was popped stays in the outbox: the store refuses the room.

local id, turn = ARGV[3], tonumber(ARGV[4])
local m = member(id)
if m and m.turn > turn then return answer(id) end
if m and m.state == 'waiting' then step_aside(m) end
local news = m and not (m.state == 'idle' and m.reason == ARGV[5])
make_idle(id, ARGV[4], m and m.join or '', ARGV[5])
if not news then told[id] = nil end -- as everybody has seen it already
if ARGV[6] ~= '' and redis.call('EXISTS', room_key(ARGV[6])) == 1 then
  redis.call('HSETNX', room_key(ARGV[6]), 'g' .. ARGV[7], ARGV[8])
  redis.call('HSET', room_key(ARGV[6]), 'd' .. ARGV[7], 0) -- its time is over
  open_seat(ARGV[6], ARGV[7])
end
return answer(id)

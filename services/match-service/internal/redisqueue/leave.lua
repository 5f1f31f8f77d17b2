-- Make a member idle, unless a newer wait is known.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  member id
-- ARGV[4]  turn of the wait that has ended; 0: there never was one
-- ARGV[5]  reason, may be empty
-- Result   view
--
-- What was popped stays in the outbox: the store refuses the room.

local id, turn = ARGV[3], tonumber(ARGV[4])
local m = member(id)
if m and m.turn > turn then return answer(id) end
if m and m.state == 'waiting' then step_aside(m) end
make_idle(id, ARGV[4], m and m.join or '', ARGV[5])
return answer(id)

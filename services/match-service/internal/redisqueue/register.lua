-- Remember a committed room with a seat that nobody entered yet, so that it can be given
-- on. The room's members are remembered when they ask.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  room id
-- ARGV[4]  room as JSON
-- ARGV[5]  movie id
-- ARGV[6]  when the room was made, ms
-- ARGV[7]  the seat
-- ARGV[8]  its generation
-- ARGV[9]  its holder's member id
-- ARGV[10] nickname
-- ARGV[11] 1 when the holder has given it up, 0 otherwise
-- ARGV[12] ids of those who hold its seats, space between
-- Result   nothing

local room, n, generation, id = ARGV[3], tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local new = know_room(room, ARGV[4], ARGV[5], ARGV[6], ARGV[12])
seat_held(room, new, n, generation, false, id, ARGV[10])
write_seats(room)
if ARGV[11] == '1' then
  -- The queue may not have heard of it: the member's next call asks the store.
  local m = member(id)
  if m and m.state == 'matched' and m.room == room and m.seat == n and m.gen == generation then forget(id) end
end
return answer()

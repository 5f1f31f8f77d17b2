-- Remember a committed room with seats that nobody entered yet, so that they can be given
-- on. Its members are remembered when they ask.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  room id
-- ARGV[4]  room as JSON
-- ARGV[5]  movie id
-- ARGV[6]  when the room was made, ms
-- ARGV[7]… four for each seat: seat, generation, member id, nickname
-- Result   nothing

local new = know_room(ARGV[3], ARGV[4], ARGV[5], ARGV[6])
for i = 7, #ARGV, 4 do
  seat_held(ARGV[3], new, tonumber(ARGV[i]), tonumber(ARGV[i + 1]), false, ARGV[i + 2], ARGV[i + 3])
end
write_seats(ARGV[3])
return answer()

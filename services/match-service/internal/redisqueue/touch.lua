-- Mark a member as present, and make a room if that makes six.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  member id
-- Result   view or resumed, made, expired

local m = member(ARGV[3]) -- who is unknown has been answered, see unknown.lua
touch(m)
return answer(ARGV[3], m)

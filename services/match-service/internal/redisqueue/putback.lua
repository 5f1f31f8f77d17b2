-- Undo a take: the store did not take the room, or the seat.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  id in the outbox
-- ARGV[4]  join ids of those who had left, space between: they are forgotten, so that
--          their next call asks the store
-- ARGV[5]  what a seat that was to be given on is now: open (still nobody's), gone (it is
--          somebody's), or met (open, but this member was in the room before)
-- Result   made: the places given back may bring the next together

local taken = redis.call('HGET', outbox, ARGV[3])
if not taken then return answer() end
redis.call('HDEL', outbox, ARGV[3])
redis.call('ZREM', due, 'o ' .. ARGV[3])

local lost = {}
for _, join in ipairs(split(ARGV[4])) do lost[join] = true end

local function back(m)
  if lost[m.join] then return forget(m.id) end
  told[m.id] = true
  redis.call('HSET', key(m.id), 'state', 'waiting')
  m.state = 'waiting'
  if present(m) then stand(m) else pass_over(m) end
  schedule(m)
end

local made = cjson.decode(taken)
for _, s in ipairs(made.members) do
  local m = member(s.memberId)
  if m and m.state == 'popped' and m.room == ARGV[3] then back(m) end
  if made.seat and ARGV[5] == 'met' then redis.call('SADD', guests(made.seat.roomId), s.memberId) end
end
if made.seat and ARGV[5] ~= 'gone' then open_seat(made.seat.roomId, made.seat.seat) end
pop(made.movieId)
return answer()

-- Undo a pop: the store did not take the room, because some of the six had left.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  id in the outbox
-- ARGV[4]  join ids of those who had left, space between: they are forgotten, so that
--          their next call asks the store
-- Result   made: the places given back may bring the next six together

local popped = redis.call('HGET', outbox, ARGV[3])
if not popped then return answer() end
redis.call('HDEL', outbox, ARGV[3])
redis.call('ZREM', due, 'o ' .. ARGV[3])

local lost = {}
for _, join in ipairs(split(ARGV[4])) do lost[join] = true end

local made = cjson.decode(popped)
for _, s in ipairs(made.six) do
  local m = member(s.memberId)
  if m and m.state == 'popped' and m.room == ARGV[3] then
    told[m.id] = true
    if lost[m.join] then
      redis.call('DEL', key(m.id))
    else
      redis.call('HSET', key(m.id), 'state', 'waiting')
      if present(m) then stand(m) end
      schedule(m)
    end
  end
end
pop(made.movieId)
return answer()

-- Show a committed room to its members, and take it out of the outbox.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  id in the outbox; empty when a match is only remembered again
-- ARGV[4]  room id
-- ARGV[5]  room as JSON
-- ARGV[6]… seven for each member: member id, nickname, turn, join id, seat, generation,
--          entered (0 or 1)
-- Result   nothing

if ARGV[3] ~= '' then
  redis.call('HDEL', outbox, ARGV[3])
  redis.call('ZREM', due, 'o ' .. ARGV[3])
end
redis.call('SET', base .. ':r:' .. ARGV[4], ARGV[5], 'PX', KEEP)

for i = 6, #ARGV, 7 do
  local id, turn = ARGV[i], tonumber(ARGV[i + 2])
  local m = member(id)
  -- Whoever left this wait, or began a newer one, has moved on.
  local moved_on = m and (m.turn > turn or (m.turn == turn and m.state == 'idle' and m.reason ~= 'expired'))
  if not moved_on then
    if m and m.state == 'waiting' then step_aside(m) end
    redis.call('DEL', key(id))
    redis.call('HSET', key(id), 'state', 'matched', 'name', ARGV[i + 1], 'turn', ARGV[i + 2], 'join', ARGV[i + 3],
      'room', ARGV[4], 'seat', ARGV[i + 4], 'gen', ARGV[i + 5], 'entered', ARGV[i + 6], 'seen', now)
    redis.call('PEXPIRE', key(id), KEEP)
    redis.call('ZREM', due, 'm ' .. id)
    told[id] = true
  end
end
return answer()

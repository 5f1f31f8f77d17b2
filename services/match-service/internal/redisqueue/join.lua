-- Give a committed wait its place, and make a room if that makes six.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  member id
-- ARGV[4]  nickname
-- ARGV[5]  turn
-- ARGV[6]  join id
-- ARGV[7]  joinedAt, ms
-- ARGV[8]  films, space between, the film first
-- ARGV[9]  1 when no PUT is behind it: the wait was missing here and is put back
-- Result   view, made, expired

local id, turn, healed = ARGV[3], tonumber(ARGV[5]), ARGV[9] == '1'
local old = member(id)

-- known says that the queue knows this wait or a newer one already. A wait that has
-- expired here is revived by a PUT, which the store has just committed to.
local function known()
  if not old or old.turn < turn then return false end
  if old.turn > turn then return true end
  if old.state == 'idle' then return healed or old.reason ~= 'expired' end
  if old.state == 'popped' then return redis.call('HEXISTS', outbox, old.room) == 1 end
  return true
end

if known() then
  if old.turn == turn then touch(old) end
  return answer(id)
end
if old and old.state == 'waiting' then step_aside(old) end
redis.call('DEL', key(id))
redis.call('HSET', key(id), 'state', 'waiting', 'turn', ARGV[5], 'join', ARGV[6], 'name', ARGV[4],
  'films', ARGV[8], 'joined', ARGV[7], 'seen', now)
told[id] = true
local m = member(id)
stand(m)
schedule(m)
pop_for(m)
return answer(id)

-- Give a committed wait its place, and make a room if that makes six.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  member id
-- ARGV[4]  nickname
-- ARGV[5]  turn
-- ARGV[6]  join id
-- ARGV[7]  joinedAt, ms
-- ARGV[8]  films, space between, the film first
-- ARGV[9]  why: asked (a PUT), healed (it was missing here; the member asks now), returned
--          (a seat was taken by another; nobody asks)
-- Result   view, made, expired

local id, turn, why = ARGV[3], tonumber(ARGV[5]), ARGV[9]
local old = member(id)

-- known says that the queue knows this wait or a newer one already. A wait that has
-- expired here, or is about to, is revived by a PUT, which the store has just committed to.
local function known()
  if not old or old.turn < turn then return false end
  if old.turn > turn then return true end
  if old.state == 'idle' then return why ~= 'asked' or old.reason ~= 'expired' end
  if old.state == 'waiting' and why == 'asked' then return now <= forget_at(old) end
  if old.state == 'popped' then return redis.call('HEXISTS', outbox, old.room) == 1 end
  return true
end

if known() then
  if old.turn == turn and why ~= 'returned' then touch(old) end
  return answer(id, old)
end
if old and old.state == 'waiting' then step_aside(old) end
if old then forget(id) end
local seen = ARGV[1]
if why == 'returned' then seen = old and old.seen or 0 end
redis.call('HSET', key(id), 'state', 'waiting', 'turn', ARGV[5], 'join', ARGV[6], 'name', ARGV[4],
  'films', ARGV[8], 'joined', ARGV[7], 'seen', seen, 'since', ARGV[1])
redis.call('ZADD', waits, ARGV[5], id)
told[id], stale[id] = true, nil
local m = {
  id = id, state = 'waiting', turn = turn, join = ARGV[6], name = ARGV[4], films = split(ARGV[8]),
  joined = ARGV[7], seen = tonumber(seen), since = now,
}
if why == 'asked' and not (old and old.state == 'waiting' and old.films[1] == m.films[1]) then arrive(m.films[1]) end
if present(m) then stand(m) else pass_over(m) end
schedule(m)
if present(m) then pop_for(m) end
return answer(id, m)

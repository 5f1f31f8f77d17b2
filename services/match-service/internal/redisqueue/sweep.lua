-- Handle what has fallen due by time alone, up to DUE deadlines.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- Result   made, expired, and:
--   claimed  rooms from the outbox that nobody committed in time, each as made
--   more     true when more is due
--   length   how many waits the queue has
--   noShows  how many seats were offered since nobody entered them in time
--   upto     up to when every entry of chat-service is known, unless none ever came
--   feed     true when this caller should read the entry feed
--   audit    true when this caller should compare queue and store

resumed() -- notices a pause before this sweep ends it
redis.call('HSET', clock, 'last', math.max(now, tonumber(redis.call('HGET', clock, 'last'))))

local function look_at(id)
  local m = member(id)
  if not m or m.state ~= 'waiting' then return redis.call('ZREM', due, 'm ' .. id) end
  if present(m) then
    stand(m)
    schedule(m)
    return pop_for(m)
  end
  if now > forget_at(m) then return expire(m) end
  pass_over(m)
  schedule(m)
end

-- claim hands a room to this caller; should that one die too, the next is due in CLAIM.
local function claim(id)
  local popped = redis.call('HGET', outbox, id)
  if not popped then return redis.call('ZREM', due, 'o ' .. id) end
  redis.call('ZADD', due, now + CLAIM, 'o ' .. id)
  result.claimed = result.claimed or {}
  table.insert(result.claimed, cjson.decode(popped))
end

local handle = {
  m = look_at,
  o = claim,
  f = function() result.feed = true; redis.call('ZADD', due, now + FEED, 'f -') end,
  a = function() result.audit = true; redis.call('ZADD', due, now + AUDIT, 'a -') end,
}
redis.call('ZADD', due, 'NX', now, 'f -', now + AUDIT, 'a -')

local entries = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, DUE)
for _, entry in ipairs(entries) do
  local kind, id = string.match(entry, '^(%a) (.*)$')
  handle[kind](id)
  if result.made then break end -- one a step: there is one id
end

-- Seats are looked at when the feed has told who entered them in time, or when their room
-- is too old for newcomers: while the feed is away they lie still, however many.
local told_upto = math.max(feed_at() or 0, now - REFILL)
local seats = redis.call('ZRANGEBYSCORE', unentered, '-inf', told_upto, 'LIMIT', 0, DUE)
for _, seat in ipairs(seats) do
  if result.made then break end
  open_seat(string.match(seat, '^(%S+) (%d)$'))
end
result.more = result.made ~= nil or #entries == DUE or #seats == DUE
result.upto = tonumber(redis.call('HGET', feed, 'upto'))
result.length = redis.call('ZCARD', waits)
return answer()

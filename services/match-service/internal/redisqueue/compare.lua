-- Compare the queue with the open waits of the store, for one range of turns.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  turns above this
-- ARGV[4]  and up to this, or +inf
-- ARGV[5]… three for each open wait in that range, as the store has them: member id, turn,
--          join id
-- Result   resumed; missing: join ids that the queue knows nothing of; expired: join ids
--          that have expired here
--
-- Where the two disagree the queue forgets, so that the member's next call asks the store.

local open, missing = {}, {}

local function compare(id, turn, join)
  local m = member(id)
  if not m then
    missing[#missing + 1] = join
  elseif m.turn == turn and m.state == 'idle' and m.reason == 'expired' then
    result.expired = result.expired or {}
    table.insert(result.expired, join)
  elseif m.turn < turn or (m.turn == turn and (m.state == 'idle' or m.state == 'matched')) then
    if m.state == 'waiting' then step_aside(m) end
    forget(id)
  end
end

for i = 5, #ARGV, 3 do
  open[ARGV[i] .. ' ' .. ARGV[i + 1]] = true
  compare(ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2])
end

-- stray looks at a wait that the store does not have open. One that came a moment ago may
-- have been committed after the store was asked; what is popped is the outbox's business.
local function stray(id)
  local m = member(id)
  if m and m.state == 'popped' then return end
  if m and m.state == 'waiting' then
    if now - m.since < YOUNG then return end
    step_aside(m)
    return forget(id)
  end
  redis.call('ZREM', waits, id)
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', waits, '(' .. ARGV[3], ARGV[4])) do
  if not open[id .. ' ' .. redis.call('ZSCORE', waits, id)] then stray(id) end
end

if #missing > 0 then result.missing = missing end
result.resumed = resumed()
return answer()

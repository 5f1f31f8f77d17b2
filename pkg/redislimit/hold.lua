-- Take a slot for a holder, or renew the one it has (as limit.Memory does).
-- KEYS[1]  hash: holder -> "end state": when its lease ends (ms), and live, silent or
--          lost; expires with the last. Half of a lease without a sign is silence too
-- ARGV     now (ms), lease (ms), most (0: any number), holder, live or silent
-- returns  1 if the holder has a slot now, else 0; the silent holder that lost its own
--          for it, or ''
local now, lease, most, name = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local all, mine, taken, yields, first = redis.call('HGETALL', KEYS[1]), nil, 0, '', nil
for i = 1, #all, 2 do
  local ends, state = string.match(all[i + 1], '^(%d+) (%a+)$')
  ends = tonumber(ends)
  if ends <= now then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] == name then
    mine = state
  elseif state ~= 'lost' then
    taken = taken + 1
    if (state == 'silent' or ends < now + lease / 2) and (yields == '' or ends < first or ends == first and all[i] < yields) then
      yields, first = all[i], ends
    end
  end
end
local lease_end = string.format('%d', now + lease)
if mine == 'lost' then
  return {0, ''}
end
if mine or most == 0 or taken < most then
  yields = ''
elseif yields == '' then
  return {0, ''}
else
  redis.call('HSET', KEYS[1], yields, lease_end .. ' lost')
end
redis.call('HSET', KEYS[1], name, lease_end .. ' ' .. ARGV[5])
redis.call('PEXPIRE', KEYS[1], lease + 1000)
return {1, yields}

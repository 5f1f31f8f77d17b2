-- Take a slot for a holder, or renew the one it has.
-- KEYS[1]  sorted set: holder -> when its lease ends, ms; expires with the last
-- ARGV     now (ms), lease (ms), most, holder
-- returns  1 if the holder has a slot now, else 0
local now, lease, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[4]) and redis.call('ZCARD', KEYS[1]) >= most then
  return 0
end
redis.call('ZADD', KEYS[1], now + lease, ARGV[4])
redis.call('PEXPIRE', KEYS[1], lease + 1000)
return 1

-- Answers for a member of whom nothing is known here, ARGV[3]. Follows begin.lua and stands
-- before the rest: most event streams are opened by such, and to make the functions of the
-- rest takes twice as long as this whole answer.

if redis.call('EXISTS', key(ARGV[3])) == 0 then
  return cjson.encode({ resumed = resumed() })
end

-- What is known of rooms, for settle.lua and register.lua. Follows view.lua.

-- know_room makes a committed room known with those who hold its seats now, unless it is
-- known already.
local function know_room(room, json, movie, at)
  if redis.call('EXISTS', room_key(room)) == 1 then return end
  redis.call('HSET', room_key(room), 'json', json, 'movie', movie, 'at', at)
  redis.call('PEXPIRE', room_key(room), KEEP)
  for _, s in ipairs(cjson.decode(json).seats) do redis.call('SADD', guests(room), s.memberId) end
  redis.call('PEXPIRE', guests(room), KEEP)
end

-- displace makes the former holder of a seat idle: it was given on.
local function displace(id, room, n, generation)
  local m = member(id)
  if m and m.state == 'matched' and m.room == room and m.seat == n and m.gen < generation then
    make_idle(m.id, m.turn, m.join, 'seat-given-away')
  end
end

-- hold writes a new holder into the room that its members see, and tells them.
local function hold(room, n, generation, id, name)
  local r = cjson.decode(redis.call('HGET', room_key(room), 'json'))
  for _, s in ipairs(r.seats) do
    if s.seat == n and s.memberId ~= id then
      displace(s.memberId, room, n, generation)
      s.memberId, s.nickname = id, name
    end
    told[s.memberId] = true
  end
  redis.call('HSET', room_key(room), 'json', cjson.encode(r))
  redis.call('SADD', guests(room), id)
end

-- seat_held brings what is known of a seat up to date: who entered it holds it, else
-- whose generation is the highest. It returns false for news that is old.
local function seat_held(room, n, generation, entered, id, name)
  local v = redis.call('HMGET', room_key(room), 'g' .. n, 'e' .. n, 'movie')
  local known, was_entered = tonumber(v[1] or 0), v[2] == '1'
  if known ~= generation and (was_entered or (generation < known and not entered)) then return false end
  if known ~= generation then
    -- A first holder stands in the room's JSON already.
    if known > 0 or generation > 1 then hold(room, n, generation, id, name) end
    redis.call('HSET', room_key(room), 'g' .. n, generation)
  end
  if entered then
    redis.call('HSET', room_key(room), 'e' .. n, 1)
    forget_seat(room .. ' ' .. n, v[3])
  elseif known ~= generation then
    redis.call('HSET', room_key(room), 'd' .. n, now + NOSHOW)
    redis.call('ZADD', due, now + NOSHOW, 's ' .. room .. ' ' .. n)
  end
  return true
end

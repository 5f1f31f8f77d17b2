-- How members are taken out of the queue: six for a room, or one for a seat that nobody
-- entered. Follows common.lua.

-- take moves members out of all queues into the outbox, for the caller to commit. A step
-- does it once: it has one id.
local function take(members, made)
  made.id, made.at, made.members = fresh, now, {}
  local looks = {}
  step_aside(unpack(members))
  for i, m in ipairs(members) do
    redis.call('HSET', key(m.id), 'state', 'popped', 'room', fresh)
    made.members[i] = { turn = m.turn, joinId = m.join, memberId = m.id, nickname = m.name, joined = tonumber(m.joined) }
    looks[i], stale[m.id] = 'm ' .. m.id, true
  end
  redis.call('ZREM', due, unpack(looks))
  redis.call('HSET', outbox, fresh, cjson.encode(made))
  redis.call('ZADD', due, now + CLAIM, 'o ' .. fresh)
  result.made = made
end

-- standing is what is known of a member who stands in a queue, as far as it takes to be taken
-- out of it.
local function standing(entry)
  local id, name = string.match(entry, '^(%S+) (.*)$')
  local v = redis.call('HMGET', key(id), 'turn', 'join', 'films', 'joined', 'seen')
  return { id = id, name = name, turn = tonumber(v[1]), join = v[2], films = split(v[3]), joined = v[4], seen = tonumber(v[5]) }
end

-- first returns up to n present members of a film, who waits longest first.
local function first(film, n)
  local found = {}
  for _, entry in ipairs(line(film)) do
    local m = standing(entry)
    if not present(m) then
      pass_over(m)
    else
      found[#found + 1] = m
      if #found == n then break end
    end
  end
  return found
end

-- feed_at is up to when every entry of chat-service is known here, or nil while the feed
-- is away or behind.
local function feed_at()
  local at = tonumber(redis.call('HGET', feed, 'upto'))
  return at and now - at <= FEEDLAG and at or nil
end

-- newcomer is the first of the waiters who was not in a room before.
local function newcomer(waiters, room)
  for _, m in ipairs(waiters) do
    if redis.call('SISMEMBER', guests(room), m.id) == 0 then return m end
  end
end

-- fill gives a seat that nobody entered to the next present waiter of its film who was
-- not in that room before.
local function fill(film)
  if result.made or redis.call('EXISTS', open_seats(film)) == 0 or not feed_at() then return end
  local waiters = first(film, SEATS)
  if #waiters == 0 then return end
  for _, seat in ipairs(redis.call('ZRANGE', open_seats(film), 0, LOOK - 1)) do
    local room, n = string.match(seat, '^(%S+) (%d)$')
    local m = newcomer(waiters, room)
    if m then
      local generation = redis.call('HGET', room_key(room), 'g' .. n) + 1
      redis.call('ZREM', open_seats(film), seat)
      return take({ m }, { movieId = film, seat = { roomId = room, seat = tonumber(n), generation = generation } })
    end
  end
end

-- pop makes a room of the six present members who wait longest for a film.
local function pop(film)
  fill(film)
  if result.made or #line(film) < SEATS then return end
  local six = first(film, SEATS)
  if #six == SEATS then take(six, { movieId = film }) end
end

local function pop_for(m)
  for i = 1, counting(m) do pop(m.films[i]) end
end

local function forget_seat(seat, film)
  redis.call('ZREM', unentered, seat)
  if film then redis.call('ZREM', open_seats(film), seat) end
end

-- open_seat offers a seat whose time is over, unless it was entered, the room is too old
-- for newcomers, or the feed cannot tell yet.
local function open_seat(room, n)
  local seat = room .. ' ' .. n
  local v = redis.call('HMGET', room_key(room), 'movie', 'at', 'e' .. n, 'd' .. n)
  local closes = v[2] and tonumber(v[2]) + REFILL
  if not v[1] or v[3] == '1' or now > closes then return forget_seat(seat, v[1]) end
  local known = feed_at()
  if not known or known < tonumber(v[4] or 0) then
    return redis.call('ZADD', unentered, math.max(now, tonumber(v[4] or 0)), seat)
  end
  if tonumber(v[4] or 0) > 0 then result.noShows = (result.noShows or 0) + 1 end -- else it was given up
  redis.call('ZADD', open_seats(v[1]), ARGV[1], seat)
  redis.call('ZADD', unentered, closes + 1, seat)
  fill(v[1])
end

-- touch marks the member as present, and as the one to complete a six.
local function touch(m)
  local gone = m.state == 'waiting' and not present(m) and now > forget_at(m)
  if gone then return expire(m) end
  -- Who was not passed over stands in the queue; only second choices may have to be begun.
  local stands = not m.aside and (m.also or #m.films < 2)
  m.seen = math.max(m.seen, now) -- clocks of nodes differ a little
  redis.call('HSET', key(m.id), 'seen', m.seen)
  if m.state ~= 'waiting' then return end
  if not stands then stand(m) end
  pop_for(m)
end

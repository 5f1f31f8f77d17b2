-- Shared by all steps; each step's file follows behind it.
--
-- KEYS[1]  base of all keys (keys.go)
-- ARGV[1]  now, in ms since 1970
-- ARGV[2]  id for the room that this step may make
--
-- The result of every step is one JSON object with those of these fields that apply:
--   view     where the member stands, see view()
--   resumed  instead of view when the member is unknown: since when there was no pause
--   made     six that were brought together, to be committed: id, movieId, at, six
--   expired  join ids of waits that this step let expire
--
-- A member is a hash: state (waiting, popped, matched, idle), turn, join, name, films
-- (space between), joined, seen; also = 1 once second choices count; reason when idle;
-- room when popped; room, seat, gen, entered when matched.

local base, now, fresh = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local due, outbox, clock = base .. ':due', base .. ':outbox', base .. ':clock'
local result = { done = true } -- never empty: an empty table would become a list
local told, changed = {}, {} -- member ids and films whose state changed

local function key(id) return base .. ':m:' .. id end
local function queue(film) return base .. ':f:' .. film end

local function split(words)
  local list = {}
  for w in string.gmatch(words or '', '%S+') do list[#list + 1] = w end
  return list
end

local function member(id)
  local v = redis.call('HMGET', key(id), 'state', 'turn', 'join', 'name', 'films', 'joined', 'seen', 'also', 'reason',
    'room', 'seat', 'gen', 'entered')
  if not v[1] then return nil end
  return {
    id = id, state = v[1], turn = tonumber(v[2]), join = v[3], name = v[4], films = split(v[5]),
    joined = tonumber(v[6]), seen = tonumber(v[7]), also = v[8] == '1', reason = v[9],
    room = v[10], seat = tonumber(v[11]), gen = tonumber(v[12]), entered = v[13] == '1',
  }
end

-- resumed is since when members could show that they are present: since the data began,
-- or since the last pause in which nobody swept.
local function resumed()
  local v = redis.call('HMGET', clock, 'resumed', 'last')
  if v[1] and now - tonumber(v[2]) <= PAUSE then return tonumber(v[1]) end
  redis.call('HSET', clock, 'resumed', now, 'last', now)
  return now
end

local function present(m) return now - m.seen <= PRESENT end

-- forget_at is when an absent member's wait expires.
local function forget_at(m) return math.max(m.seen, resumed()) + PRESENT + KEPT end

local function counting(m) return m.also and #m.films or math.min(1, #m.films) end

-- stand puts a present member into the queues that count now.
local function stand(m)
  if not m.also and #m.films > 1 and now - m.joined >= ALSO then
    m.also = true
    redis.call('HSET', key(m.id), 'also', 1)
    told[m.id] = true
  end
  for i = 1, counting(m) do
    if redis.call('ZADD', queue(m.films[i]), m.joined, m.id) == 1 then changed[m.films[i]] = true end
  end
end

-- step_aside takes a member out of all queues; the place is kept in the hash.
local function step_aside(m)
  for _, film in ipairs(m.films) do
    if redis.call('ZREM', queue(film), m.id) == 1 then changed[film] = true end
  end
end

-- schedule says when the member must be looked at next. Touches do not move it: whoever
-- looks finds out that nothing is due yet and schedules anew.
local function schedule(m)
  local at = m.seen + PRESENT + 1
  if not present(m) then
    at = forget_at(m) + 1
  elseif not m.also and #m.films > 1 then
    at = math.min(at, m.joined + ALSO)
  end
  redis.call('ZADD', due, at, 'm ' .. m.id)
end

local function make_idle(id, turn, join, reason)
  redis.call('DEL', key(id))
  redis.call('HSET', key(id), 'state', 'idle', 'turn', turn, 'join', join, 'reason', reason, 'seen', now)
  redis.call('PEXPIRE', key(id), KEEP)
  redis.call('ZREM', due, 'm ' .. id)
  told[id] = true
end

local function expire(m)
  step_aside(m)
  make_idle(m.id, m.turn, m.join, 'expired')
  result.expired = result.expired or {}
  table.insert(result.expired, m.join)
end

-- pop takes the six longest waiting present members of a film out of all queues and
-- into the outbox, if there are six and this step has not made a room already.
local function pop(film)
  if result.made or redis.call('ZCARD', queue(film)) < SEATS then return end
  local six = {}
  for _, id in ipairs(redis.call('ZRANGE', queue(film), 0, SEATS + LOOK - 1)) do
    local m = member(id)
    if present(m) then six[#six + 1] = m else step_aside(m) end
    if #six == SEATS then break end
  end
  if #six < SEATS then return end
  local made = { id = fresh, movieId = film, at = now, six = {} }
  for i, m in ipairs(six) do
    step_aside(m)
    redis.call('HSET', key(m.id), 'state', 'popped', 'room', fresh)
    redis.call('ZREM', due, 'm ' .. m.id)
    made.six[i] = { turn = m.turn, joinId = m.join, memberId = m.id, nickname = m.name }
  end
  redis.call('HSET', outbox, fresh, cjson.encode(made))
  redis.call('ZADD', due, now + CLAIM, 'o ' .. fresh)
  result.made = made
end

local function pop_for(m)
  for i = 1, counting(m) do pop(m.films[i]) end
end

-- touch marks the member as present, and as the one to complete a six.
local function touch(m)
  local gone = m.state == 'waiting' and not present(m) and now > forget_at(m)
  if gone then return expire(m) end
  m.seen = math.max(m.seen, now) -- clocks of nodes differ a little
  redis.call('HSET', key(m.id), 'seen', m.seen)
  if m.state ~= 'waiting' then return end
  stand(m)
  pop_for(m)
end

local function person(m) return { memberId = m.id, nickname = m.name } end

local function waiting_view(m)
  local line, seated = queue(m.films[1]), {}
  for _, id in ipairs(redis.call('ZRANGE', line, 0, SEATS + LOOK - 1)) do
    seated[#seated + 1] = { memberId = id, nickname = redis.call('HGET', key(id), 'name') }
  end
  return {
    waiting = redis.call('ZCARD', line), place = redis.call('ZRANK', line, m.id) + 1, seated = seated,
  }
end

-- popped_view is how the six see themselves until their room is committed: all there,
-- still waiting.
local function popped_view(m)
  local made = cjson.decode(redis.call('HGET', outbox, m.room))
  local place = 1
  for i, s in ipairs(made.six) do
    if s.memberId == m.id then place = i end
  end
  local seated = {}
  for i, s in ipairs(made.six) do seated[i] = { memberId = s.memberId, nickname = s.nickname } end
  return { waiting = #seated, place = place, seated = seated }
end

-- view says where a member stands, or nil where only the store can tell.
local function view(id)
  local m = member(id)
  if not m then return nil end
  if m.state == 'idle' then return { state = 'idle', reason = m.reason } end
  if m.state == 'matched' then
    local room = redis.call('GET', base .. ':r:' .. m.room)
    return room and { state = 'matched', room = room, seat = m.seat, generation = m.gen, entered = m.entered } or nil
  end
  local v
  if m.state == 'waiting' then
    v = waiting_view(m)
  elseif redis.call('HEXISTS', outbox, m.room) == 1 then
    v = popped_view(m)
  else
    return nil
  end
  v.state, v.movieId, v.joinedAt, v.movieIds = 'waiting', m.films[1], m.joined, {}
  for i = 1, counting(m) do v.movieIds[i] = m.films[i] end
  return v
end

-- answer tells all whose state changed, on all nodes, and encodes the result. id is the
-- member whose view is wanted, or nil.
local function answer(id)
  for film in pairs(changed) do
    for _, other in ipairs(redis.call('ZRANGE', queue(film), 0, SEATS + LOOK - 1)) do told[other] = true end
  end
  local ids = {}
  for other in pairs(told) do ids[#ids + 1] = other end
  if #ids > 0 then redis.call('PUBLISH', base .. ':changes', table.concat(ids, ' ')) end
  if id then
    result.view = view(id)
    if not result.view then result.resumed = resumed() end
  end
  return cjson.encode(result)
end

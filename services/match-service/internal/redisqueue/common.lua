-- What all steps share. Follows begin.lua; pop.lua, view.lua and the step's own file follow it.
--
-- KEYS[1]  base of all keys (keys.go)
-- ARGV[1]  now, in ms since 1970
-- ARGV[2]  id for the room that this step may make
--
-- The result of every step is one JSON object with those of these fields that apply:
--   view     where the member stands, see view(), with
--   line     how the queue looks that a waiting member stands in, see look_of()
--   resumed  instead of view when the member is unknown: since when there was no pause
--   made     members taken out of the queue, to be committed: id, movieId, at, members;
--            six for a new room, or one and the seat that is given on to them
--   expired  join ids of waits that this step let expire
--
-- A member is a hash: state (waiting, popped, matched, idle), turn, join, name, films
-- (space between), joined, seen, since (when the wait came here); also = 1 once second
-- choices count; aside = 1 while an absent one stands in no queue; reason when idle; room (the id in the outbox) when popped; room, seat,
-- gen, entered when matched.
--
-- A number that goes to Redis goes as text where there is one: Redis makes text of a number by
-- printf, which costs as much as the command.
--
-- A room is a hash: json, movie, at; and for each seat n: g<n> its generation, e<n> = 1
-- once it is entered, d<n> the time by which it must be.

local fresh = ARGV[2]
local due, outbox, waits, unentered = base .. ':due', base .. ':outbox', base .. ':waits', base .. ':unentered'
local feed = base .. ':feed'
local result = { done = true } -- never empty: an empty table would become a list
local told, changed = {}, {} -- member ids and films whose state changed
local stale = {} -- members whose table in this step no longer holds what is stored
local arrivals = {} -- by film, where this step has counted one
local lines = {} -- by film, once read and as long as it stays so: see line

local function queue(film) return base .. ':f:' .. film end
local function stander(m) return m.id .. ' ' .. m.name end -- as a member stands in a queue
local function open_seats(film) return base .. ':o:' .. film end
local function room_key(id) return base .. ':r:' .. id end
local function guests(id) return base .. ':h:' .. id end

local function split(words)
  local list = {}
  for w in string.gmatch(words or '', '%S+') do list[#list + 1] = w end
  return list
end

-- member is what is known of a member: joined is text, as scores are.
local function member(id)
  local v = redis.call('HMGET', key(id), 'state', 'turn', 'join', 'name', 'films', 'joined', 'seen', 'also', 'reason',
    'room', 'seat', 'gen', 'entered', 'since', 'aside')
  if not v[1] then return nil end
  return {
    id = id, state = v[1], turn = tonumber(v[2]), join = v[3], name = v[4], films = split(v[5]),
    joined = v[6], seen = tonumber(v[7]), also = v[8] == '1', reason = v[9],
    room = v[10], seat = tonumber(v[11]), gen = tonumber(v[12]), entered = v[13] == '1',
    since = tonumber(v[14] or 0), aside = v[15] == '1',
  }
end

local function present(m) return now - m.seen <= PRESENT end

-- forget_at is when an absent member's wait expires.
local function forget_at(m) return math.max(m.seen, resumed()) + PRESENT + KEPT end

local function counting(m) return m.also and #m.films or math.min(1, #m.films) end

-- arrive counts a member who begins to wait for a film, in a weight that fades by e in
-- RATE: the film's arrival rate is made of it (match.Arrivals).
local function arrive(film)
  local v = { string.match(redis.call('HGET', base .. ':rates', film) or '', '^(%S+) (%S+) (%S+) (%S+)$') }
  local weight, since, last, count = tonumber(v[1]), tonumber(v[2]), tonumber(v[3]), tonumber(v[4])
  if not weight or now - last > STALE then weight, since, last, count = 0, now, now, 0 end
  weight = weight * math.exp((last - now) / RATE) + 1
  arrivals[film] = string.format('%.6f %d %d %d', weight, since, math.max(now, last), count + 1)
  redis.call('HSET', base .. ':rates', film, arrivals[film])
end

-- line is who stands in a film's queue, at most as many as a step looks at.
local function line(film)
  lines[film] = lines[film] or redis.call('ZRANGE', queue(film), 0, SEATS + LOOK - 1)
  return lines[film]
end

local function has_changed(film) changed[film], lines[film] = true, nil end

-- stand puts a present member into the queues that count now.
local function stand(m)
  if m.aside then redis.call('HDEL', key(m.id), 'aside') end
  if not m.also and #m.films > 1 and now - m.joined >= ALSO then
    m.also = true
    redis.call('HSET', key(m.id), 'also', 1)
    told[m.id] = true
    for i = 2, #m.films do arrive(m.films[i]) end
  end
  for i = 1, counting(m) do
    if redis.call('ZADD', queue(m.films[i]), m.joined, stander(m)) == 1 then has_changed(m.films[i]) end
  end
end

-- step_aside takes members out of all queues; the place is kept in the hash.
local function step_aside(...)
  local going = {}
  for _, m in ipairs({ ... }) do
    for _, film in ipairs(m.films) do
      going[film] = going[film] or {}
      table.insert(going[film], stander(m))
    end
  end
  for film, standers in pairs(going) do
    if redis.call('ZREM', queue(film), unpack(standers)) > 0 then has_changed(film) end
  end
end

-- pass_over keeps the place of an absent member, who stands in no queue until the next sign
-- of life.
local function pass_over(m)
  step_aside(m)
  redis.call('HSET', key(m.id), 'aside', 1)
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

-- forget drops what is known of a member who stands in no queue; the store knows better.
local function forget(id)
  redis.call('DEL', key(id))
  redis.call('ZREM', waits, id)
  redis.call('ZREM', due, 'm ' .. id)
  told[id], stale[id] = true, true
end

local function make_idle(id, turn, join, reason)
  forget(id)
  redis.call('HSET', key(id), 'state', 'idle', 'turn', turn, 'join', join, 'reason', reason, 'seen', ARGV[1])
  redis.call('PEXPIRE', key(id), KEEP)
end

local function expire(m)
  step_aside(m)
  make_idle(m.id, m.turn, m.join, 'expired')
  result.expired = result.expired or {}
  table.insert(result.expired, m.join)
end

-- What a step answers. Follows pop.lua. From here on nothing moves in the queues any more.

local lines = {} -- by film, once read
local views, views_room = {}, nil -- what this step tells of members, see tell

-- line is who stands in a film's queue, at most as many as a step looks at.
local function line(film)
  lines[film] = lines[film] or redis.call('ZRANGE', queue(film), 0, SEATS + LOOK - 1)
  return lines[film]
end

-- look_of is a film's queue as all who stand in it see it.
local function look_of(film)
  local standing = line(film)
  return {
    movieId = film, standing = #standing > 0 and standing or nil,
    waiting = #standing < SEATS + LOOK and #standing or redis.call('ZCARD', queue(film)),
    arrivals = arrivals[film] or redis.call('HGET', base .. ':rates', film) or nil,
  }
end

local function waiting_view(m)
  local film, me = m.films[1], stander(m)
  local seen = look_of(film)
  local v = { waiting = seen.waiting, arrivals = seen.arrivals }
  for i, entry in ipairs(line(film)) do
    local id, name = string.match(entry, '^(%S+) (.*)$')
    v.seated = v.seated or {} -- an empty one would become an object
    v.seated[i] = { memberId = id, nickname = name }
    if entry == me then v.place = i end
  end
  -- Far behind, or absent: not in the line that was read.
  v.place = v.place or redis.call('ZCOUNT', queue(film), '-inf', '(' .. m.joined) + 1
  return v
end

-- popped_view is how the six see themselves until their room is committed: all there,
-- still waiting.
local function popped_view(m)
  local place, seated = 1, {}
  for i, s in ipairs(cjson.decode(redis.call('HGET', outbox, m.room)).members) do
    seated[i] = { memberId = s.memberId, nickname = s.nickname }
    if s.memberId == m.id then place = i end
  end
  return { waiting = #seated, place = place, seated = seated }
end

-- view says where a member stands, or nil where only the store can tell.
local function view(m)
  if not m then return nil end
  if m.state == 'idle' then return { state = 'idle', reason = m.reason } end
  if m.state == 'matched' then
    local room = redis.call('HGET', room_key(m.room), 'json')
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

-- tell publishes what has changed, for the streams on all nodes, in one JSON object with
-- those of these fields that apply:
--   views  by member id, where they stand now
--   room   the room of views that have none of their own
--   lines  look_of() films whose queue changed
--   look   ids of members whose state changed in a way that they must read for themselves
local function tell()
  local news, any = { views = next(views) and views or nil, room = views_room }, next(views)
  for id in pairs(told) do
    if not views[id] then
      news.look = news.look or {}
      table.insert(news.look, id)
      any = true
    end
  end
  for film in pairs(changed) do
    news.lines = news.lines or {}
    table.insert(news.lines, look_of(film))
    any = true
  end
  if any then redis.call('PUBLISH', base .. ':changes', cjson.encode(news)) end
end

-- answer tells all and encodes the result. id is the member whose view is wanted, or nil;
-- m is that member as this step knows them, if it does.
local function answer(id, m)
  if id then
    if not m or stale[id] then m = member(id) end
    result.view = view(m)
    if not result.view then result.resumed = resumed() end
    if told[id] then views[id] = result.view end
  end
  tell()
  return cjson.encode(result)
end

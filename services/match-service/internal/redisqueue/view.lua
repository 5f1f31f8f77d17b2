-- What a step answers. Follows pop.lua. From here on nothing moves in the queues any more.

local views, views_room, told_waits, beside = {}, nil, nil, nil -- what this step tells of members, see tell
local seen = {} -- by film: how its queue looks, once made

-- look_of is a film's queue as all who stand in it see it.
local function look_of(film)
  local standing = line(film)
  seen[film] = seen[film] or {
    movieId = film, standing = #standing > 0 and standing or nil,
    waiting = #standing < SEATS + LOOK and #standing or redis.call('ZCARD', queue(film)),
    arrivals = arrivals[film] or redis.call('HGET', base .. ':rates', film) or nil,
  }
  return seen[film]
end

-- place_of is nil for who stands in the line that was read. Who is far behind, or absent,
-- does not.
local function place_of(m)
  local film, me = m.films[1], stander(m)
  for _, entry in ipairs(line(film)) do
    if entry == me then return nil end
  end
  return redis.call('ZCOUNT', queue(film), '-inf', '(' .. m.joined) + 1
end

-- popped_view is how the six see themselves until their room is committed: all there,
-- still waiting. It is nil when nothing of it is in the outbox.
local function popped_view(m)
  local popped = result.made
  if not popped or popped.id ~= m.room then
    local text = redis.call('HGET', outbox, m.room)
    if not text then return nil end
    popped = cjson.decode(text)
  end
  local place, seated = 1, {}
  for i, s in ipairs(popped.members) do
    seated[i] = { memberId = s.memberId, nickname = s.nickname }
    if s.memberId == m.id then place = i end
  end
  return { waiting = #seated, place = place, seated = seated }
end

-- view says where a member stands, or nil where only the store can tell. How the queue
-- looks in which they wait is not in it: that is the line's to say. It is of the popped,
-- who stand in none.
local function view(m)
  if not m then return nil end
  if m.state == 'idle' then return { state = 'idle', reason = m.reason } end
  if m.state == 'matched' then
    local room = redis.call('HGET', room_key(m.room), 'json')
    return room and { state = 'matched', room = room, seat = m.seat, generation = m.gen, entered = m.entered } or nil
  end
  local v = m.state == 'waiting' and { place = place_of(m) } or m.state == 'popped' and popped_view(m) or nil
  if not v then return nil end
  v.state, v.movieId, v.joinedAt, v.movieIds = 'waiting', m.films[1], tonumber(m.joined), {}
  for i = 1, counting(m) do v.movieIds[i] = m.films[i] end
  return v
end

-- tell publishes what has changed, for the streams on all nodes, in one JSON object with
-- those of these fields that apply:
--   views   by member id, where they stand now
--   room    the room of views that have none of their own
--   waits   by member id, views that say all together with the line of their film, which is
--           among lines or beside
--   lines   look_of() films whose queue changed
--   beside  look_of() a film whose queue did not
--   look    ids of members whose state changed in a way that they must read for themselves;
--           those in waits too, for nodes of the release before, which know no waits
local function tell()
  local news, any = { views = next(views) and views or nil, room = views_room, waits = told_waits, beside = beside }, next(views)
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
    if m == nil or stale[id] then m = member(id) end
    result.view = view(m)
    if not result.view then
      result.resumed = resumed()
    elseif m.state == 'waiting' then
      local film = m.films[1]
      result.line = look_of(film)
      if told[id] then told_waits, beside = { [id] = result.view }, not changed[film] and result.line or nil end
    elseif told[id] then
      views[id] = result.view
    end
  end
  tell()
  return cjson.encode(result)
end

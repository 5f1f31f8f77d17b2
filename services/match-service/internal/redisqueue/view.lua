-- What a step answers. Follows pop.lua.

local function waiting_view(m)
  local line, seated = queue(m.films[1]), {}
  for _, id in ipairs(redis.call('ZRANGE', line, 0, SEATS + LOOK - 1)) do
    seated[#seated + 1] = { memberId = id, nickname = redis.call('HGET', key(id), 'name') }
  end
  return {
    waiting = redis.call('ZCARD', line), place = redis.call('ZRANK', line, m.id) + 1, seated = seated,
    arrivals = redis.call('HGET', base .. ':rates', m.films[1]) or nil,
  }
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
local function view(id)
  local m = member(id)
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

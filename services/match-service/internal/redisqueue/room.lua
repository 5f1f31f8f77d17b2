-- What is known of rooms, for settle.lua and register.lua. Follows view.lua.

local begun, deadlines = {}, {} -- fields of the room's hash, and entries of unentered, to be written at once
local by = string.format('%d', now + NOSHOW) -- when a seat that is given now must be entered

-- know_room makes a committed room known with those who hold its seats now, ids with space
-- between, unless it is known already. It returns true when the room is new here.
local function know_room(room, json, movie, at, ids)
  if redis.call('EXISTS', room_key(room)) == 1 then return false end
  redis.call('HSET', room_key(room), 'json', json, 'movie', movie, 'at', at)
  redis.call('PEXPIRE', room_key(room), KEEP)
  redis.call('SADD', guests(room), unpack(split(ids)))
  redis.call('PEXPIRE', guests(room), KEEP)
  return true
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

local function set(field, value)
  begun[#begun + 1] = field
  begun[#begun + 1] = value
end

-- begin notes a seat's generation, and when it must be entered.
local function begin(room, n, generation, entered)
  set('g' .. n, generation)
  if entered then return end
  set('d' .. n, by)
  deadlines[#deadlines + 1] = by
  deadlines[#deadlines + 1] = room .. ' ' .. n
end

-- seat_held brings what is known of a seat up to date: who entered it holds it, else
-- whose generation is the highest. It returns false for news that is old. In a new room
-- nothing is known of any seat yet, and its first holders stand in its JSON.
local function seat_held(room, new, n, generation, entered, id, name)
  local v = new and {} or redis.call('HMGET', room_key(room), 'g' .. n, 'e' .. n, 'movie')
  local known, was_entered = tonumber(v[1] or 0), v[2] == '1'
  if known ~= generation then
    if was_entered or (generation < known and not entered) then return false end
    if known > 0 or generation > 1 then hold(room, n, generation, id, name) end
    begin(room, n, generation, entered)
  end
  if entered then
    set('e' .. n, 1)
    forget_seat(room .. ' ' .. n, v[3])
  end
  return true
end

-- write_seats writes what seat_held has gathered.
local function write_seats(room)
  if #begun > 0 then redis.call('HSET', room_key(room), unpack(begun)) end
  if #deadlines > 0 then redis.call('ZADD', unentered, unpack(deadlines)) end
end

-- Show a committed room, or a seat of it, to its members, and take it out of the outbox.
--
-- KEYS[1], ARGV[1], ARGV[2]  see common.lua
-- ARGV[3]  id in the outbox; empty when what the store knows is only remembered again
-- ARGV[4]  room id
-- ARGV[5]  room as JSON
-- ARGV[6]  movie id
-- ARGV[7]  when the room was made, ms
-- ARGV[8]  ids of those who hold its seats, space between
-- ARGV[9]… seven for each member: member id, nickname, turn, join id, seat, generation,
--          entered (0 or 1)
-- Result   nothing

local room = ARGV[4]
if ARGV[3] ~= '' then
  redis.call('HDEL', outbox, ARGV[3])
  redis.call('ZREM', due, 'o ' .. ARGV[3])
end
local new = know_room(room, ARGV[5], ARGV[6], ARGV[7], ARGV[8])
local ended, given_up = {}, {} -- members whose wait is over, seats whose holder left before this

-- moved_on says that a member left this wait or began a newer one. But who was told that
-- the seat is given away, and entered it all the same, is in it.
local function moved_on(m, turn, entered)
  if not m or m.turn < turn then return false end
  if m.turn > turn then return true end
  return m.state == 'idle' and m.reason ~= 'expired' and not (entered and m.reason == 'seat-given-away')
end

-- known is what is known of a member, as far as it matters here: seen is text.
local function known(id)
  local v = redis.call('HMGET', key(id), 'state', 'turn', 'reason', 'seen', 'films', 'name')
  return v[1] and { id = id, state = v[1], turn = tonumber(v[2]), reason = v[3], seen = v[4], films = split(v[5]), name = v[6] }
end

local function show(id, name, turn, join, n, generation, entered)
  if not seat_held(room, new, n, generation, entered, id, name) then return end
  local m = known(id)
  if moved_on(m, turn, entered) then
    if not entered then table.insert(given_up, n) end
    return
  end
  if m and m.state == 'waiting' then
    step_aside(m)
    redis.call('ZREM', due, 'm ' .. id)
  end
  redis.call('HSET', key(id), 'state', 'matched', 'name', name, 'turn', turn, 'join', join, 'room', room,
    'seat', n, 'gen', generation, 'entered', entered and 1 or 0, 'seen', m and m.seen or ARGV[1])
  redis.call('PEXPIRE', key(id), KEEP)
  ended[#ended + 1] = id
  views[id] = { state = 'matched', seat = n, generation = generation, entered = entered }
end

for i = 9, #ARGV, 7 do
  show(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5]),
    ARGV[i + 6] == '1')
end
write_seats(room)
views_room = new and ARGV[5] or redis.call('HGET', room_key(room), 'json')
for _, n in ipairs(given_up) do -- its time is over: the next sweep offers it
  redis.call('HSET', room_key(room), 'd' .. n, 0)
  redis.call('ZADD', unentered, ARGV[1], room .. ' ' .. n)
end
if #ended > 0 then redis.call('ZREM', waits, unpack(ended)) end
return answer()

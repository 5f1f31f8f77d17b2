// Package redisqueue is the queue in Redis: who waits right now, for what, and who was
// here when. It fills the port match.Queue; each of its steps is one Lua script, so that
// Redis runs it whole or not at all.
//
// There is one file per step (join.lua, touch.lua, leave.lua, settle.lua, putback.lua,
// sweep.lua and so on), with KEYS, ARGV and result on top. begin.lua, common.lua, pop.lua
// and view.lua stand before most of them and hold what they share; the numbers come from match's
// limits. The keys are listed in keys.go.
//
// What is here may be lost: PostgreSQL remembers who waits, and match puts back who is
// missing. No step rests on the expiry of a key, which only cleans up; deadlines are
// compared with the caller's clock. Only this package and its like know go-redis.
package redisqueue

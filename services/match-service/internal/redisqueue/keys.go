package redisqueue

// All keys begin with one base that ends in a hash tag, so that in a cluster all lie in
// one slot and a step can change them together:
//
//	<base>:m:<memberId>   hash    the member's latest wait, see common.lua; expires a day
//	                              after it has ended (the store knows it for good)
//	<base>:f:<movieId>    zset    "<memberId> <nickname>": present members that count for the
//	                              film, by joinedAt; a zset without members does not exist
//	<base>:o:<movieId>    zset    "<roomId> <seat>": seats of the film that nobody entered
//	                              in time, by when they were opened; each leaves when it
//	                              is filled, entered, or its room too old
//	<base>:waits          zset    members who wait, by the turn of their wait
//	<base>:due            zset    deadlines in ms: "m <memberId>" look at the member,
//	                              "o <id>" claim from the outbox, "f -" read the entry
//	                              feed, "a -" compare with the store
//	<base>:unentered      zset    "<roomId> <seat>": seats that nobody has entered, by when
//	                              they must be, in ms; once open, by when their room is too
//	                              old
//	<base>:outbox         hash    id -> members taken out of the queue, not yet committed
//	<base>:r:<roomId>     hash    a committed room, see common.lua; expires after a day
//	<base>:h:<roomId>     set     all who ever had a seat in it; expires after a day
//	<base>:rates          hash    movieId -> arrivals; at most one field for each film
//	<base>:feed           hash    read: the last entry handled; upto: its last heartbeat
//	<base>:clock          hash    last: when somebody swept; resumed: since when there was
//	                              no pause
//	<base>:changes        channel what has changed, see tell in view.lua
//
// Waits end, and what is popped leaves the outbox with its commit, so that nothing grows
// beyond the number of waiting members.
const tag = "{match}"

const (
	changesSuffix = ":changes"
	feedSuffix    = ":feed"
)

package redisqueue

// All keys begin with one base that ends in a hash tag, so that in a cluster all lie in
// one slot and a step can change them together:
//
//	<base>:m:<memberId>   hash    the member's latest wait, see common.lua; expires a day
//	                              after it has ended (the store knows it for good)
//	<base>:f:<movieId>    zset    present members that count for the film, by joinedAt; a
//	                              zset without members does not exist
//	<base>:due            zset    deadlines in ms: "m <memberId>" look at the member,
//	                              "o <roomId>" claim the room from the outbox
//	<base>:outbox         hash    roomId -> the six, popped and not yet committed
//	<base>:r:<roomId>     string  a committed room as JSON; expires after a day
//	<base>:clock          hash    last: when somebody swept; resumed: since when there was
//	                              no pause; two fields, for ever
//	<base>:changes        channel "<memberId> <memberId> ...": their state may have changed
//
// Waits end, and what is popped leaves the outbox with its commit, so that nothing grows
// beyond the number of waiting members.
const tag = "{match}"

const changesSuffix = ":changes"

// Package match is the domain of match-service: members wait for a film, six who are
// present make a room, and nobody who was told "you wait" is forgotten.
//
// A Service holds the rules and the order of steps. Where waits and rooms are kept
// (Waits, Rooms: PostgreSQL) and who waits right now (Queue: Redis) are ports, declared
// in ports.go and filled by store and redisqueue. httpapi calls the Service; it knows
// no HTTP, SQL or Redis itself.
//
// The order that loses nobody, told by file:
//
//	join.go    the wait is committed, then the member joins the queue; six make a room
//	commit.go  the room is committed, then shown; else the others go back to their places
//	read.go    a member asks; one who is missing in the queue is put back from the store
//	leave.go   the store ends the wait, then the queue forgets it
//	sweep.go   what falls due by time alone
//	watch.go   who must hear of a change on this node
package match

package stomp

import (
	"strconv"
	"strings"
	"time"
)

// Negotiate picks the highest version that both sides speak (STOMP 1.2, Protocol
// Negotiation): accept is the accept-version header, which a client of 1.0 does not
// send. Entries that nobody knows are ignored.
func Negotiate(accept string, given bool) (Version, bool) {
	if !given {
		return V10, true
	}
	best, found := V10, false
	for _, entry := range strings.Split(accept, ",") {
		for _, v := range []Version{V10, V11, V12} {
			if strings.TrimSpace(entry) == v.String() {
				best, found = max(best, v), true
			}
		}
	}
	return best, found
}

// HeartBeats reads a heart-beat header: what the peer can send at least that often,
// and what it wants to get. Zero means not at all; a missing header means 0,0 (STOMP
// 1.2, Heart-beating). Anything but two decimals of milliseconds is malformed.
func HeartBeats(value string, given bool) (canSend, wants time.Duration, err error) {
	if !given {
		return 0, 0, nil
	}
	first, second, _ := strings.Cut(value, ",")
	if canSend, err = heartBeat(first); err != nil {
		return 0, 0, err
	}
	wants, err = heartBeat(second)
	return canSend, wants, err
}

func heartBeat(s string) (time.Duration, error) {
	ms, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, malformed("heart-beat must be two numbers of milliseconds, like 10000,10000.")
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Agree is the period between heart-beats in one direction: none when one side does
// not want it, else the longer of the two.
func Agree(canSend, wants time.Duration) time.Duration {
	if canSend == 0 || wants == 0 {
		return 0
	}
	return max(canSend, wants)
}

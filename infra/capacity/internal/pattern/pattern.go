// Package pattern is what people do in a journey, how long they think and in which
// proportion there are which kinds of them. It is read from YAML, strictly: what it does
// not know or cannot be is an error that names the field.
package pattern

import (
	"math"
	"math/rand/v2"
	"time"
)

// Pattern is people's behaviour.
type Pattern struct {
	Films int // that people wait for
	Kinds []Kind
	Day   *Day // nil: not said
}

// Day is how a day's visits lie, which a plan needs to know and a load does not.
type Day struct {
	Present float64 // share of all users who are there at once when most are
	Average float64 // traffic of day and night, as a share of what it is then
}

// Kind is one kind of people. What has zero pages or messages they leave out.
type Kind struct {
	Name     string
	Share    float64       // in proportion to the other kinds
	Patience time.Duration // in the queue
	Browse   Reading
	Chat     Chat
	History  Reading
	Leaves   float64 // the share who leave the room for good
}

// Reading is looking at pages, after thinking for a while before each.
type Reading struct {
	Pages int
	Think time.Duration
}

// Chat is talking, after thinking for a while before each message and before the end.
type Chat struct {
	Messages int
	Think    time.Duration
	Length   int     // characters
	Typing   float64 // the share of messages of which one sees that they are being typed
}

// longestThink is how many times the average a time can be: beyond come 5 % of an
// exponential distribution, which would hold up the end of every run.
const longestThink = 3

// Think draws a time around an average.
func Think(average time.Duration) time.Duration {
	return time.Duration(min(rand.ExpFloat64(), longestThink) * float64(average))
}

// Mean is what Think takes on average: longestThink cuts the longest.
func Mean(average time.Duration) time.Duration {
	return time.Duration((1 - math.Exp(-longestThink)) * float64(average))
}

// Variance is that of Think, in square seconds.
func Variance(average time.Duration) float64 {
	mean := 1 - math.Exp(-longestThink)
	square := 2 * (1 - (1+longestThink)*math.Exp(-longestThink)) // of a time cut at longestThink, in averages
	return (square - mean*mean) * average.Seconds() * average.Seconds()
}

// Draw draws a kind.
func (p Pattern) Draw() Kind {
	var all float64
	for _, k := range p.Kinds {
		all += k.Share
	}
	at := rand.Float64() * all
	for _, k := range p.Kinds {
		if at -= k.Share; at < 0 {
			return k
		}
	}
	return p.Kinds[len(p.Kinds)-1]
}

// Longest is the longest that a journey can take, but for the answers' times.
func (p Pattern) Longest() (longest time.Duration) {
	for _, k := range p.Kinds {
		thinks := time.Duration(k.Browse.Pages)*k.Browse.Think + time.Duration(k.Chat.Messages+1)*k.Chat.Think + time.Duration(k.History.Pages)*k.History.Think
		longest = max(longest, k.Patience+longestThink*thinks)
	}
	return longest
}

// Messages is how many messages a journey has on average.
func (p Pattern) Messages() (n float64) {
	var all float64
	for _, k := range p.Kinds {
		n += k.Share * float64(k.Chat.Messages)
		all += k.Share
	}
	return n / all
}

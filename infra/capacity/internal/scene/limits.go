package scene

import "time"

// Bounds of what a run may ask for. It is a program on one machine, and a mistyped flag
// should be an error, not a night.
const (
	// MaxConnections is what one machine with 24 GiB carries: some 10 KiB here, and more in
	// the target beside it.
	MaxConnections = 200_000

	// MaxRate is per second; one core of this program sends about as much.
	MaxRate = 50_000

	// MaxDuration is of one step, and of everybody's coming.
	MaxDuration = 6 * time.Hour

	// MaxMessages is what a run may send in all: the judge remembers 48 octets for each.
	MaxMessages = 20_000_000

	// MaxLength is the longest text in the contract, and MinLength has place for a nonce.
	MinLength, MaxLength = 10, 2000
)

const (
	// SettleFor is how long the end waits for what is still on its way: as long as a
	// person would wait before saying that it is lost.
	SettleFor = 20 * time.Second

	// settleEvery is how often it looks.
	settleEvery = 50 * time.Millisecond

	// subscribeTimeout is how long a SUBSCRIBE may wait for its receipt.
	subscribeTimeout = 30 * time.Second

	// preparing is how many requests prepare the run at a time: enough to be quick, and too
	// few to be a load of their own.
	preparing = 64

	// secondSample bounds one question for what a process has used, so that a second's sample
	// is that second's; the ends of a step are worth waiting for.
	secondSample, stepSample = 900 * time.Millisecond, 10 * time.Second

	// watchEvery is how often the run is looked at.
	watchEvery = time.Second

	// pulseEvery is how often each member sends a heart-beat that is due, and pulseParts in
	// how many parts that is done.
	pulseEvery = time.Second
	pulseParts = 20
)

const (
	// silences are how often a silence is measured: of three the middle one is no accident.
	silences = 3

	// mostGivenBack is how much less memory a connection may seem to take than none: a
	// collector gives back what the stage before has used.
	mostGivenBack = 2 << 10

	// catchUpEvery is two turns of match-service, which looks for entries once a second, and
	// catchUpFor some six times what 2,000 of them take. caughtUpBelow, in microseconds a second, is what
	// some four entries take: while there are more of them, they are not done.
	catchUpEvery, catchUpFor = 2 * time.Second, time.Minute
	caughtUpBelow            = 10_000

	// mostBent is the share of what all connections cost by which a silence may be off the
	// line, and leastBent the microseconds a second that do not matter: half a percent of a core.
	mostBent, leastBent = 0.3, 5_000
)

const (
	// MaxFilms is one page of the catalogue.
	MaxFilms = 100

	// streamLead is how long before its PUT a member's event stream is asked for.
	streamLead = time.Second

	// streamLife is after what an event stream is given up: the service ends each after 144 s
	// at the latest.
	streamLife = 150 * time.Second

	// shortStream is far less than one lives. mostShort of them are asked for again, as when
	// services are replaced, and not for ever where each ends at once.
	shortStream = time.Minute
	mostShort   = 5
)

const (
	// perVisitor is how many connections one visitor of a journey has at a time, at most: the
	// event stream and the PUT beside it.
	perVisitor = 2

	// keepIdle is after what a browser's idle connection is not used again, well below what
	// load balancers and services give it.
	keepIdle = 20 * time.Second

	// historyPage is how many messages a page of history has: the service's default.
	historyPage = 50

	// typeFor is how long before a message one sees it being typed.
	typeFor = 2 * time.Second

	// visitSlack is what a journey may take beyond its thinking: answers and the end's wait.
	visitSlack = 2 * SettleFor
)

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// commits is a committer in memory: it stores ids once, and fails as it is told.
type commits struct {
	takes time.Duration // how long one commit takes
	fail  func(n int, batch []groupedPost) error
	lose  func(n int) bool       // store the batch, lose the answer
	holds func(room string) bool // somebody else has the room locked

	mu     sync.Mutex // guards what follows
	tries  []try
	stored map[string]int64
	order  []string
}

type try struct {
	at  time.Time
	ids []string
}

func (c *commits) commit(_ context.Context, batch []groupedPost) ([]chat.Stored, error) {
	at := time.Now()
	time.Sleep(c.takes)
	c.mu.Lock()
	defer c.mu.Unlock()
	tr := try{at: at}
	for _, p := range batch {
		tr.ids = append(tr.ids, p.ID)
	}
	c.tries = append(c.tries, tr)
	n := len(c.tries)
	if c.fail != nil {
		if err := c.fail(n, batch); err != nil {
			return nil, err
		}
	}
	for _, p := range batch {
		if c.holds != nil && c.holds(p.RoomID) {
			return nil, errLock
		}
	}
	if c.stored == nil {
		c.stored = map[string]int64{}
	}
	results := make([]chat.Stored, len(batch))
	for i, p := range batch {
		seq, known := c.stored[p.ID]
		if !known {
			seq = int64(len(c.stored) + 1)
			c.stored[p.ID], c.order = seq, append(c.order, p.ID)
		}
		results[i] = chat.Stored{Seq: seq, Known: known, Standing: chat.Inside}
	}
	if c.lose != nil && c.lose(n) {
		return nil, errLost
	}
	return results, nil
}

func (c *commits) locked(_ context.Context, rooms []string) (ids []string, err error) {
	for _, id := range rooms {
		if c.holds(id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (c *commits) seen() []try {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries
}

var (
	errLost = fmt.Errorf("read answer: %w", driver.ErrBadConn)
	errLock = fmt.Errorf("commit: %w", &pgconn.PgError{Code: "55P03", Message: "canceling statement due to lock timeout"})
)

// answers remembers what each entry was told.
type answers struct {
	mu     sync.Mutex // guards what follows
	told   map[string]int
	seqs   map[string]int64
	errs   map[string]error
	at     map[string]time.Time
	refuse []error // by Append itself
}

func newAnswers() *answers {
	return &answers{told: map[string]int{}, seqs: map[string]int64{}, errs: map[string]error{}, at: map[string]time.Time{}}
}

// append asks for n posts as one entry; their ids are name/0, name/1 …
func (a *answers) append(j *Journal, name string, n int) {
	a.appendTo(j, name, make([]string, n)...)
}

// appendTo asks for one post to each of the rooms.
func (a *answers) appendTo(j *Journal, name string, rooms ...string) {
	n := len(rooms)
	posts := make([]chat.Post, n)
	for i, room := range rooms {
		posts[i] = chat.Post{ID: fmt.Sprint(name, "/", i), RoomID: room}
	}
	err := j.Append(posts, func(st []chat.Stored, err error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.told[name]++
		a.errs[name], a.at[name] = err, time.Now()
		if err == nil && len(st) != n {
			panic(fmt.Sprintf("%d results for %d posts", len(st), n))
		}
		if err == nil {
			a.seqs[name] = st[0].Seq
		}
	})
	if err != nil {
		a.refuse = append(a.refuse, err)
	}
}

func (a *answers) check(t *testing.T, names ...string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range names {
		if a.told[name] != 1 {
			t.Errorf("%s was told %d times what became of it, want once", name, a.told[name])
		}
	}
}

func start(t *testing.T, c *commits) *Journal {
	t.Helper()
	return newJournal(c, postgresTimeout, func() {}, slog.New(slog.DiscardHandler))
}

func TestJournal_commitsAtOnceWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{}, newAnswers()
		j := start(t, c)
		defer j.Close()
		begin := time.Now()
		for i := range 3 {
			a.append(j, fmt.Sprint(i), 1)
			synctest.Wait()
			a.check(t, fmt.Sprint(i))
		}
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("three single posts waited %v", waited)
		}
		if n := len(c.seen()); n != 3 {
			t.Errorf("%d commits, want one each", n)
		}
	})
}

func TestJournal_sharesCommitsWhenBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: time.Millisecond}, newAnswers()
		j := start(t, c)
		for i := range 200 {
			a.append(j, fmt.Sprint(i), 1)
			time.Sleep(100 * time.Microsecond)
		}
		j.Close()

		tries := c.seen()
		for i := 1; i < len(tries); i++ {
			if gap := tries[i].at.Sub(tries[i-1].at); gap < linger && len(tries[i-1].ids) > 1 {
				t.Errorf("commit %d started %v after the one before it; want at least %v", i, gap, linger)
			}
		}
		if len(tries) > 15 {
			t.Errorf("%d commits for 200 posts in 20 ms", len(tries))
		}
		for i := range 200 {
			a.check(t, fmt.Sprint(i))
		}
	})
}

func TestJournal_saysWhenAllOfACommitAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: time.Millisecond}, newAnswers()
		var told []int // how many had their answer
		j := newJournal(c, postgresTimeout, func() { told = append(told, len(a.told)) }, slog.New(slog.DiscardHandler))
		a.append(j, "first", 1)
		synctest.Wait() // it is being committed
		for i := range 3 {
			a.append(j, fmt.Sprint(i), 2)
		}
		j.Close()
		if !slices.Equal(told, []int{1, 4}) {
			t.Errorf("said after %v answers, want after that of the first commit and the three of the second", told)
		}
	})
}

// While many are told of their commit another is made, of which one alone is told after them.
func TestJournal_tellsInTheOrderOfCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &commits{takes: time.Millisecond}
		var told []int
		var committed int // commits, when the last of the many is told
		j := start(t, c)
		post := func(i int) {
			err := j.Append([]chat.Post{{ID: fmt.Sprint(i)}}, func([]chat.Stored, error) {
				told = append(told, i)
				if i == 0 {
					time.Sleep(4 * linger)
				}
				if i == fewPosts+1 {
					committed = len(c.seen())
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		post(-1) // is committed alone, and told at once
		synctest.Wait()
		for i := range fewPosts + 2 {
			post(i)
		}
		time.Sleep(2 * linger) // they are being told
		post(fewPosts + 2)
		j.Close()

		if n := len(told); n != fewPosts+4 || !slices.IsSorted(told) {
			t.Errorf("told in the order %v", told)
		}
		if committed != 3 {
			t.Errorf("%d commits when the many were told, want 3: the last is made meanwhile", committed)
		}
	})
}

// One who sends many at once is as many to tell.
func TestJournal_commitsWhileATransactionIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &commits{}
		j := start(t, c)
		one := make([]chat.Post, fewPosts+1)
		for i := range one {
			one[i].ID = fmt.Sprint(i)
		}
		committed := 0 // when the transaction was told
		if err := j.Append(one, func([]chat.Stored, error) { time.Sleep(4 * linger); committed = len(c.seen()) }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := j.Append([]chat.Post{{ID: "next"}}, func([]chat.Stored, error) {}); err != nil {
			t.Fatal(err)
		}
		j.Close()
		if committed != 2 {
			t.Errorf("%d commits when the transaction was told, want the next one too", committed)
		}
	})
}

func TestJournal_keepsTheOrderAndTheLimitOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: time.Millisecond}, newAnswers()
		j := start(t, c)
		for i := range 2000 {
			a.append(j, fmt.Sprint(i), 1)
		}
		a.append(j, "a transaction", 100)
		j.Close()

		for i, tr := range c.seen() {
			if len(tr.ids) > maxBatch+99 {
				t.Errorf("commit %d took %d posts", i, len(tr.ids))
			}
		}
		for i, id := range c.order[:2000] {
			if id != fmt.Sprint(i, "/0") {
				t.Fatalf("%s was stored as number %d", id, i)
			}
		}
		if n := len(c.order); n != 2100 {
			t.Errorf("%d posts are stored", n)
		}
		a.check(t, "0", "1999", "a transaction")
	})
}

func TestJournal_refusesWhenTooManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: time.Second}, newAnswers()
		j := start(t, c)
		a.append(j, "first", 100)
		synctest.Wait() // it is being committed, and waits as well
		for i := range maxQueued/100 - 1 {
			a.append(j, fmt.Sprint(i), 100) // posts count, not who sent them together
		}
		if len(a.refuse) != 0 {
			t.Fatalf("refused below the limit: %v", a.refuse[0])
		}
		a.append(j, "too many", 1)
		if len(a.refuse) != 1 || !fault.Is(a.refuse[0], fault.Unavailable) || fault.From(a.refuse[0]).RetryAfter == 0 {
			t.Errorf("beyond the limit: %v; want Unavailable and when to try again", a.refuse)
		}
		j.Close()
		a.check(t, "first", "0", fmt.Sprint(maxQueued/100-2))
		if a.told["too many"] != 0 {
			t.Error("what was refused at once was answered again")
		}
	})
}

func TestJournal_triesAgainWithTheSameIDsWhileTheDatabaseIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{lose: func(n int) bool { return n == 1 }}, newAnswers()
		c.fail = func(n int, _ []groupedPost) error {
			if n == 2 || n == 3 {
				return &pgconn.PgError{Code: "57P03", Message: "the database system is starting up"}
			}
			return nil
		}
		j := start(t, c)
		a.append(j, "a", 2)
		j.Close()

		tries := c.seen()
		if len(tries) != 4 || fmt.Sprint(tries[0].ids) != fmt.Sprint(tries[3].ids) {
			t.Errorf("tried %v; want four times the same ids", tries)
		}
		if a.check(t, "a"); a.errs["a"] != nil || a.seqs["a"] != 1 || len(c.order) != 2 {
			t.Errorf("told %v, seq %d, %d stored; want it stored once, at its first seq", a.errs["a"], a.seqs["a"], len(c.order))
		}
	})
}

func TestJournal_givesUpAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{fail: func(int, []groupedPost) error { return driver.ErrBadConn }}, newAnswers()
		j := start(t, c)
		begin := time.Now()
		a.append(j, "a", 1)
		j.Close()

		if a.check(t, "a"); !fault.Is(a.errs["a"], fault.Unavailable) {
			t.Errorf("told %v, want Unavailable", a.errs["a"])
		}
		if took := a.at["a"].Sub(begin); took < retryFor || took >= retryFor+retryMost {
			t.Errorf("given up after %v, want the last try to begin within %v", took, retryFor)
		}
		if n := len(c.seen()); n < 4 || n > 20 {
			t.Errorf("%d tries", n)
		}
	})
}

// However many wait while the database hangs, each has its answer, and a node that stops
// has stopped, within retryFor and one try.
func TestJournal_answersInTimeWhileTheDatabaseHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: postgresTimeout, fail: func(int, []groupedPost) error { return context.DeadlineExceeded }}, newAnswers()
		j := start(t, c)
		begin := time.Now()
		for i := range maxQueued / 100 {
			a.append(j, fmt.Sprint(i), 100)
		}
		time.Sleep(time.Second)
		a.append(j, "too many", 1)
		j.Close()

		for i := range maxQueued / 100 {
			name := fmt.Sprint(i)
			a.check(t, name)
			if took := a.at[name].Sub(begin); !fault.Is(a.errs[name], fault.Unavailable) || took > retryFor+postgresTimeout {
				t.Errorf("%s was told %v after %v", name, a.errs[name], took)
			}
		}
		if len(a.refuse) != 1 {
			t.Errorf("while all places were taken, refused at once: %v", a.refuse)
		}
		if took := time.Since(begin); took > retryFor+postgresTimeout {
			t.Errorf("stopped after %v", took)
		}
	})
}

// What waited while the database hung is stored once it answers, unless its time is over.
func TestJournal_storesWhatWaitedOnceTheDatabaseAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: postgresTimeout}, newAnswers()
		c.fail = func(n int, _ []groupedPost) error {
			if n == 1 {
				return context.DeadlineExceeded
			}
			return nil
		}
		j := start(t, c)
		a.append(j, "first", 1)
		time.Sleep(time.Second)
		a.append(j, "second", 1)
		j.Close()

		if a.check(t, "first", "second"); a.errs["first"] != nil || a.errs["second"] != nil {
			t.Errorf("told %v and %v", a.errs["first"], a.errs["second"])
		}
	})
}

func TestJournal_boundsTheTextThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &commits{takes: time.Second}
		j := start(t, c)
		long := chat.Post{Comment: strings.Repeat("x", 8_000), Key: strings.Repeat("k", 192)}
		accepted, answered := 0, 0
		offer := func() error {
			p := long
			p.ID = fmt.Sprint(accepted)
			return j.Append([]chat.Post{p}, func([]chat.Stored, error) { answered++ })
		}
		for offer() == nil {
			accepted++
		}
		if accepted != maxQueuedOctets/8192 {
			t.Errorf("%d posts of 8 KiB wait, want %d octets", accepted, maxQueuedOctets)
		}
		time.Sleep(1100 * time.Millisecond) // some were stored
		if err := offer(); err != nil {
			t.Errorf("refused although there is room again: %v", err)
		}
		j.Close()
		if answered != accepted+1 {
			t.Errorf("%d answers for %d posts", answered, accepted+1)
		}
	})
}

// Whatever the database says of a culprit, unless it is away, is said of it alone.
func TestJournal_refusesOnlyTheCulpritOfABatch(t *testing.T) {
	for _, said := range []error{
		&pgconn.PgError{Code: "22021", Message: "invalid byte sequence"},
		&pgconn.PgError{Code: "54000", Message: "program limit exceeded"},
		&pgconn.PgError{Code: "XX001", Message: "data corrupted"},
		errors.New("unable to encode"),
	} {
		refusesOnlyTheCulprit(t, said)
	}
}

func refusesOnlyTheCulprit(t *testing.T, said error) {
	for _, culprits := range [][]string{{"0"}, {"6"}, {"12"}, {"3", "9"}, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}} {
		t.Run(fmt.Sprint(said, culprits), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bad := map[string]bool{}
				for _, id := range culprits {
					bad[id+"/0"] = true
				}
				c, a := &commits{takes: time.Millisecond}, newAnswers()
				c.fail = func(_ int, batch []groupedPost) error {
					for _, p := range batch {
						if bad[p.ID] {
							return fmt.Errorf("commit: %w", said)
						}
					}
					return nil
				}
				j := start(t, c)
				a.append(j, "goes before", 1)
				synctest.Wait()
				for i := range 13 { // one batch
					a.append(j, fmt.Sprint(i), 2)
				}
				j.Close()

				for i := range 13 {
					name := fmt.Sprint(i)
					a.check(t, name)
					refused := a.errs[name] != nil
					if refused != bad[name+"/0"] || refused && !errors.Is(a.errs[name], said) {
						t.Errorf("entry %s: told %v; culprits are %v", name, a.errs[name], culprits)
					}
				}
				if want := 1 + 2*(13-len(culprits)); len(c.order) != want {
					t.Errorf("%d posts are stored, want %d", len(c.order), want)
				}
			})
		})
	}
}

// A faulty post is committed behind the one that it repeats, so that it is known whether
// that was stored; within one entry they are stored all or none.
func TestJournal_aFaultyPostComesAfterTheOneThatItRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: time.Millisecond}, newAnswers()
		j := start(t, c)
		a.append(j, "first", 1)
		synctest.Wait()
		post := func(id string, err error) chat.Post { return chat.Post{ID: id, Fault: err} }
		bad := errors.New("bad")
		for _, posts := range [][]chat.Post{
			{post("k", nil)}, {post("k", nil)}, {post("k", bad), post("other", nil)}, {post("l", nil), post("l", bad)}, {post("k", bad)},
		} {
			if err := j.Append(posts, func([]chat.Stored, error) {}); err != nil {
				t.Error(err)
			}
		}
		j.Close()
		var tries [][]string
		for _, tr := range c.seen() {
			tries = append(tries, tr.ids)
		}
		if diff := cmp.Diff(tries, [][]string{{"first/0"}, {"k", "k"}, {"k", "other", "l", "l"}, {"k"}}); diff != "" {
			t.Error(diff)
		}
	})
}

func TestJournal_closeCommitsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := &commits{takes: 10 * time.Millisecond}, newAnswers()
		j := start(t, c)
		for i := range 1500 {
			a.append(j, fmt.Sprint(i), 1)
		}
		j.Close()

		if len(c.order) != 1500 {
			t.Errorf("%d of 1500 are stored", len(c.order))
		}
		a.append(j, "late", 1)
		if len(a.refuse) != 1 || !fault.Is(a.refuse[0], fault.Stopping) {
			t.Errorf("after Close: %v, want Stopping", a.refuse)
		}
	})
}

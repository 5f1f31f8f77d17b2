package store

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sixseat/sixseat/pkg/database"
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// committer stores a batch of posts in one transaction, in each database's own way:
// it locks the rooms in the order of their ids, drops posts whose id is known and
// groups with an author who is not inside or with a faulty post that is not known,
// numbers the rest, and returns one result per post. Posts of one group are stored all or none.
type committer interface {
	commit(ctx context.Context, batch []groupedPost) ([]chat.Stored, error)
	// locked names those of the rooms that somebody else holds, without waiting for them.
	locked(ctx context.Context, roomIDs []string) ([]string, error)
}

type groupedPost struct {
	chat.Post
	group int
}

// entry is what one Append asked for.
type entry struct {
	posts  []chat.Post
	octets int64
	until  time.Time // no try begins after that
	done   func([]chat.Stored, error)
}

// outcome is what became of entries: a result for each of their posts, or why they are
// refused.
type outcome struct {
	entries []entry
	results []chat.Stored
	refused error
}

// Journal implements chat.Journal: one goroutine that commits everything that waits,
// at once when it was idle, else at least linger after the last commit began, and tells of it if
// that is soon done; and one that tells everybody of larger ones meanwhile. Refusals are told
// too, all in that order.
type Journal struct {
	db     committer
	each   time.Duration // the longest that one try may take
	told   func()        // called when everybody was told of a commit
	log    *slog.Logger
	queue  chan entry
	untold chan outcome
	stop   chan struct{} // closed by Close
	ended  chan struct{} // closed when all is told

	posts, octets atomic.Int64 // that have no answer yet
	telling       atomic.Int64 // outcomes that tell has
	counted       counters

	posted []groupedPost // what try has in hand; belongs to run, as what follows

	// What waits for rooms that others hold, and when it is tried again: nil while there is
	// nothing.
	aside []entry
	again <-chan time.Time
}

// Journal starts a journal on the store's database. told is called after the last done of each
// commit, and must not block.
func (s *Store) Journal(told func(), log *slog.Logger) *Journal {
	if s.commits != nil {
		return newJournal(&postgresCommitter{pool: s.commits}, postgresTimeout, told, log)
	}
	return newJournal(sqliteCommitter{s.db}, sqliteTimeout, told, log)
}

func newJournal(db committer, each time.Duration, told func(), log *slog.Logger) *Journal {
	j := &Journal{
		db: db, each: each, told: told, log: log, queue: make(chan entry, maxQueued), untold: make(chan outcome, maxUntold),
		stop: make(chan struct{}), ended: make(chan struct{}), counted: newCounters(),
	}
	go j.run()
	go j.tell()
	return j
}

// Append implements chat.Journal.
func (j *Journal) Append(posts []chat.Post, done func([]chat.Stored, error)) error {
	select {
	case <-j.stop:
		return fault.New(fault.Stopping, "This node stops.")
	default:
	}
	e := entry{posts, octetsOf(posts), time.Now().Add(retryFor), done}
	// The queue has a place for each post, so it never blocks below the limit.
	waiting, octets := j.posts.Add(int64(len(posts))), j.octets.Add(e.octets)
	if waiting > maxQueued || octets > maxQueuedOctets {
		j.release(e)
		j.counted.refused.Add(float64(len(posts)))
		return fault.New(fault.Unavailable, "Too many messages wait to be stored.").WithRetry(time.Second)
	}
	j.queue <- e
	return nil
}

func octetsOf(posts []chat.Post) (n int64) {
	for _, p := range posts {
		n += int64(len(p.Comment) + len(p.Key))
	}
	return n
}

// release gives an entry's place to others.
func (j *Journal) release(e entry) {
	j.posts.Add(-int64(len(e.posts)))
	j.octets.Add(-e.octets)
}

// Close commits what waits and ends the journal, within retryFor and one try: what waits
// longer is refused. Nothing may be appended any more.
func (j *Journal) Close() {
	close(j.stop)
	<-j.ended
}

// run owns the batch. It ends when Close was called and nothing waits any more.
func (j *Journal) run() {
	defer close(j.untold)
	stop := j.stop
	for stop != nil || len(j.queue) > 0 || len(j.aside) > 0 {
		select {
		case first := <-j.queue:
			j.commit(j.collect(first))
		case <-j.again:
			j.tryAside()
		case <-stop:
			stop = nil
		}
	}
}

// collect takes what waits beside first, up to a full batch.
func (j *Journal) collect(first entry) []entry {
	batch, posts := []entry{first}, len(first.posts)
	for posts < maxBatch {
		select {
		case e := <-j.queue:
			batch, posts = append(batch, e), posts+len(e.posts)
		default:
			return batch
		}
	}
	return batch
}

// commit stores a batch and keeps the pace of a busy node.
func (j *Journal) commit(batch []entry) {
	next := time.Now().Add(linger)
	j.storeAll(batch)
	if len(batch) > 1 || len(j.queue) > 0 {
		time.Sleep(time.Until(next))
	}
}

// storeAll stores entries in their order, a full batch at a time.
func (j *Journal) storeAll(entries []entry) {
	for len(entries) > 0 {
		n := full(entries)
		j.store(j.behindAside(entries[:n]))
		entries = entries[n:]
	}
}

// full is how many of the entries make a batch. A faulty post whose id another entry has
// begins a new one: by then it is known whether that was stored.
func full(entries []entry) int {
	posts := 0
	for i, e := range entries {
		if posts >= maxBatch || slices.ContainsFunc(e.posts, func(p chat.Post) bool { return p.Fault != nil && has(entries[:i], p.ID) }) {
			return i
		}
		posts += len(e.posts)
	}
	return len(entries)
}

// has reports whether a post of the entries has an id.
func has(entries []entry, id string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool {
		return slices.ContainsFunc(e.posts, func(p chat.Post) bool { return p.ID == id })
	})
}

// store commits a batch and has everybody told. While the database is away it tries again,
// with those who may still wait, and without rooms that somebody holds: the posts keep their ids, so that a try whose answer was
// lost is found by the next one. What the database will not have at all is halved until
// the one entry to blame stands alone.
func (j *Journal) store(batch []entry) {
	var err error // of the last try
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		if batch = j.refuseLate(batch, err); len(batch) == 0 {
			return
		}
		var results []chat.Stored
		if results, err = j.try(batch); err == nil {
			j.pass(outcome{entries: batch, results: results})
			return
		}
		switch {
		case database.Locked(err):
			batch = j.setAside(batch)
		case !database.Away(err):
			j.blame(batch, err)
			return
		}
		if len(batch) > 0 {
			j.log.Warn("commit tried again", "entries", len(batch), "err", err)
			time.Sleep(pause)
		}
	}
}

func (j *Journal) try(batch []entry) ([]chat.Stored, error) {
	ctx, cancel := context.WithTimeout(context.Background(), j.each)
	defer cancel()
	j.posted = appendPosts(j.posted[:0], batch)
	defer clear(j.posted) // which would keep their texts
	posts := j.posted
	start := time.Now()
	results, err := j.db.commit(ctx, posts)
	j.counted.tried(len(posts), time.Since(start), err)
	return results, err
}

// blame refuses the entry that failed, alone, and looks for it in each half of others.
func (j *Journal) blame(batch []entry, err error) {
	if half := len(batch) / 2; half > 0 {
		j.store(batch[:half])
		j.store(batch[half:])
		return
	}
	j.log.Error("commit refused", "err", err)
	j.refuse(batch[0], err)
}

// refuseLate refuses those who have waited for too long, untried, and returns the others.
// err is what kept them waiting, or nil.
func (j *Journal) refuseLate(batch []entry, err error) (rest []entry) {
	now := time.Now()
	if !slices.ContainsFunc(batch, func(e entry) bool { return !now.Before(e.until) }) {
		return batch
	}
	for _, e := range batch {
		if now.Before(e.until) {
			rest = append(rest, e)
			continue
		}
		late := fault.New(fault.Unavailable, "The message could not be stored in time.")
		j.refuse(e, late.Wrap(err))
	}
	if n := len(batch) - len(rest); n > 0 {
		j.log.Error("given up", "entries", n, "err", err)
	}
	return rest
}

func (j *Journal) refuse(e entry, err error) {
	j.pass(outcome{entries: []entry{e}, refused: err})
}

// pass has everybody told, in the order of the outcomes: of few at once, which is sooner than
// another goroutine wakes, and of many while the next commit is made.
func (j *Journal) pass(o outcome) {
	if len(o.results) <= fewPosts && j.telling.Load() == 0 {
		j.answer(o)
		return
	}
	j.telling.Add(1)
	j.untold <- o
}

// tell lets everybody know what became of their posts, until run is over and nothing is
// left to tell.
func (j *Journal) tell() {
	defer close(j.ended)
	for o := range j.untold {
		j.answer(o)
		j.telling.Add(-1)
	}
}

// answer calls done of each of the entries.
func (j *Journal) answer(o outcome) {
	j.counted.answered(o.results)
	for _, e := range o.entries {
		j.release(e)
		if o.refused != nil {
			j.counted.refused.Add(float64(len(e.posts)))
			e.done(nil, o.refused)
			continue
		}
		e.done(o.results[:len(e.posts)], nil)
		o.results = o.results[len(e.posts):]
	}
	j.told()
}

// appendPosts puts the posts of all entries behind posts, those of each as a group.
func appendPosts(posts []groupedPost, batch []entry) []groupedPost {
	for group, e := range batch {
		for _, p := range e.posts {
			posts = append(posts, groupedPost{p, group})
		}
	}
	return posts
}

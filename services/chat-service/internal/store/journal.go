package store

import (
	"context"
	"log/slog"
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
}

type groupedPost struct {
	chat.Post
	group int
}

// entry is what one Append asked for.
type entry struct {
	posts []chat.Post
	done  func([]chat.Stored, error)
}

// Journal implements chat.Journal: one goroutine that commits everything that waits,
// at once when it was idle, else at least 2 ms after the last commit.
type Journal struct {
	db    committer
	each  time.Duration // the longest that one try may take
	log   *slog.Logger
	queue chan entry
	posts atomic.Int64  // that wait in the queue
	stop  chan struct{} // closed by Close
	ended chan struct{} // closed when run is over
}

// Journal starts a journal on the store's database.
func (s *Store) Journal(log *slog.Logger) *Journal {
	if s.db.Name() == database.PostgreSQL {
		return newJournal(postgresCommitter{s.db}, postgresTimeout, log)
	}
	return newJournal(sqliteCommitter{s.db}, sqliteTimeout, log)
}

func newJournal(db committer, each time.Duration, log *slog.Logger) *Journal {
	j := &Journal{
		db: db, each: each, log: log, queue: make(chan entry, maxQueued),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go j.run()
	return j
}

// Append implements chat.Journal.
func (j *Journal) Append(posts []chat.Post, done func([]chat.Stored, error)) error {
	select {
	case <-j.stop:
		return fault.New(fault.Stopping, "This node stops.")
	default:
	}
	// The queue has a place for each post, so it never blocks below the limit.
	if j.posts.Add(int64(len(posts))) > maxQueued {
		j.posts.Add(-int64(len(posts)))
		return fault.New(fault.Unavailable, "Too many messages wait to be stored.").WithRetry(time.Second)
	}
	j.queue <- entry{posts, done}
	return nil
}

// Close commits what waits and ends the journal. Nothing may be appended any more.
func (j *Journal) Close() {
	close(j.stop)
	<-j.ended
}

// run owns the batch. It ends when Close was called and the queue is empty.
func (j *Journal) run() {
	defer close(j.ended)
	for {
		select {
		case first := <-j.queue:
			j.commit(j.collect(first))
		case <-j.stop:
			if len(j.queue) == 0 {
				return
			}
			j.commit(j.collect(<-j.queue))
		}
	}
}

// collect takes what waits beside first, up to a full batch.
func (j *Journal) collect(first entry) []entry {
	batch, posts := []entry{first}, len(first.posts)
	defer func() { j.posts.Add(-int64(posts)) }()
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

// commit stores a batch, tells everybody, and keeps the pace of a busy node.
func (j *Journal) commit(batch []entry) {
	next := time.Now().Add(linger)
	j.store(batch)
	if len(batch) > 1 || len(j.queue) > 0 {
		time.Sleep(time.Until(next))
	}
}

// store commits a batch, and when its data is refused, halves of it, until the one
// entry to blame stands alone.
func (j *Journal) store(batch []entry) {
	results, err := j.try(flatten(batch))
	if err != nil && database.BadData(err) && len(batch) > 1 {
		half := len(batch) / 2
		j.store(batch[:half])
		j.store(batch[half:])
		return
	}
	if err != nil {
		j.log.Error("commit refused", "entries", len(batch), "err", err)
		err = database.Fault(err)
	}
	for _, e := range batch {
		if err != nil {
			e.done(nil, err)
			continue
		}
		e.done(results[:len(e.posts)], nil)
		results = results[len(e.posts):]
	}
}

// try commits, again and again while the database is away. A try whose answer was lost
// may have been stored: the posts keep their ids, so that the next one finds them.
func (j *Journal) try(posts []groupedPost) (results []chat.Stored, err error) {
	deadline := time.Now().Add(retryFor)
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		ctx, cancel := context.WithTimeout(context.Background(), j.each)
		results, err = j.db.commit(ctx, posts)
		cancel()
		if err == nil || !database.Away(err) || time.Now().Add(pause).After(deadline) {
			return results, err
		}
		j.log.Warn("commit tried again", "err", err)
		time.Sleep(pause)
	}
}

func flatten(batch []entry) []groupedPost {
	var posts []groupedPost
	for group, e := range batch {
		for _, p := range e.posts {
			posts = append(posts, groupedPost{p, group})
		}
	}
	return posts
}

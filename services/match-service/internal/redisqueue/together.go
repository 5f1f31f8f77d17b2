package redisqueue

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/batch"
	"github.com/sixseat/sixseat/pkg/redisconn"
)

// step is one run of a script.
type step struct {
	script *redis.Script
	argv   []any
}

// answer is what a step said, or why it did not.
type answer struct {
	text string
	err  error
}

// together sends the steps of all who ask while others are under way in one pipeline: Redis
// and this node have one trip for them instead of one each. A step that finds none under
// way goes at once.
func (q *Queue) together() *batch.Batcher[*step, answer] {
	return batch.New(q.sendAll, batch.Limits{Window: stepWindow, Timeout: stepTimeout, Most: maxSteps, Enough: 1})
}

// send runs a step and returns what it says. One of a traced request goes by itself, since
// its trip is a span of that request alone.
func (q *Queue) send(ctx context.Context, s *step) (string, error) {
	if redisconn.Traced(ctx) {
		return s.script.Run(ctx, q.rdb, []string{q.base}, s.argv...).Text()
	}
	got, err := q.steps.Get(ctx, s)
	if err != nil {
		return "", err
	}
	return got.text, got.err
}

// sendAll answers the Batcher. What fails by itself is its step's alone; the rest of a
// pipeline that broke off goes the same way, each with its error.
func (q *Queue) sendAll(ctx context.Context, steps []*step) (map[*step]answer, error) {
	commands := make([]*redis.Cmd, len(steps))
	_, _ = q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error { // each command has its own error
		for i, s := range steps {
			commands[i] = s.script.EvalSha(ctx, p, []string{q.base}, s.argv...)
		}
		return nil
	})
	answers := make(map[*step]answer, len(steps))
	for i, s := range steps {
		text, err := commands[i].Text()
		if redis.HasErrorPrefix(err, "NOSCRIPT") { // after a restart or a fail-over
			text, err = s.script.Run(ctx, q.rdb, []string{q.base}, s.argv...).Text()
		}
		answers[s] = answer{text, err}
	}
	return answers, nil
}

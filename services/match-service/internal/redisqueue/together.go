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
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if redisconn.Traced(ctx) {
		return s.script.Run(ctx, q.rdb, []string{q.base}, s.argv...).Text()
	}
	ctx, cancel := untilDeadline(ctx)
	defer cancel()
	got, err := q.steps.Get(ctx, s)
	if err != nil {
		return "", err
	}
	return got.text, got.err
}

// untilDeadline is ctx without the end of a caller who hangs up: what a step may have taken
// out of the queue is not that caller's alone, and must be committed by whoever has the answer.
func untilDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	all := context.WithoutCancel(ctx)
	if at, has := ctx.Deadline(); has {
		return context.WithDeadline(all, at)
	}
	return all, func() {}
}

// sendAll answers the Batcher. A step that fails by itself harms no other. A pipeline whose
// line breaks is sent anew once by the client, as a step alone would be: every step stands
// being run again.
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

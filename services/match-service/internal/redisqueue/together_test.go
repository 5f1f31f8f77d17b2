package redisqueue

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// trips notes what goes to Redis: how many scripts in each pipeline, and the commands of
// those that go alone.
type trips struct {
	pipelines []int
	alone     []string
	breaks    bool   // the next pipeline finds the line broken
	meanwhile func() // called while a pipeline is under way, if it is set
}

func (*trips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (t *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if name := cmd.Name(); strings.HasPrefix(name, "eval") { // and nothing that a connection begins with
			t.alone = append(t.alone, name)
		}
		return next(ctx, cmd)
	}
}

func (t *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if n := len(cmds); cmds[0].Name() == "evalsha" {
			t.pipelines = append(t.pipelines, n)
			if t.meanwhile != nil {
				t.meanwhile()
			}
			if t.breaks {
				t.breaks = false
				for _, c := range cmds {
					c.SetErr(net.ErrClosed)
				}
				return net.ErrClosed
			}
		}
		return next(ctx, cmds)
	}
}

// embeddedQueue is a queue on an embedded Redis that knows no script yet.
func embeddedQueue(t *testing.T) (*Queue, *trips) {
	t.Helper()
	r, err := embedded.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	seen := &trips{}
	r.Client.AddHook(seen)
	return New(r.Client, Config{Limits: match.DefaultLimits(), Now: time.Now, NewID: func() string { return "room" }}), seen
}

// say are steps that answer 1, 2, …
func say(n int) (steps []*step) {
	script := redis.NewScript("return ARGV[1]")
	for i := range n {
		steps = append(steps, &step{script, []any{fmt.Sprint(i + 1)}})
	}
	return steps
}

func wantSaid(t *testing.T, q *Queue, steps []*step) {
	t.Helper()
	answers, err := q.sendAll(t.Context(), steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if got := answers[s]; got.text != s.argv[0] || got.err != nil {
			t.Errorf("step %v: %+v", s.argv[0], got)
		}
	}
}

func TestTogether_stepsOfOneMomentAreOneTrip(t *testing.T) {
	q, seen := embeddedQueue(t)
	wantSaid(t, q, say(3)) // the server learns the script
	if !slices.Equal(seen.alone, []string{"evalsha", "eval", "evalsha", "evalsha"}) {
		t.Errorf("a server that does not know the script is asked %v; the text once is enough", seen.alone)
	}
	*seen = trips{}
	wantSaid(t, q, say(maxSteps))
	if !slices.Equal(seen.pipelines, []int{maxSteps}) || len(seen.alone) > 0 {
		t.Errorf("pipelines of %v, and %v beside them", seen.pipelines, seen.alone)
	}
}

func TestTogether_aStepThatFailsHarmsNoOther(t *testing.T) {
	q, _ := embeddedQueue(t)
	good, bad := say(2), &step{redis.NewScript("return redis.call('HGET', 'a')"), nil}
	wantSaid(t, q, good)
	answers, err := q.sendAll(t.Context(), []*step{good[0], bad, good[1]})
	if err != nil || answers[good[0]].text != "1" || answers[good[1]].text != "2" || answers[bad].err == nil {
		t.Errorf("%v, %+v", err, answers)
	}
}

// A line that breaks fails all that were on it, each with an error that says so.
func TestTogether_aLineThatBreaksIsSaidToAll(t *testing.T) {
	q, seen := embeddedQueue(t)
	steps := say(2)
	seen.breaks = true
	answers, err := q.sendAll(t.Context(), steps)
	for _, s := range steps {
		if err != nil || answers[s].err == nil || !fault.Is(translate(answers[s].err), fault.Unavailable) {
			t.Errorf("step %v: %v, %+v", s.argv[0], err, answers[s])
		}
	}
}

// A step whose caller has hung up is not begun; one that is under way is answered all the
// same, since others may be in what it took out of the queue.
func TestTogether_whoHangsUpIsAnsweredWhatIsUnderWay(t *testing.T) {
	q, seen := embeddedQueue(t)
	s := say(1)[0]
	wantSaid(t, q, []*step{s})
	ctx, hangUp := context.WithTimeout(t.Context(), stepTimeout)
	defer hangUp()
	*seen = trips{meanwhile: hangUp}
	if text, err := q.send(ctx, s); text != "1" || err != nil || ctx.Err() == nil {
		t.Errorf("%q, %v", text, err)
	}
	*seen = trips{}
	if _, err := q.run(ctx, q.scripts.sweep); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if len(seen.pipelines)+len(seen.alone) > 0 {
		t.Errorf("%v, %v were sent for somebody who is gone", seen.pipelines, seen.alone)
	}
}

// slow answers pipelines after a while, without a server.
type slow struct {
	trips
	takes time.Duration
}

func (s *slow) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(_ context.Context, cmds []redis.Cmder) error {
		s.pipelines = append(s.pipelines, len(cmds))
		time.Sleep(s.takes)
		for _, c := range cmds {
			c.(*redis.Cmd).SetVal("said")
		}
		return nil
	}
}

func nowhere(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }

// Steps wait while one is under way, until it is back or for stepWindow.
func TestTogether_whoComesMeanwhileGoesTogether(t *testing.T) {
	for takes, wait := range map[time.Duration]time.Duration{stepWindow / 2: stepWindow / 2, stepTimeout / 2: stepWindow} {
		synctest.Test(t, func(t *testing.T) {
			client, redis := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379", Dialer: nowhere}), &slow{takes: takes}
			defer client.Close()
			client.AddHook(redis)
			q := New(client, Config{Limits: match.DefaultLimits(), Now: time.Now})
			began, steps := time.Now(), say(6)
			var all sync.WaitGroup
			for i, s := range steps {
				all.Go(func() {
					if text, err := q.send(t.Context(), s); text != "said" || err != nil {
						t.Errorf("%q, %v", text, err)
					}
					if took, want := time.Since(began), takes+min(time.Duration(i), 1)*wait; took != want {
						t.Errorf("step %d took %v, want %v", i+1, took, want)
					}
				})
				synctest.Wait()
			}
			all.Wait()
			if !slices.Equal(redis.pipelines, []int{1, 5}) {
				t.Errorf("pipelines of %v steps, want one and then all others", redis.pipelines)
			}
		})
	}
}

package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// line is a stream's other end: what it reads and when its socket breaks, by the time
// since it began, and what was written and when.
type line struct {
	reads  func(since time.Duration) (match.State, error)
	breaks time.Duration // 0: never
	writes []string
	start  time.Time
	news   chan match.News
	ending chan struct{}
}

func newLine() *line {
	return &line{
		reads: func(time.Duration) (match.State, error) { return state("first"), nil },
		start: time.Now(), news: make(chan match.News, 1), ending: make(chan struct{}),
	}
}

func (l *line) stream(life time.Duration) stream {
	return stream{
		read:   func(context.Context) (match.State, error) { return l.reads(time.Since(l.start)) },
		encode: func(to *bytes.Buffer, s match.State) error { to.WriteString(s.Reason); return nil },
		write: func(b []byte) error {
			since := time.Since(l.start)
			if l.breaks > 0 && since >= l.breaks {
				return errors.New("broken pipe")
			}
			l.writes = append(l.writes, fmt.Sprintf("%v %s", since, b))
			return nil
		},
		news: l.news, ending: l.ending, life: life,
		follow: func(n match.News, s match.State) (match.State, bool) { return n.After(s, "member", time.Now()) },
	}
}

func (l *line) expect(t *testing.T, want ...string) {
	t.Helper()
	if fmt.Sprint(l.writes) != fmt.Sprint(want) {
		t.Errorf("wrote %q, want %q", l.writes, want)
	}
}

func state(reason string) match.State { return match.State{Kind: "idle", Reason: reason} }

// becomes reads one state before a moment and another from it on.
func becomes(at time.Duration, before, after string) func(time.Duration) (match.State, error) {
	return func(since time.Duration) (match.State, error) {
		if since < at {
			return state(before), nil
		}
		return state(after), nil
	}
}

func TestStream_writesTheFirstStateAtOnceAndFindsAChangeNobodyTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.reads = becomes(3*time.Second, "first", "second")

		l.stream(9*time.Second).run(t.Context(), state("first"))

		l.expect(t, "0s first", "5s second")
	})
}

func TestStream_isWokenByAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.reads = becomes(time.Second, "first", "told")
		time.AfterFunc(time.Second, func() { l.news <- match.News{Look: true} })

		l.stream(3*time.Second).run(t.Context(), state("first"))

		l.expect(t, "0s first", "1s told")
	})
}

func TestStream_commentsOftenEnoughForProxies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()

		l.stream(35*time.Second).run(t.Context(), state("first"))

		l.expect(t, "0s first", "10s : still here\n\n", "20s : still here\n\n", "30s : still here\n\n")
	})
}

func TestStream_survivesAStoreThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.reads = func(since time.Duration) (match.State, error) {
			if since < 12*time.Second {
				return match.State{}, errors.New("away")
			}
			return state("back"), nil
		}

		l.stream(16*time.Second).run(t.Context(), state("first"))

		l.expect(t, "0s first", "10s : still here\n\n", "15s back")
	})
}

func TestStream_endsWhenItCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.breaks = time.Second

		l.stream(time.Hour).run(t.Context(), state("first"))

		if got := time.Since(l.start); got != commentEvery {
			t.Errorf("ended after %v, want the first failed write at %v", got, commentEvery)
		}
	})
}

func TestStream_endsWithItsLifeItsNodeAndItsClient(t *testing.T) {
	for what, end := range map[string]func(l *line, cancel func()) time.Duration{
		"life":   func(*line, func()) time.Duration { return 100 * time.Second },
		"node":   func(l *line, _ func()) time.Duration { close(l.ending); return 0 },
		"client": func(_ *line, cancel func()) time.Duration { cancel(); return 0 },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				want := end(l, cancel)

				l.stream(100*time.Second).run(ctx, state("first"))

				if got := time.Since(l.start); got != want {
					t.Errorf("ended after %v, want %v", got, want)
				}
			})
		})
	}
}

func TestLifetime_is120SecondsGiveOrTakeAFifth(t *testing.T) {
	for range 1000 {
		if got := lifetime(); got < 96*time.Second || got > 144*time.Second {
			t.Fatalf("got %v, want 96s to 144s", got)
		}
	}
}

func TestStreams_areEndedEvenlyOverTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := NewStreams(), time.Now()
		ended := make(chan time.Duration, 10)
		for range 10 {
			ending, closed, err := s.open()
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				<-ending
				ended <- time.Since(start)
				closed()
			}()
		}

		s.Drain(t.Context(), 60*time.Second)

		for i := range 10 {
			if got, want := <-ended, time.Duration(i)*6*time.Second; got != want {
				t.Errorf("stream %d ended after %v, want %v", i+1, got, want)
			}
		}
		if _, _, err := s.open(); err == nil {
			t.Error("a draining node took a new stream")
		}
	})
}

func TestStreams_drainDoesNotWaitForStreamsThatEndThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := NewStreams(), time.Now()

		s.Drain(t.Context(), time.Minute)

		if got := time.Since(start); got != 0 {
			t.Errorf("an empty node drained for %v", got)
		}
	})
}

func TestStreams_drainDoesNotWaitForOneThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStreams()
		_, closed, err := s.open() // it is closed long after
		if err != nil {
			t.Fatal(err)
		}
		defer closed()
		ctx, cancel := context.WithTimeout(t.Context(), 65*time.Second)
		defer cancel()
		began := time.Now()

		s.Drain(ctx, time.Minute)

		if took := time.Since(began); took != 65*time.Second {
			t.Errorf("drained after %v, want 65 s", took)
		}
	})
}

func TestStream_commentsInTimeWhileAStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		s := l.stream(120 * time.Second)
		s.read = func(context.Context) (match.State, error) {
			<-time.After(readTimeout)
			return match.State{}, context.DeadlineExceeded
		}
		last, longest := time.Now(), time.Duration(0)
		s.write = func([]byte) error {
			longest = max(longest, time.Since(last))
			last = time.Now()
			return nil
		}

		s.run(t.Context(), state("first"))

		if longest > 15*time.Second {
			t.Errorf("silent for %v", longest)
		}
	})
}

func TestStream_doesNotTellWhatIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		entered := match.State{Kind: "idle", Reason: "first", Match: match.Match{Entered: true}}
		l.reads = func(time.Duration) (match.State, error) { return entered, nil }

		l.stream(6*time.Second).run(t.Context(), state("first"))

		l.expect(t, "0s first")
	})
}

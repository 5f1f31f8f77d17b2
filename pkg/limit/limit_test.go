package limit

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// answers is a shared counter whose answers a test gives.
type answers struct {
	Counter
	asked, answer chan error
}

func (a answers) Take(context.Context, Pace, string, time.Time) (time.Duration, error) {
	a.asked <- nil
	return 0, <-a.answer
}

// Of many who ask a counter that is overloaded some have their answer late and others
// none. It is away then: what was asked before does not call it back.
func TestLimiter_aLateAnswerIsNoReturn(t *testing.T) {
	now := noon
	counter := answers{asked: make(chan error), answer: make(chan error)}
	var log strings.Builder
	l := New(counter, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	done := make(chan error)
	ask := func(who string) { done <- l.Take(t.Context(), once, who) }
	said := func(want int) {
		t.Helper()
		if n := strings.Count(log.String(), "\n"); n != want {
			t.Errorf("%d lines, want %d:\n%s", n, want, log.String())
		}
	}

	go ask("early")
	<-counter.asked
	go ask("unlucky")
	<-counter.asked
	counter.answer <- errors.New("timeout") // to one of the two
	<-done
	said(1)
	counter.answer <- nil // to the other
	<-done
	said(1)
	go ask("meanwhile")
	if err := <-done; err != nil { // it would wait for ever if the counter were asked
		t.Error(err)
	}

	now = now.Add(askAgainAfter)
	go ask("probe")
	<-counter.asked
	counter.answer <- nil
	<-done
	said(2)
	go ask("after")
	<-counter.asked
	counter.answer <- nil
	<-done
	said(2)
}

// A question that went unanswered while the counter was away says nothing about the one
// that is back.
func TestLimiter_aLateFailureIsNoLoss(t *testing.T) {
	now := noon
	counter := answers{asked: make(chan error), answer: make(chan error)}
	var log strings.Builder
	l := New(counter, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	done := make(chan error)
	ask := func() { done <- l.Take(t.Context(), once, "somebody") }
	answered := func(err error) {
		counter.answer <- err
		<-done
	}

	go ask() // the late one: its answer comes last
	<-counter.asked
	late := counter.answer
	l.shared = answers{asked: counter.asked, answer: make(chan error)}
	counter = l.shared.(answers)
	go ask()
	<-counter.asked
	answered(errors.New("away"))
	now = now.Add(askAgainAfter)
	go ask() // the probe
	<-counter.asked
	answered(nil)
	late <- errors.New("timeout")
	<-done

	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("%d lines, want that it went and that it came back:\n%s", n, log.String())
	}
	go ask()
	select {
	case <-counter.asked:
		answered(nil)
	case err := <-done:
		t.Error("it is back, and was not asked:", err)
	}
}

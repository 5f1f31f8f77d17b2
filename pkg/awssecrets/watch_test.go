package awssecrets

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/awstest"
)

// ceiling is how long something may take that takes milliseconds; it is only waited for
// when a test fails.
const ceiling = 30 * time.Second

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(ceiling); !holds(); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", ceiling, what)
		}
	}
}

// watched is a secret under a Watch that reads it every millisecond.
type watched struct {
	*Secret
	aws   *awstest.Secrets
	taken chan string // what take took
	log   *lines
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

func watch(t *testing.T, text string) *watched {
	t.Helper()
	w := &watched{aws: awstest.Start(t, t.Setenv), taken: make(chan string), log: &lines{}}
	w.aws.PutText("keys", text, noon)
	var err error
	if w.Secret, err = Open(t.Context(), "SIGNING_KEY", "aws-sm://keys", slog.New(slog.NewTextHandler(w.log, nil))); err != nil {
		t.Fatal(err)
	}
	known, err := w.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		w.Watch(ctx, time.Millisecond, known, func(v Value) error {
			if v.Text == "bad" {
				return errors.New("is no key")
			}
			select {
			case w.taken <- v.Text:
			case <-ctx.Done():
			}
			return nil
		})
	}()
	return w
}

// askedMore waits until the secret was read some more times.
func (w *watched) askedMore(t *testing.T) {
	t.Helper()
	asked := w.aws.Asked()
	until(t, "reading it again and again", func() bool { return w.aws.Asked() >= asked+5 })
}

func (w *watched) takes(t *testing.T, want string) {
	t.Helper()
	if got := <-w.taken; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
}

func TestWatch_handsOverEachChange(t *testing.T) {
	w := watch(t, "one")
	w.askedMore(t) // what was known at the start is no change
	w.aws.PutText("keys", "two", noon)
	w.takes(t, "two")
	w.askedMore(t)
	w.aws.PutText("keys", "three", noon)
	w.takes(t, "three")
	until(t, "two changes in the log", func() bool { return w.log.count("a secret has changed") == 2 })
}

// A secret that cannot be read, or says nonsense, is said once and not each time; and so is
// that it is good again.
func TestWatch_saysTroubleOnce(t *testing.T) {
	w := watch(t, "one")
	for i, c := range []struct{ begin, end func() }{
		{begin: func() { w.aws.Refuse("AccessDeniedException") }, end: func() { w.aws.Refuse("") }},
		{begin: func() { w.aws.PutText("keys", "bad", noon) }, end: func() { w.aws.PutText("keys", "two", noon) }},
	} {
		if w.Failing() {
			t.Error("it fails before it does")
		}
		c.begin()
		until(t, "trouble", w.Failing)
		w.askedMore(t)
		if n := w.log.count("a secret cannot be used"); n != i+1 {
			t.Errorf("said %d times, want %d", n, i+1)
		}
		c.end()
		if i == 1 {
			w.takes(t, "two")
		}
		until(t, "an end of it", func() bool { return !w.Failing() })
		if n := w.log.count("a secret can be used again"); n != i+1 {
			t.Errorf("said %d times that it is over, want %d", n, i+1)
		}
	}
	for _, want := range []string{"AccessDeniedException", "is no key", "setting=SIGNING_KEY", "secret=aws-sm://keys"} {
		if w.log.count(want) == 0 {
			t.Errorf("the log does not say %s", want)
		}
	}
}

// An alarm that hears nothing more would say that it is over.
func TestTrouble_isSaidAgainWhileItLasts(t *testing.T) {
	log := &lines{}
	tr := trouble{log: slog.New(slog.NewTextHandler(log, nil))}
	tr.is(errors.New("away"))
	tr.is(errors.New("away"))
	tr.said = tr.said.Add(-sayEvery)
	tr.is(errors.New("away"))
	if n := log.count("a secret cannot be used"); n != 2 {
		t.Errorf("said %d times in a little more than %v", n, sayEvery)
	}
}

//go:build e2e

package integration

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sixseat/sixseat/pkg/chatter"
)

// TestRollingDeploy replaces every node of both services while 120 members chat, others
// wait in full queues, and new rooms are made all the time: first in the order of ECS, which
// deregisters a target, waits out the delay and only then sends SIGTERM; then with SIGTERM
// first, as a stop by hand does.
func TestRollingDeploy(t *testing.T) {
	t.Run("in the order of ECS", func(t *testing.T) {
		whileChatting(t, func(notes *chatter.Notes) {
			rollOut(t, afterDelay)
			unhurried(t, notes)
		})
	})
	t.Run("SIGTERM first", func(t *testing.T) {
		whileChatting(t, func(notes *chatter.Notes) {
			rollOut(t, atOnce)
			unhurried(t, notes)
		})
	})
}

// rollOut replaces both services at the same time, as two deploys would, while members
// wait and are matched.
func rollOut(t *testing.T, takeOut func(*testing.T, container)) {
	t.Helper()
	whileWaiting(t, func() {
		deploying, deployed := context.WithCancel(t.Context())
		matching := make(chan error, 1)
		made, movies := 0, newFilms(t, 1)
		go func() { matching <- keepMatching(deploying, t, movies, &made) }()
		var services errgroup.Group
		for _, service := range []string{"chat-service", "match-service"} {
			services.Go(func() error { return replaceAll(t, service, takeOut) })
		}
		err := services.Wait()
		deployed()
		if err := <-matching; err != nil {
			t.Errorf("a match failed: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if t.Failed() { // in one of the two goroutines, which only ended that one
			t.FailNow()
		}
		t.Logf("%d rooms were made meanwhile", made)
		if made == 0 {
			t.Error("no room was made during the deploy: the test does not test what it says")
		}
		if n := retries.Load(); n != 0 {
			t.Errorf("%d requests had to be made again: a deploy must not be noticed", n)
		}
	})
}

// keepMatching makes one room after the other until ctx ends; the last is made to its end.
func keepMatching(ctx context.Context, t *testing.T, movies []string, made *int) error {
	for ctx.Err() == nil {
		one, cancel := context.WithTimeout(t.Context(), ceiling)
		_, err := newRooms(one, chatter.NewNotes(t), movies)
		cancel()
		if err != nil {
			return err
		}
		*made++
	}
	return nil
}

// replaceAll replaces the nodes of a service one by one: the new one is well, in Docker's
// eyes and the load balancer's, before an old one goes.
func replaceAll(t *testing.T, service string, takeOut func(*testing.T, container)) error {
	old := system.running(t, service)
	for _, leaving := range old {
		if _, err := compose("up", "-d", "--no-deps", "--no-recreate", "--scale", fmt.Sprintf("%s=%d", service, len(old)+1), service); err != nil {
			return err
		}
		system.healthy(t, service)
		await(t, "the load balancer sees the new node of "+service, func() string {
			for _, c := range system.running(t, service) {
				if state := system.state(t, c); state != "healthy" {
					return c.Name + " is " + state
				}
			}
			return ""
		})
		takeOut(t, leaving)
		if code := exitCode(t, leaving); code != "0" {
			return fmt.Errorf("%s ended with %s", leaving.Name, code)
		}
		system.remove(t, leaving)
	}
	return nil
}

// afterDelay is how ECS takes a task out.
func afterDelay(t *testing.T, c container) {
	t.Helper()
	system.deregister(t, c)
	await(t, c.Name+" is no longer draining", func() string {
		if state := system.state(t, c); state == "draining" {
			return state
		}
		return ""
	})
	run(t, "stop", "-t", fmt.Sprint(int(dockerTimeout.Seconds())), c.ID)
}

// atOnce is how a stop by hand takes it out.
func atOnce(t *testing.T, c container) {
	t.Helper()
	run(t, "stop", "-t", fmt.Sprint(int(dockerTimeout.Seconds())), c.ID)
}

func exitCode(t *testing.T, c container) string {
	t.Helper()
	out, err := docker("inspect", "--format", "{{.State.ExitCode}}", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return out[:len(out)-1]
}

// unhurried wants every socket to have been closed with 1012, spread over the window:
// clients that all come back at the same moment are what a deploy must not cause.
func unhurried(t *testing.T, notes *chatter.Notes) {
	t.Helper()
	closes := notes.Closes()
	var at []time.Time
	for _, c := range closes {
		if c.Code != serviceRestart {
			t.Errorf("a session ended with %d, not %d", c.Code, serviceRestart)
			continue
		}
		at = append(at, c.At)
	}
	slices.SortFunc(at, time.Time.Compare)
	most := 0
	for i := range at {
		n := 0
		for _, later := range at[i:] {
			if later.Sub(at[i]) < time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	t.Logf("%d sockets were closed, at most %d in one second", len(at), most)
	// Some sixty sockets a node over 8 s are eight a second; three times that is a crowd.
	if limit := chatRooms * 6 / 2 * 3 / int(drainWindow.Seconds()); len(at) == 0 || most > limit {
		t.Errorf("%d of %d sockets were closed within one second, want %d at most", most, len(at), limit)
	}
}

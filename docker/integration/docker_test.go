//go:build e2e

package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// container is one container of the project.
type container struct {
	ID, Name, Service string
	Health            string            // "healthy", "" when the image has no check
	Running           bool              // paused counts
	Restarts          int               // by Docker, after a crash
	OutOfMemory       bool              // it was killed for its memory
	Addresses         map[string]string // IP by network, as compose.yaml names it
}

// docker runs a docker command and returns what it printed.
func docker(args ...string) (string, error) { return command("docker", args...) }

// changing is held by who makes or removes containers: compose looks at all of a project's,
// and stumbles over one that goes away meanwhile.
var changing sync.Mutex

// compose runs a compose command for the project under test.
func compose(args ...string) (string, error) {
	changing.Lock()
	defer changing.Unlock()
	return command("../compose", args...)
}

// remove removes a container that has ended, and keeps its log.
func (s *stack) remove(t *testing.T, c container) {
	t.Helper()
	s.noCrash(t)
	if err := s.saveLog(c); err != nil {
		t.Error(err)
	}
	changing.Lock()
	defer changing.Unlock()
	run(t, "rm", c.ID)
}

func command(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dockerTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// containers are those of a service that exist, stopped ones included; "" is all services.
func (s *stack) containers(service string) ([]container, error) {
	filters := []string{"ps", "-aq", "--no-trunc", "--filter", "label=com.docker.compose.project=" + s.project}
	if service != "" {
		filters = append(filters, "--filter", "label=com.docker.compose.service="+service)
	}
	ids, err := docker(filters...)
	if err != nil || strings.TrimSpace(ids) == "" {
		return nil, err
	}
	out, err := docker(append([]string{"inspect"}, strings.Fields(ids)...)...)
	if err != nil {
		return nil, err
	}
	var found []struct {
		ID     string `json:"Id"`
		Name   string
		Config struct{ Labels map[string]string }
		State  struct {
			Running, OOMKilled bool
			Health             *struct{ Status string }
		}
		RestartCount    int
		NetworkSettings struct {
			Networks map[string]struct{ IPAddress string }
		}
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		return nil, fmt.Errorf("docker inspect: %w", err)
	}
	list := make([]container, len(found))
	for i, f := range found {
		list[i] = container{ID: f.ID, Name: strings.TrimPrefix(f.Name, "/"), Service: f.Config.Labels["com.docker.compose.service"],
			Running: f.State.Running, Restarts: f.RestartCount, OutOfMemory: f.State.OOMKilled, Addresses: map[string]string{}}
		if f.State.Health != nil {
			list[i].Health = f.State.Health.Status
		}
		for network, at := range f.NetworkSettings.Networks {
			list[i].Addresses[strings.TrimPrefix(network, s.project+"_")] = at.IPAddress
		}
	}
	return list, nil
}

// running are the containers of a service that run.
func (s *stack) running(t *testing.T, service string) []container {
	t.Helper()
	all, err := s.containers(service)
	if err != nil {
		t.Fatal(err)
	}
	var list []container
	for _, c := range all {
		if c.Running {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		t.Fatalf("no container of %s runs", service)
	}
	return list
}

// run runs a docker command that must do.
func run(t *testing.T, args ...string) {
	t.Helper()
	if _, err := docker(args...); err != nil {
		t.Fatal(err)
	}
}

// healthy waits until all running containers of a service say that they are well.
func (s *stack) healthy(t *testing.T, service string) {
	t.Helper()
	await(t, service+" is well", func() string {
		for _, c := range s.running(t, service) {
			if c.Health != "healthy" {
				return c.Name + " is " + c.Health
			}
		}
		return ""
	})
}

// await waits until ready says nothing any more, which is why it is not so yet.
func await(t *testing.T, what string, ready func() string) {
	t.Helper()
	why := ready()
	for deadline := time.Now().Add(ceiling); why != ""; why = ready() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %s", what, ceiling, why)
		}
		<-time.After(awaitEvery)
	}
}

// saveLog keeps what a container printed.
func (s *stack) saveLog(c container) error {
	out, err := docker("logs", "--timestamps", c.ID)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.logs, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.logs, c.Name+".log"), []byte(out), 0o644)
}

// saveLogs keeps what all containers printed, and names the folder.
func (s *stack) saveLogs() {
	all, err := s.containers("")
	for _, c := range all {
		err = errors.Join(err, s.saveLog(c))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "not all logs could be kept:", err)
	}
	fmt.Fprintln(os.Stderr, "the logs of all containers are in", s.logs)
}

// noCrash wants none of the containers to have ended by itself, though Docker started it
// again, or to have been killed for its memory. Docker forgets both when somebody starts a
// container, so it is asked before that, too.
func (s *stack) noCrash(t *testing.T) {
	t.Helper()
	all, err := s.containers("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Restarts > 0 || c.OutOfMemory {
			t.Errorf("%s crashed: started again %d times, out of memory: %v", c.Name, c.Restarts, c.OutOfMemory)
		}
	}
}

// saidSince is what a container printed after a moment.
func saidSince(t *testing.T, c container, since time.Time) string {
	t.Helper()
	out, err := docker("logs", "--since", since.UTC().Format(time.RFC3339Nano), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

//go:build e2e

package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// The target groups of infra/terraform/listener_rules.tf, by compose's names.
var targetGroup = map[string]string{"chat-service": "aws_lb_target_group.chat", "match-service": "aws_lb_target_group.match"}

// target is one node as the load balancer sees it.
type target struct {
	Target string `json:"target"` // IP:port
	State  string `json:"state"`
	Open   int    `json:"open"` // requests, streams and sockets
}

// targets asks the load balancer for the nodes of a service.
func (s *stack) targets(service string) ([]target, error) {
	resp, err := http.Get(s.admin + "/targets")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var list struct {
		TargetGroups []struct {
			TargetGroup string   `json:"targetGroup"`
			Targets     []target `json:"targets"`
		} `json:"targetGroups"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return nil, fmt.Errorf("GET /targets: %w", err)
	}
	for _, g := range list.TargetGroups {
		if g.TargetGroup == targetGroup[service] {
			return g.Targets, nil
		}
	}
	return nil, fmt.Errorf("GET /targets: no %s", targetGroup[service])
}

// unwell says why the load balancer does not see that many healthy nodes of each service.
func (s *stack) unwell(chat, match int) string {
	for service, want := range map[string]int{"chat-service": chat, "match-service": match} {
		all, err := s.targets(service)
		if err != nil {
			return err.Error()
		}
		healthy := slices.DeleteFunc(slices.Clone(all), func(t target) bool { return t.State != "healthy" })
		if len(healthy) != want {
			return fmt.Sprintf("%s: %+v", service, all)
		}
	}
	return ""
}

// state is how the load balancer sees a container; "" when it does not know it.
func (s *stack) state(t *testing.T, c container) string { t.Helper(); return s.target(t, c).State }

// open are the requests, streams and sockets of a container.
func (s *stack) open(t *testing.T, c container) int { t.Helper(); return s.target(t, c).Open }

func (s *stack) target(t *testing.T, c container) target {
	t.Helper()
	all, err := s.targets(c.Service)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range all {
		if at.Target == c.Addresses["front"]+":8080" {
			return at
		}
	}
	return target{}
}

// deregister takes a container out, as ECS does before it stops a task.
func (s *stack) deregister(t *testing.T, c container) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"targetGroup": targetGroup[c.Service], "target": c.Addresses["front"] + ":8080"})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(s.admin+"/targets/deregister", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("deregister %s: %s", c.Name, resp.Status)
	}
}

// openOn are the requests, streams and sockets of each node of a service.
func (s *stack) openOn(t *testing.T, service string) (open []int) {
	t.Helper()
	all, err := s.targets(service)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range all {
		open = append(open, at.Open)
	}
	return open
}

func pause() { <-time.After(awaitEvery) }

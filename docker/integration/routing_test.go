//go:build e2e

package integration

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRouting asks for a path of each listener rule, and the load balancer's access log
// says which rule answered and which group got the request.
func TestRouting(t *testing.T) {
	cases := []struct {
		path   string
		status int
		rule   string // as listener_rules.tf names it, "" is the default action
		group  string // "-": the load balancer answers itself
		header map[string]string
	}{
		{"/chat", 404, "chat", "aws_lb_target_group.chat", map[string]string{"Content-Type": "application/problem+json"}},
		{"/chat/healthz", 200, "chat", "aws_lb_target_group.chat", nil},
		{"/chat/rooms", 401, "chat", "aws_lb_target_group.chat", map[string]string{"Content-Type": "application/problem+json", "X-Content-Type-Options": "nosniff"}},
		{"/chat/a%2Fb//c?x=1;y=2", 404, "chat", "aws_lb_target_group.chat", nil},
		{"/match", 308, "match", "aws_lb_target_group.match", nil},
		{"/match/", 200, "match", "aws_lb_target_group.match", map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		{"/match/movies?limit=1", 200, "match", "aws_lb_target_group.match", map[string]string{"Content-Type": "application/json; charset=utf-8"}},
		{"/match/.well-known/jwks.json", 200, "match", "aws_lb_target_group.match", nil},
		{"/", 302, "root", "-", map[string]string{"Location": system.base + "/match/"}},
		{"/chatter", 404, "", "-", map[string]string{"Content-Type": "text/plain"}},
		{"/CHAT/healthz", 404, "", "-", nil},
		{"/metrics", 404, "", "-", nil},
	}
	priority := priorities(t)
	asked := map[string]bool{}
	client := &http.Client{Timeout: requestTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for i, c := range cases {
		asked[c.rule] = true
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, system.base+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", fmt.Sprintf("routing-%d-", i))
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", c.path, resp.Status, c.status)
		}
		for name, want := range c.header {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.path, name, got, want)
			}
		}
	}
	for rule := range priority {
		if !asked[rule] {
			t.Errorf("nothing was asked of rule %q", rule)
		}
	}

	for i, c := range cases {
		var fields []string
		await(t, c.path+" is in the access log", func() string {
			fields = logged(t, fmt.Sprintf("routing-%d-", i))
			if fields == nil {
				return "no line has its user agent"
			}
			return ""
		})
		if got := fields[20]; got != priority[c.rule] {
			t.Errorf("%s: rule of priority %s answered, want %s (%s)", c.path, got, priority[c.rule], c.rule)
		}
		if got := fields[16]; got != c.group {
			t.Errorf("%s: went to %s, want %s", c.path, got, c.group)
		}
	}
}

// field is one of a line of ALB's access log: quoted, or without spaces.
var field = regexp.MustCompile(`"[^"]*"|\S+`)

// logged is the line of the access log for a user agent, by field; nil when there is none.
func logged(t *testing.T, agent string) []string {
	t.Helper()
	out, err := docker("logs", system.running(t, "alb")[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, `"`+agent+`"`) {
			return field.FindAllString(line, -1)
		}
	}
	return nil
}

var rule = regexp.MustCompile(`(?s)resource "aws_lb_listener_rule" "(\w+)" \{.*?\n  priority\s*=\s*(\d+)`)

// priorities are those of the rules, by name; the default action's is 0, as ALB logs it.
func priorities(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(system.rules, "listener_rules.tf"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{"": "0"}
	for _, m := range rule.FindAllStringSubmatch(string(text), -1) {
		list[m[1]] = m[2]
	}
	if len(list) < 4 {
		t.Fatalf("listener_rules.tf: found only the rules %v", list)
	}
	return list
}

package terraform

import (
	"regexp"
	"testing"
)

// A line such as
//
//	server_idle_timeout = 75 # pkg/service/limits.go idleTimeout
//
// says a constant of a program a second time.
var copied = regexp.MustCompile(`(?m)^\s+(\w+)\s+= (\d+)\s+# (\S+\.go) (\w+)`)

// Numbers that Terraform reckons with are those that the programs were built with; times
// in whole seconds.
func TestNumbers_areThoseOfThePrograms(t *testing.T) {
	found := map[string]bool{}
	for _, m := range copied.FindAllStringSubmatch(files(t), -1) {
		name, value, file, constant := m[1], m[2], m[3], m[4]
		found[name] = true
		in := regexp.MustCompile(`(?m)^\s*(?:const )?` + constant + `\s*=\s*(\d+)( \* time\.Second)?\s*(?://.*)?$`)
		switch got := in.FindStringSubmatch(read(t, "../../"+file)); {
		case got == nil:
			t.Errorf("%s: %s has no constant %s of a number, or of seconds", name, file, constant)
		case got[1] != value:
			t.Errorf("%s = %s, but %s in %s is %s", name, value, constant, file, got[1])
		}
	}
	for _, name := range []string{"server_idle_timeout", "close_grace", "heart_beat", "ping_every", "comment_every", "connect_timeout", "drain_poll", "connections_per_task", "secret_said_every"} {
		if !found[name] {
			t.Errorf("%s is compared with no constant", name)
		}
	}
}

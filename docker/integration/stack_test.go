//go:build e2e

package integration

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// stack is the project under test: what `make up` starts, under a name and at ports of its
// own, with the drain's times cut short.
type stack struct {
	project string
	base    string // of the load balancer
	admin   string // its admin listener
	rules   string // folder of the Terraform files it runs
	logs    string // where logs are kept when a test failed
}

// system is started once for all tests.
var system *stack

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	s, err := up()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		if s != nil {
			s.saveLogs()
			s.down()
		}
		return 1
	}
	defer s.down()
	system = s
	code := m.Run()
	if code != 0 {
		s.saveLogs()
	}
	return code
}

// up starts the project; with an error it may have started a part of it.
func up() (*stack, error) {
	work, err := filepath.Abs("../../.cache/e2e")
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(work); err != nil {
		return nil, err
	}
	s := &stack{project: cmp.Or(os.Getenv("PROJECT"), "sixseat-e2e"), rules: filepath.Join(work, "terraform"), logs: filepath.Join(work, "logs")}
	if err := s.writeRules("../../infra/terraform"); err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	s.base, s.admin = fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	for name, value := range map[string]string{
		"PROJECT": s.project, "PORT": fmt.Sprint(ports[0]), "ADMIN_PORT": fmt.Sprint(ports[1]), "S3_PORT": fmt.Sprint(ports[2]),
		"TERRAFORM": s.rules, "DRAIN_WINDOW": drainWindow.String(), "DRAIN_NOTICE": "12s", "LOG_LEVEL": "debug", "LIMIT_MEMBERS_PER_ADDRESS": "0",
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	s.down() // what a run that was killed has left
	if _, err := compose("up", "-d"); err != nil {
		return s, err
	}
	return s, s.wellBefore()
}

// wellBefore waits until the load balancer has found all nodes well.
func (s *stack) wellBefore() error {
	why := "nothing answers"
	for range int(ceiling / awaitEvery) {
		if why = s.unwell(2, 2); why == "" {
			return nil
		}
		pause()
	}
	return fmt.Errorf("the system is not well within %v: %s", ceiling, why)
}

func (s *stack) down() {
	if _, err := compose("down", "-v", "--remove-orphans", "-t", "2"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

var delay = regexp.MustCompile(`(?m)^(\s*deregistration_delay\s*=\s*)\d+$`)

// writeRules copies the stack's listener rules, which nothing else changes but the
// deregistration delay.
func (s *stack) writeRules(from string) error {
	if err := os.MkdirAll(s.rules, 0o755); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(from, "listener_rules.tf"))
	if err != nil {
		return err
	}
	if n := len(delay.FindAll(text, -1)); n != 2 {
		return fmt.Errorf("listener_rules.tf has %d deregistration delays, want one for each service", n)
	}
	text = delay.ReplaceAll(text, fmt.Appendf(nil, "${1}%d", int(deregistrationDelay.Seconds())))
	file := filepath.Join(s.rules, "listener_rules.tf")
	// The container's user reads it, whatever our umask is.
	return errors.Join(os.WriteFile(file, text, 0o644), os.Chmod(file, 0o644), os.Chmod(s.rules, 0o755))
}

func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

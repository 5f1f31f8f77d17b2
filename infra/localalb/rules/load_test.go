package rules

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoad_aFileThatIsTooLongIsAnErrorThatNamesIt(t *testing.T) {
	for size, want := range map[int]string{maxFileBytes: "", maxFileBytes + 1: "read big.tf: more than"} {
		_, err := Load(fstest.MapFS{"big.tf": {Data: bytes.Repeat([]byte("\n"), size)}})
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%d bytes: %v, want %q", size, err, want)
		}
	}
}

func TestLoadDir_followsAModuleBesideTheFolder(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"stack/main.tf":   "module \"x\" {\n source = \"../service\"\n}\n",
		"service/main.tf": "module \"y\" {\n source = \"../stack\"\n}\nresource \"aws_lb\" \"hidden\" {\n}\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := LoadDir(filepath.Join(root, "stack"))
	if want := filepath.Join(root, "service", "main.tf") + ":4: aws_lb is in a module"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s…", err, want)
	}
}

// An ALB has at most 50 listeners and 100 target groups.
func TestLoad_quotasOfALoadBalancer(t *testing.T) {
	const group = `resource "aws_lb_target_group" "g%d" {
  port = 80
  protocol = "HTTP"
  target_type = "ip"
  deregistration_delay = 0
  health_check {
    protocol = "HTTP"
    port = "traffic-port"
    path = "/"
    matcher = "200"
    interval = 5
    timeout = 2
    healthy_threshold = 2
    unhealthy_threshold = 2
  }
}
`
	files := func(listeners, groupsOfEach, more int) string {
		text, n := "resource \"aws_lb\" \"main\" {\n idle_timeout = 60\n}\n", 0
		for l := range listeners {
			forward := ""
			for range groupsOfEach {
				text += fmt.Sprintf(group, n)
				forward += fmt.Sprintf("target_group {\n arn = aws_lb_target_group.g%d.arn\n}\n", n)
				n++
			}
			if l == 0 && more > 0 {
				text += fmt.Sprintf(group, n)
				forward += fmt.Sprintf("target_group {\n arn = aws_lb_target_group.g%d.arn\n}\n", n)
				n++
			}
			text += fmt.Sprintf("resource \"aws_lb_listener\" \"l%d\" {\n load_balancer_arn = aws_lb.main.arn\n port = %d\n default_action {\n type = \"forward\"\n forward {\n%s}\n}\n}\n", l, l+1, forward)
		}
		return text
	}
	cases := []struct {
		listeners, groupsOfEach, more int
		want                          string
	}{
		{50, 2, 0, ""},
		{51, 1, 0, "aws_lb_listener.l50: listener 51 of aws_lb.main, which takes 50"},
		{50, 2, 1, "aws_lb_listener.l49: 101 target groups with those of earlier listeners; aws_lb.main takes 100"},
	}
	for _, c := range cases {
		_, err := Load(fstest.MapFS{"case.tf": {Data: []byte(files(c.listeners, c.groupsOfEach, c.more))}})
		if (err == nil) != (c.want == "") || err != nil && !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%d listeners, %d groups: error %v, want %s", c.listeners, c.listeners*c.groupsOfEach+c.more, err, c.want)
		}
	}
}

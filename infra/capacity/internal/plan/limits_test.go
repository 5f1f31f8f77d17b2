package plan

import (
	"os"
	"regexp"
	"testing"
)

// Numbers that stand in a program as well are the program's.
func TestLimits_areThoseOfThePrograms(t *testing.T) {
	text, err := os.ReadFile("limits.go")
	if err != nil {
		t.Fatal(err)
	}
	copied := regexp.MustCompile(`(?m)^\s+(\w+)\s+= (\d+(?: \* time\.\w+)?)\s+// (\S+) (\w+)$`)
	found := 0
	for _, m := range copied.FindAllStringSubmatch(string(text), -1) {
		found++
		source, err := os.ReadFile("../../../../" + m[3])
		if err != nil {
			t.Error(err)
			continue
		}
		in := regexp.MustCompile(`(?m)^\s*` + m[4] + `\s*=\s*(\d+(?: \* time\.\w+)?)`)
		if got := in.FindStringSubmatch(string(source)); got == nil || got[1] != m[2] {
			t.Errorf("%s is %s here, and in %s %s is %v", m[1], m[2], m[3], m[4], got)
		}
	}
	if found != 7 {
		t.Errorf("%d numbers were compared, want 7", found)
	}
}

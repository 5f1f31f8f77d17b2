package terraform

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// Settings that only one of AWS and docker/compose.yaml gives, and why.
var (
	onlyOnAWS = []string{
		"TARGET_GROUP_ARN",  // compose says the same by DRAIN_NOTICE_URL
		"LOG_FORMAT",        // the default, which alarms rest on
		"VERIFY_KEYS",       // optional, empty as a rule
		"LIMIT_CONNECTIONS", // a size
	}
	onlyInCompose = []string{
		"DRAIN_NOTICE_URL",
		"S3_ENDPOINT", "S3_PUBLIC_ENDPOINT", // AWS's own are the default
		"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", // ECS gives them to a task, as its role's
		"LOG_LEVEL",                   // for whoever looks for something
		"LIMIT_MEMBERS_PER_ADDRESS",   // all of a test come from one address
		"OTEL_EXPORTER_OTLP_ENDPOINT", // no collector on AWS yet
	}
)

// The system in containers is the one on AWS: the same settings and times, in tasks of
// the small size.
func TestCompose_isTheStackInSmall(t *testing.T) {
	compose, ecs, sizes := read(t, "../../docker/compose.yaml"), files(t), read(t, "small.tfvars")

	onAWS, inCompose := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ {4}([A-Z_]{4,}) +=`).FindAllStringSubmatch(ecs, -1) {
		onAWS[m[1]] = true
	}
	settings := regexp.MustCompile(`(?s)\nx-settings:.*?\nservices:`).FindString(compose)
	for _, m := range regexp.MustCompile(`(?m)^ {2}([A-Z_]{4,}):`).FindAllStringSubmatch(settings, -1) {
		inCompose[m[1]] = true
	}
	for _, name := range onlyOnAWS {
		delete(onAWS, name)
	}
	for _, name := range onlyInCompose {
		delete(inCompose, name)
	}
	if a, c := slices.Sorted(maps.Keys(onAWS)), slices.Sorted(maps.Keys(inCompose)); len(a) < 8 || !slices.Equal(a, c) {
		t.Errorf("settings on AWS: %v\nin compose: %v", a, c)
	}

	number := func(text, pattern string) int {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no %s", pattern)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for what, pattern := range map[string]string{
		"stop_timeout": `stop_grace_period: (\d+)s # stopTimeout`,
		"drain_notice": `DRAIN_NOTICE: \$\{DRAIN_NOTICE:-(\d+)s\}`,
		"drain_window": `DRAIN_WINDOW: \$\{DRAIN_WINDOW:-(\d+)s\}`,
	} {
		if aws, here := number(ecs, what+` += (\d+)`), number(compose, pattern); aws != here {
			t.Errorf("%s is %d s on AWS and %d s in compose", what, aws, here)
		}
	}
	for _, service := range []string{"chat", "match"} {
		cpu := number(sizes, `(?s)\n`+service+` = \{.*?cpu += (\d+)`)
		memory := number(sizes, `(?s)\n`+service+` = \{.*?memory += (\d+)`)
		want := fmt.Sprintf(`cpus: "%g", memory: %dM`, float64(cpu)/1024, memory)
		task := regexp.MustCompile(`(?s)\n  ` + service + `-service:.*?\n\n`).FindString(compose)
		if !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(task) {
			t.Errorf("%s-service in compose has not %s, as small.tfvars has", service, want)
		}
		heap := number(compose, `(?s)\nx-`+service+`:.*?GOMEMLIMIT: (\d+)MiB`)
		if heap != memory*9/10 {
			t.Errorf("%s-service in compose has a GOMEMLIMIT of %d MiB, want nine tenths of %d", service, heap, memory)
		}
	}
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commit = "78067f9f0f6ad46a74c9dc9d2ba6b1ab2a8a1234"
)

// ecs answers as AWS does, in the state that a test chose.
type ecs struct {
	t          *testing.T
	image      string   // of the newest definition
	tags       []string // of every image
	noImage    bool
	exit       string // what the migration's container says
	rollouts   []string
	calls      []string
	registered map[string]any
	logged     []string
}

func newECS(t *testing.T) *ecs {
	return &ecs{
		t: t, image: "registry/sixseat-staging/chat-service@" + digest, tags: []string{"latest", commit + "-77.1"}, exit: `"exitCode":0`,
		rollouts: []string{
			`{"status":"PRIMARY","taskDefinition":"new:8","rolloutState":"IN_PROGRESS","runningCount":1,"desiredCount":2},{"status":"ACTIVE","taskDefinition":"old:7","rolloutState":"COMPLETED"}`,
			`{"status":"PRIMARY","taskDefinition":"new:8","rolloutState":"COMPLETED","runningCount":2,"desiredCount":2}`,
		},
	}
}

func (e *ecs) aws(args ...string) ([]byte, error) {
	what := args[1]
	e.calls = append(e.calls, what)
	flag := func(name string) string { return args[slices.Index(args, name)+1] }
	answer := ""
	switch what {
	case "describe-images":
		if e.noImage {
			return nil, errors.New("ImageNotFoundException")
		}
		answer = fmt.Sprintf(`{"imageDetails":[{"imageTags":["%s"]}]}`, strings.Join(e.tags, `","`))
	case "describe-services":
		front, rollout := "old:7", `{"status":"PRIMARY","taskDefinition":"old:7","rolloutState":"COMPLETED"}`
		if slices.Contains(e.calls, "update-service") {
			rollout = e.rollouts[0]
			if len(e.rollouts) > 1 {
				e.rollouts = e.rollouts[1:]
			}
			front = "new:8"
			if strings.Contains(rollout, `"PRIMARY","taskDefinition":"old:7"`) {
				front = "old:7"
			}
		}
		answer = fmt.Sprintf(`{"services":[{"taskDefinition":%q,"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"]}},"deployments":[%s]}]}`, front, rollout)
	case "describe-task-definition":
		answer = fmt.Sprintf(`{"taskDefinition":{"taskDefinitionArn":"old:7","revision":7,"cpu":"256","containerDefinitions":[{"name":"chat","image":%q,"essential":true,"logConfiguration":{"options":{"awslogs-group":"sixseat/chat","awslogs-stream-prefix":"chat"}}}]}}`, e.image)
	case "register-task-definition":
		if err := json.Unmarshal([]byte(flag("--cli-input-json")), &e.registered); err != nil {
			e.t.Error(err)
		}
		answer = `{"taskDefinition":{"taskDefinitionArn":"new:8"}}`
	case "run-task":
		if flag("--task-definition") != "new:8" || !strings.Contains(flag("--overrides"), `["migrate"]`) || !strings.Contains(flag("--network-configuration"), "subnet-1") {
			e.t.Errorf("the migration is %q", args)
		}
		answer = `{"tasks":[{"taskArn":"task/1"}]}`
	case "describe-tasks":
		answer = fmt.Sprintf(`{"tasks":[{"taskArn":"task/1","lastStatus":"STOPPED","stoppedReason":"it stopped","containers":[{"name":"chat",%s}]}]}`, e.exit)
	case "get-log-events":
		if flag("--log-group-name") != "sixseat/chat" || flag("--log-stream-name") != "chat/chat/1" {
			e.t.Errorf("the log is %q", args)
		}
		answer = `{"events":[{"message":"lock timeout"}]}`
	case "update-service":
		if flag("--task-definition") != "new:8" {
			e.t.Errorf("the service is updated to %q", args)
		}
		answer = `{"service":{}}`
	default:
		e.t.Fatalf("nobody expects aws %q", args)
	}
	return []byte(answer), nil
}

func (e *ecs) deploy() *deploy {
	return &deploy{
		cluster: "sixseat-staging", service: "chat", registry: "registry", digest: digest,
		aws: e.aws, sleep: func(time.Duration) {}, log: func(line string) { e.logged = append(e.logged, line) },
	}
}

func TestRoll_migratesThenReplaces(t *testing.T) {
	e := newECS(t)
	e.image = "registry/sixseat-staging/chat-service:first"
	if err := e.deploy().run([]string{"roll"}); err != nil {
		t.Fatal(err)
	}
	if m, u := slices.Index(e.calls, "describe-tasks"), slices.Index(e.calls, "update-service"); m < 0 || u < m {
		t.Errorf("calls %q; want the migration's end before the update", e.calls)
	}
	want := `{"containerDefinitions":[{"essential":true,"image":"registry/sixseat-staging/chat-service@` + digest + `","logConfiguration":{"options":{"awslogs-group":"sixseat/chat","awslogs-stream-prefix":"chat"}},"name":"chat"}],"cpu":"256"}`
	if got, err := json.Marshal(e.registered); err != nil || string(got) != want {
		t.Errorf("registered %s, %v; want %s", got, err, want)
	}
}

func TestRoll_saysWhatWentWrong(t *testing.T) {
	undone := `{"status":"PRIMARY","taskDefinition":"old:7","rolloutState":"IN_PROGRESS","rolloutStateReason":"circuit breaker"},{"status":"ACTIVE","taskDefinition":"new:8","rolloutState":"FAILED"}`
	for name, c := range map[string]struct {
		spoil   func(*ecs)
		want    string
		updated bool
	}{
		"an image that is not there":     {func(e *ecs) { e.noImage = true }, "ImageNotFoundException", false},
		"a migration that fails":         {func(e *ecs) { e.exit = `"exitCode":1` }, "migrate: exit code 1", false},
		"a migration that fails for ECS": {func(e *ecs) { e.exit = `"exitCode":137` }, "migrate: exit code 137", false},
		"a migration that does not run":  {func(e *ecs) { e.exit = `"reason":"no pull"` }, "migrate: the task did not run: it stopped no pull", false},
		"a rollout that is being undone": {func(e *ecs) { e.rollouts[1] = undone }, "the rollout failed (circuit breaker); old:7 is in front now", true},
		"a rollout that was undone": {func(e *ecs) {
			e.rollouts = []string{`{"status":"PRIMARY","taskDefinition":"old:7","rolloutState":"COMPLETED"}`}
		}, "the rollout failed", true},
		"a rollout that failed and stays": {func(e *ecs) {
			e.rollouts = []string{`{"status":"PRIMARY","taskDefinition":"new:8","rolloutState":"FAILED"}`}
		}, "the rollout failed", true},
		"a rollout that does not end": {func(e *ecs) { e.rollouts = e.rollouts[:1] }, "not over after 40m0s", true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newECS(t)
			c.spoil(e)
			err := e.deploy().run([]string{"roll"})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %s", err, c.want)
			}
			if got := slices.Contains(e.logged, "it said: lock timeout"); got != strings.HasPrefix(c.want, "migrate: ") {
				t.Errorf("told %q; want the migration's log if it failed", e.logged)
			}
			if got := slices.Contains(e.calls, "update-service"); got != c.updated {
				t.Errorf("the service was updated: %v; want %v", got, c.updated)
			}
		})
	}
}

func TestRunning_isTheCommitInATag(t *testing.T) {
	for image, c := range map[string]struct {
		tags []string
		want string
	}{
		"registry/r@" + digest:         {[]string{"latest", commit + "-77.1"}, commit},
		"registry:5000/r:" + commit:    {nil, commit},
		"registry/r@sha256:" + digest:  {[]string{"first"}, ""},
		"registry/sixseat/chat:v1.0.0": {nil, ""},
	} {
		e := newECS(t)
		e.image, e.tags = image, c.tags
		if got, err := e.deploy().running(); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", image, got, err, c.want)
		}
	}
}

func TestRun_namesWhatIsMissing(t *testing.T) {
	for want, spoil := range map[string]func(*deploy){
		"CLUSTER is not set":  func(d *deploy) { d.cluster = "" },
		"SERVICE is not set":  func(d *deploy) { d.service = "" },
		"REGISTRY is not set": func(d *deploy) { d.registry = "" },
		`DIGEST is "latest"; want sha256: and 64 hexadecimal digits`: func(d *deploy) { d.digest = "latest" },
	} {
		d := newECS(t).deploy()
		spoil(d)
		if err := d.run([]string{"roll"}); err == nil || err.Error() != want {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

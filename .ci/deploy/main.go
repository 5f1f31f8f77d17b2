// Command deploy rolls one service on ECS to one image, with the AWS CLI and its
// credentials. The workflow roll runs it; a person may.
//
//	deploy running   print the commit whose image the service runs, nothing if its tag tells none
//	deploy roll      migrate, replace the tasks, and see that they stayed
//
// It is told by the environment: CLUSTER (sixseat-production), SERVICE (chat), and to roll
// REGISTRY (the host of ECR) and DIGEST (sha256:…). Names are those of infra/terraform.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

const (
	// migrateFor bounds a migration; its locks are bounded too, and one that works for longer
	// wants to be watched by somebody.
	migrateFor = 10 * time.Minute
	// rollFor bounds a rollout: each batch of tasks waits for new ones to be healthy and for
	// the delay after which the load balancer lets the old ones go. With the migration it is
	// less than the hour for which credentials are good.
	rollFor = 40 * time.Minute
	// pollEvery keeps far away from ECS's limits on calls.
	pollEvery = 10 * time.Second
	// linesShown is how much of a failed migration's log is shown: its last line is the error.
	linesShown = "20"
)

func main() {
	d := deploy{
		cluster: os.Getenv("CLUSTER"), service: os.Getenv("SERVICE"), registry: os.Getenv("REGISTRY"), digest: os.Getenv("DIGEST"),
		aws: aws, sleep: time.Sleep, log: func(line string) { fmt.Fprintln(os.Stderr, line) },
	}
	if err := d.run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

// aws runs the CLI, which knows where credentials come from and when to try again.
func aws(args ...string) ([]byte, error) {
	cmd := exec.Command("aws", append(args, "--output", "json", "--no-cli-pager")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("aws %s %s: %w", args[0], args[1], err)
	}
	return out, nil
}

type deploy struct {
	cluster, service, registry, digest string

	aws   func(args ...string) ([]byte, error)
	sleep func(time.Duration)
	log   func(string)
}

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	commitForm = regexp.MustCompile(`^[0-9a-f]{40}`)
)

func (d *deploy) run(args []string) error {
	for name, value := range map[string]string{"CLUSTER": d.cluster, "SERVICE": d.service} {
		if value == "" {
			return fmt.Errorf("%s is not set", name)
		}
	}
	switch strings.Join(args, " ") {
	case "running":
		commit, err := d.running()
		if err == nil && commit != "" {
			fmt.Println(commit)
		}
		return err
	case "roll":
		if d.registry == "" {
			return errors.New("REGISTRY is not set")
		}
		if !digestForm.MatchString(d.digest) {
			return fmt.Errorf("DIGEST is %q; want sha256: and 64 hexadecimal digits", d.digest)
		}
		return d.roll()
	}
	return errors.New("usage: deploy running | deploy roll")
}

// call asks AWS and reads its answer into out.
func (d *deploy) call(out any, args ...string) error {
	text, err := d.aws(args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("aws %s %s: %w", args[0], args[1], err)
	}
	return nil
}

// running is the commit at the head of a tag of the image that the service runs.
func (d *deploy) running() (string, error) {
	s, err := d.state()
	if err != nil {
		return "", err
	}
	definition, err := d.definition(s.TaskDefinition)
	if err != nil {
		return "", err
	}
	image, err := d.container(definition)
	if err != nil {
		return "", err
	}
	name := fmt.Sprint(image["image"])
	tags := []string{name[strings.LastIndex(name, ":")+1:]}
	if _, digest, ok := strings.Cut(name, "@"); ok {
		if tags, err = d.tags(digest); err != nil {
			return "", err
		}
	}
	for _, tag := range tags {
		if commit := commitForm.FindString(tag); commit != "" {
			return commit, nil
		}
	}
	d.log(name + " has no tag that begins with a commit")
	return "", nil
}

func (d *deploy) repository() string { return d.cluster + "/" + d.service + "-service" }

// tags are those of an image, which is refused when it is not there.
func (d *deploy) tags(digest string) ([]string, error) {
	var images struct {
		ImageDetails []struct{ ImageTags []string }
	}
	err := d.call(&images, "ecr", "describe-images", "--repository-name", d.repository(), "--image-ids", "imageDigest="+digest)
	if err != nil {
		return nil, fmt.Errorf("image %s in %s: %w", digest, d.repository(), err)
	}
	var tags []string
	for _, i := range images.ImageDetails {
		tags = append(tags, i.ImageTags...)
	}
	return tags, nil
}

// service is what ECS says of one.
type service struct {
	TaskDefinition       string
	NetworkConfiguration json.RawMessage
	Deployments          []struct {
		Status, TaskDefinition, RolloutState, RolloutStateReason string
		DesiredCount, RunningCount                               int
	}
	Events []struct{ Message string }
}

func (d *deploy) state() (*service, error) {
	var answer struct{ Services []service }
	if err := d.call(&answer, "ecs", "describe-services", "--cluster", d.cluster, "--services", d.service); err != nil {
		return nil, err
	}
	if len(answer.Services) != 1 {
		return nil, fmt.Errorf("there is no service %s in %s", d.service, d.cluster)
	}
	return &answer.Services[0], nil
}

func (d *deploy) definition(name string) (map[string]any, error) {
	var answer struct{ TaskDefinition map[string]any }
	err := d.call(&answer, "ecs", "describe-task-definition", "--task-definition", name)
	return answer.TaskDefinition, err
}

// container is the definition of the service's own container.
func (d *deploy) container(definition map[string]any) (map[string]any, error) {
	list, _ := definition["containerDefinitions"].([]any)
	for _, c := range list {
		if c, ok := c.(map[string]any); ok && c["name"] == d.service {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the task definition has no container %s", d.service)
}

func (d *deploy) roll() error {
	if _, err := d.tags(d.digest); err != nil {
		return err
	}
	s, err := d.state()
	if err != nil {
		return err
	}
	definition, container, err := d.register()
	if err != nil {
		return err
	}
	t, err := d.migrate(definition, s.NetworkConfiguration)
	if err != nil {
		return err
	}
	if err := d.migrated(t); err != nil {
		d.printLog(container, t)
		return err
	}
	d.log("rolling " + d.service + " to " + definition)
	var updated struct{ Service service }
	if err := d.call(&updated, "ecs", "update-service", "--cluster", d.cluster, "--service", d.service, "--task-definition", definition); err != nil {
		return err
	}
	return d.wait(definition)
}

// describedOnly is what AWS says about a definition and does not take for a new one.
var describedOnly = []string{
	"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "deregisteredAt", "registeredBy",
}

// register makes the newest definition, which may be Terraform's, into one with our image.
func (d *deploy) register() (arn string, container map[string]any, err error) {
	definition, err := d.definition(d.cluster + "-" + d.service)
	if err != nil {
		return "", nil, err
	}
	container, err = d.container(definition)
	if err != nil {
		return "", nil, err
	}
	container["image"] = d.registry + "/" + d.repository() + "@" + d.digest
	for _, key := range describedOnly {
		delete(definition, key)
	}
	text, err := json.Marshal(definition)
	if err != nil {
		return "", nil, err
	}
	var registered struct {
		TaskDefinition struct{ TaskDefinitionArn string }
	}
	err = d.call(&registered, "ecs", "register-task-definition", "--cli-input-json", string(text))
	return registered.TaskDefinition.TaskDefinitionArn, container, err
}

// task is what ECS says of one.
type task struct {
	TaskArn, LastStatus, StoppedReason string
	Containers                         []struct {
		Name, Reason string
		ExitCode     *int
	}
}

// migrate runs the verb migrate once, where the service's tasks run, and returns how it
// ended. Of an older image it does nothing: the schema is ahead.
func (d *deploy) migrate(definition string, network json.RawMessage) (ended task, err error) {
	overrides, err := json.Marshal(map[string]any{"containerOverrides": []any{map[string]any{"name": d.service, "command": []string{"migrate"}}}})
	if err != nil {
		return task{}, err
	}
	var begun struct {
		Tasks    []task
		Failures []struct{ Reason string }
	}
	err = d.call(&begun, "ecs", "run-task", "--cluster", d.cluster, "--launch-type", "FARGATE", "--task-definition", definition,
		"--network-configuration", string(network), "--overrides", string(overrides))
	if err != nil {
		return task{}, err
	}
	if len(begun.Tasks) != 1 {
		return task{}, fmt.Errorf("migrate: the task did not start: %v", begun.Failures)
	}
	arn := begun.Tasks[0].TaskArn
	d.log("migrating: " + arn)
	for waited := time.Duration(0); waited < migrateFor; waited += pollEvery {
		d.sleep(pollEvery)
		var now struct{ Tasks []task }
		if err := d.call(&now, "ecs", "describe-tasks", "--cluster", d.cluster, "--tasks", arn); err != nil {
			return task{}, err
		}
		for _, t := range now.Tasks {
			if t.LastStatus == "STOPPED" {
				return t, nil
			}
		}
	}
	return task{}, fmt.Errorf("migrate: the task %s has not ended within %v; it goes on", arn, migrateFor)
}

func (d *deploy) migrated(t task) error {
	for _, c := range t.Containers {
		switch {
		case c.Name != d.service:
		case c.ExitCode == nil:
			return fmt.Errorf("migrate: the task did not run: %s %s", t.StoppedReason, c.Reason)
		case *c.ExitCode != 0:
			return fmt.Errorf("migrate: exit code %d; the service runs as before", *c.ExitCode)
		default:
			return nil
		}
	}
	return fmt.Errorf("migrate: the task had no container %s: %s", d.service, t.StoppedReason)
}

// printLog shows what a task said last, where its definition has it logged.
func (d *deploy) printLog(container map[string]any, t task) {
	configuration, _ := container["logConfiguration"].(map[string]any)
	options, _ := configuration["options"].(map[string]any)
	stream := fmt.Sprintf("%v/%s/%s", options["awslogs-stream-prefix"], d.service, t.TaskArn[strings.LastIndex(t.TaskArn, "/")+1:])
	var said struct{ Events []struct{ Message string } }
	err := d.call(&said, "logs", "get-log-events", "--log-group-name", fmt.Sprint(options["awslogs-group"]), "--log-stream-name", stream, "--limit", linesShown)
	if err != nil {
		d.log("its log cannot be read: " + err.Error())
	}
	for _, e := range said.Events {
		d.log("it said: " + e.Message)
	}
}

// wait waits until the rollout is over. ECS calls a service stable that it has rolled back,
// so what counts is whose task definition is in front, and that no other is left.
func (d *deploy) wait(definition string) error {
	last := ""
	for waited := time.Duration(0); waited < rollFor; waited += pollEvery {
		d.sleep(pollEvery)
		s, err := d.state()
		if err != nil {
			return err
		}
		for _, r := range s.Deployments {
			ours := r.TaskDefinition == definition
			if ours && r.RolloutState == "FAILED" || !ours && r.Status == "PRIMARY" {
				return d.failed(s, r.RolloutStateReason)
			}
			if !ours {
				continue
			}
			if now := fmt.Sprintf("%s: %d of %d tasks", r.RolloutState, r.RunningCount, r.DesiredCount); now != last {
				d.log(now)
				last = now
			}
			if r.RolloutState == "COMPLETED" && len(s.Deployments) == 1 && s.TaskDefinition == definition {
				return nil
			}
		}
	}
	return fmt.Errorf("the rollout is not over after %v; it goes on by itself", rollFor)
}

func (d *deploy) failed(s *service, reason string) error {
	for _, e := range s.Events[:min(len(s.Events), 5)] {
		d.log("ECS says: " + e.Message)
	}
	return fmt.Errorf("the rollout failed (%s); %s is in front now", reason, s.TaskDefinition)
}

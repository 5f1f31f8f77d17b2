package terraform

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// actions names the services of AWS as IAM does, by their package in the SDK.
var actions = map[string]string{"elasticloadbalancingv2": "elasticloadbalancing", "secretsmanager": "secretsmanager"}

// besides are actions that no call names, with the one that needs them: a secret under a
// key of our own is decrypted in the name of who reads it.
var besides = map[string]string{"secretsmanager:GetSecretValue": "kms:Decrypt"}

// called are the actions that the Go files below these folders ask for: each operation of
// an SDK client takes its own Input, and signing in to RDS has no operation.
func called(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	imported := regexp.MustCompile(`(?:(\w+) )?"github\.com/aws/aws-sdk-go-v2/service/(\w+)"`)
	found := map[string]bool{}
	for _, folder := range folders {
		err := fs.WalkDir(os.DirFS(folder), ".", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text := read(t, folder+"/"+path)
			for _, m := range imported.FindAllStringSubmatch(text, -1) {
				if m[2] == "s3" {
					continue // the packages that ask (.ci/arrows lists them) compare, with the keys that they ask for
				}
				name, service := m[1], actions[m[2]]
				if name == "" {
					name = m[2]
				}
				if service == "" {
					t.Errorf("%s: say in this test what IAM calls %s", path, m[2])
				}
				for _, call := range regexp.MustCompile(`\b`+name+`\.(\w+)Input\b`).FindAllStringSubmatch(text, -1) {
					found[service+":"+call[1]] = true
				}
			}
			if strings.Contains(text, "auth.BuildAuthToken(") {
				found["rds-db:connect"] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// The running services may do what they do and nothing else: the actions of their roles
// are the calls of their code.
func TestTaskRoles_mayWhatTheServicesDo(t *testing.T) {
	calls := called(t, "../../pkg", "../../services")
	if !calls["secretsmanager:GetSecretValue"] || !calls["elasticloadbalancing:DescribeTargetHealth"] || !calls["rds-db:connect"] {
		t.Errorf("found %v, less than is called: is it written in another way now?", calls)
	}
	for call, needed := range besides {
		if calls[call] {
			calls[needed] = true
		}
	}
	policy := regexp.MustCompile(`(?s)\n  task_policy = .*?\n  \] : `).FindString(read(t, "ecs.tf"))
	allowed := map[string]bool{}
	for _, m := range regexp.MustCompile(`"([a-z0-9-]+:[A-Za-z*]+)"`).FindAllStringSubmatch(policy, -1) {
		allowed[m[1]] = true
	}
	if got, want := slices.Sorted(maps.Keys(allowed)), slices.Sorted(maps.Keys(calls)); !slices.Equal(got, want) {
		t.Errorf("task roles may %v, the services call %v", got, want)
	}
}

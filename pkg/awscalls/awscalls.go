// Package awscalls compares what a program asks AWS for with what infra/terraform lets it
// do. It is for tests.
package awscalls

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Use is an action on a resource, in the words of policies. An object's resource is its key
// behind a slash; the bucket and its encryption key are "bucket" and "key".
type Use struct {
	Action, Resource string
}

// Recorder remembers what clients ask for, and what they sign for others to ask.
type Recorder struct {
	mu   sync.Mutex // guards uses
	uses map[Use]bool
}

// Record is for the APIOptions of a client.
func (r *Recorder) Record(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("sixseatRecord",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			r.add(usesOf(awsmiddleware.GetServiceID(ctx)+" "+awsmiddleware.GetOperationName(ctx), key(in.Parameters)))
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
}

func (r *Recorder) add(uses []Use) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uses == nil {
		r.uses = map[Use]bool{}
	}
	for _, u := range uses {
		r.uses[u] = true
	}
}

// usesOf is what an operation needs (IAM, Actions for Amazon S3; an encrypted bucket takes
// the key besides). Without ListBucket S3 says of what is not there that it is forbidden.
func usesOf(operation, key string) []Use {
	object := "/" + key
	switch operation {
	case "S3 GetObject", "S3 HeadObject":
		return []Use{{"s3:GetObject", object}, {"s3:ListBucket", "bucket"}, {"kms:Decrypt", "key"}}
	case "S3 HeadBucket":
		return []Use{{"s3:ListBucket", "bucket"}}
	case "S3 DeleteObject":
		return []Use{{"s3:DeleteObject", object}}
	case "S3 PutObject":
		return []Use{{"s3:PutObject", object}, {"kms:GenerateDataKey", "key"}}
	}
	return []Use{{"unknown operation " + operation, object}}
}

// key is the input's field of that name.
func key(input any) string {
	field := reflect.Indirect(reflect.ValueOf(input)).FieldByName("Key")
	if !field.IsValid() {
		return ""
	}
	text, _ := field.Interface().(*string) // no other type has that name
	return aws.ToString(text)
}

// Policy is the list of that name in a file of infra/terraform: what it allows, with * in
// resources.
func Policy(tb testing.TB, file, name string) []Use {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	list := regexp.MustCompile(`(?s)\n *` + name + ` = \[\n(.*?)\n *\]\n`).FindSubmatch(text)
	if list == nil {
		tb.Fatalf("%s has no list %s", file, name)
	}
	statement := regexp.MustCompile(`^ *\{ Effect = "Allow", Action = \[(.*)\], Resource = \[(.*)\] \},$`)
	var uses []Use
	for line := range strings.Lines(string(list[1])) {
		m := statement.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			tb.Fatalf("%s: this is no statement that can be read: %s", file, line)
		}
		for action := range strings.SplitSeq(m[1], ", ") {
			for resource := range strings.SplitSeq(m[2], ", ") {
				uses = append(uses, Use{strings.Trim(action, `"`), resourceNamed(resource)})
			}
		}
	}
	return uses
}

func resourceNamed(expression string) string {
	switch expression {
	case "aws_s3_bucket.files.arn":
		return "bucket"
	case `aws_kms_key.main["data"].arn`:
		return "key"
	}
	return strings.TrimPrefix(strings.Trim(expression, `"`), "${aws_s3_bucket.files.arn}")
}

// Compare is what is wrong between what was asked and what is allowed: nothing may be
// missing, and nothing be allowed that was never asked.
func (r *Recorder) Compare(allowed []Use) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wrong []string
	used := map[Use]bool{}
	for _, u := range slices.SortedFunc(maps.Keys(r.uses), func(a, b Use) int { return strings.Compare(a.Action+a.Resource, b.Action+b.Resource) }) {
		i := slices.IndexFunc(allowed, func(a Use) bool { return a.Action == u.Action && covers(a.Resource, u.Resource) })
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("%s of %s is not allowed", u.Action, u.Resource))
			continue
		}
		used[allowed[i]] = true
	}
	for _, a := range allowed {
		if !used[a] {
			wrong = append(wrong, fmt.Sprintf("%s of %s is allowed, and nothing needs it", a.Action, a.Resource))
		}
	}
	return wrong
}

// covers: * stands for any characters, slashes among them, as in policies; ours have it at
// the end alone.
func covers(pattern, resource string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	return pattern == resource || open && strings.HasPrefix(resource, prefix) && path.Clean(resource) == resource
}

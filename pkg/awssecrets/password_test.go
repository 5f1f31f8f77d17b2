package awssecrets

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/awstest"
	"github.com/sixseat/sixseat/pkg/database"
)

var quiet = slog.New(slog.DiscardHandler)

func TestPassword_isChosenBySetting(t *testing.T) {
	if p, err := Password(t.Context(), "", quiet); p != nil || err != nil {
		t.Errorf("not set: %v", err)
	}
	p, err := Password(t.Context(), "tulip", quiet)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p(t.Context(), database.SignIn{}); got != "tulip" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{"aws-sm:/db#password", "aws-iam", "aws-sm://"} {
		if _, err := Password(t.Context(), bad, quiet); err == nil || !strings.Contains(err.Error(), "DATABASE_PASSWORD must be") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, setting := range []string{"aws-rds-iam", "aws-sm://db#password"} {
		awstest.Start(t, t.Setenv)
		t.Setenv("AWS_REGION", "")
		if _, err := Password(t.Context(), setting, quiet); err == nil || !strings.Contains(err.Error(), "DATABASE_PASSWORD: AWS_REGION is not set") {
			t.Errorf("%s without a region: %v", setting, err)
		}
	}
}

func storedIn(t *testing.T, now *time.Time) (*awstest.Secrets, *stored) {
	t.Helper()
	aws := awstest.Start(t, t.Setenv)
	aws.Put("db", map[string]string{"username": "chat", "password": "one"})
	secret, err := Open(t.Context(), variable, "aws-sm://db#password", quiet)
	if err != nil {
		t.Fatal(err)
	}
	return aws, &stored{secret: secret, now: func() time.Time { return *now }}
}

// want asks for a password as often as a pool of connections that open at once.
func (s *stored) want(t *testing.T, refused, want string) {
	t.Helper()
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if got, err := s.password(t.Context(), database.SignIn{Refused: refused}); err != nil || got != want {
				t.Errorf("%q refused: got %q, %v; want %q", refused, got, err, want)
			}
		})
	}
	all.Wait()
}

func TestPassword_isReadAgainWhenItIsRefused(t *testing.T) {
	now := noon
	aws, s := storedIn(t, &now)
	s.want(t, "", "one")
	if n := aws.Asked(); n != 1 {
		t.Errorf("asked %d times for twelve connections", n)
	}
	aws.Put("db", map[string]string{"username": "chat", "password": "two"})
	s.want(t, "", "one") // nobody refused it yet
	now = now.Add(askAgainAfter)
	s.want(t, "one", "two")
	s.want(t, "one", "two") // those who were refused meanwhile
	s.want(t, "", "two")
	if n := aws.Asked(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// The database knows the new password some seconds before Secrets Manager calls it current.
func TestPassword_isReadOnceASecondWhileItIsRefused(t *testing.T) {
	now := noon
	aws, s := storedIn(t, &now)
	s.want(t, "", "one")
	now = now.Add(askAgainAfter)
	s.want(t, "one", "one")
	if n := aws.Asked(); n != 2 {
		t.Errorf("asked %d times within a second", n)
	}
	now = now.Add(askAgainAfter)
	aws.Put("db", map[string]string{"username": "chat", "password": "two"})
	s.want(t, "one", "two")
}

func TestPassword_goesOnWhileAWSIsAway(t *testing.T) {
	now := noon
	aws, s := storedIn(t, &now)
	s.want(t, "", "one")
	aws.Refuse("AccessDeniedException")
	s.want(t, "", "one")
	if s.secret.Failing() {
		t.Error("nobody wanted to read it")
	}
	now = now.Add(askAgainAfter)
	s.want(t, "one", "one")
	if !s.secret.Failing() {
		t.Error("it cannot be read, and nobody is told")
	}
	aws.Refuse("")
	aws.Put("db", map[string]string{"password": "two"})
	now = now.Add(askAgainAfter)
	s.want(t, "one", "two")
	if s.secret.Failing() {
		t.Error("it can be read again")
	}
}

// While AWS hangs, who has not been refused is not kept waiting, and who gives up says nothing
// of the secret.
func TestPassword_nobodyWaitsLongerThanTheyWant(t *testing.T) {
	now := noon
	aws, s := storedIn(t, &now)
	s.want(t, "", "one")
	now = now.Add(askAgainAfter)
	release := aws.Hang()
	waiting, giveUp := context.WithCancel(t.Context())
	asked := make(chan error)
	go func() {
		_, err := s.password(waiting, database.SignIn{Refused: "one"})
		asked <- err
	}()
	for aws.Asked() < 2 {
		runtime.Gosched()
	}
	s.want(t, "", "one")
	giveUp()
	if err := <-asked; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.password(late, database.SignIn{Refused: "one"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who had no time got %v", err)
	}
	if s.secret.Failing() {
		t.Error("the secret fails since somebody gave up")
	}
	aws.Put("db", map[string]string{"password": "two"})
	release()
	s.want(t, "one", "two")
}

// A reading that failed counts for all who wait for it.
func TestPassword_aFailureIsOneForAll(t *testing.T) {
	now := noon
	aws, s := storedIn(t, &now)
	s.want(t, "", "one")
	now = now.Add(askAgainAfter)
	aws.Refuse("AccessDeniedException")
	s.want(t, "one", "one")
	s.want(t, "one", "one")
	if n := aws.Asked(); n != 2 {
		t.Errorf("asked %d times within a second", n)
	}
}

func TestPassword_thatCannotBeReadAtTheStartIsAnError(t *testing.T) {
	now := noon
	aws, s := storedIn(t, &now)
	aws.Refuse("AccessDeniedException")
	if _, err := s.password(t.Context(), database.SignIn{}); err == nil || !strings.HasPrefix(err.Error(), "DATABASE_PASSWORD: aws-sm://db#password: ") {
		t.Error(err)
	}
}

func TestPassword_byIAMIsATokenForEachConnection(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	p, err := Password(t.Context(), "aws-rds-iam", quiet)
	if err != nil {
		t.Fatal(err)
	}
	in := database.SignIn{Endpoint: "chat.example.internal:5432", User: "chat"}
	token, err := p(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse("https://" + token)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{"Action": "connect", "DBUser": "chat", "X-Amz-Expires": "900"} {
		if q.Get(name) != want {
			t.Errorf("%s=%s, want %s", name, q.Get(name), want)
		}
	}
	if u.Host != in.Endpoint || !strings.Contains(q.Get("X-Amz-Credential"), "/"+awstest.Region+"/rds-db/aws4_request") || q.Get("X-Amz-Signature") == "" {
		t.Errorf("token %s", token)
	}
	in.Plain = true
	if _, err := p(t.Context(), in); err == nil || !strings.Contains(err.Error(), "DATABASE_URL must have sslmode=require") {
		t.Error(err)
	}
	if n := aws.Asked(); n != 0 {
		t.Errorf("AWS was asked %d times", n)
	}
}

func TestPassword_byIAMWithoutCredentialsSaysSo(t *testing.T) {
	awstest.Start(t, t.Setenv)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	p, err := Password(t.Context(), "aws-rds-iam", quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p(t.Context(), database.SignIn{Endpoint: "h:5432", User: "chat"}); err == nil || !strings.HasPrefix(err.Error(), "DATABASE_PASSWORD: ") {
		t.Error(err)
	}
}

package awssecrets

import (
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/awstest"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, setting string) *Secret {
	t.Helper()
	s, err := Open(t.Context(), "SIGNING_KEY", setting, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCurrent_readsWhatTheSettingNames(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	aws.PutText("sixseat/match", `{"KEY":"one","port":5432}`, noon)
	aws.PutText("plain", "all of it", noon)
	for setting, want := range map[string]string{
		"aws-sm://sixseat/match#KEY":                        "one",
		"aws-sm://" + awstest.ARN("sixseat/match") + "#KEY": "one",
		"aws-sm://plain":                                    "all of it",
	} {
		v, err := open(t, setting).Current(t.Context())
		if err != nil || v.Text != want || !v.Created.Equal(noon) || v.Version == "" {
			t.Errorf("%s: %+v, %v; want %s", setting, v, err, want)
		}
	}
}

func TestPrevious_isTheVersionBefore(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	aws.PutText("keys", "one", noon)
	s := open(t, "aws-sm://keys")
	if v, found, err := s.Previous(t.Context()); found || err != nil {
		t.Errorf("there is none: %+v, %v, %v", v, found, err)
	}
	aws.PutText("keys", "two", noon)
	if v, found, err := s.Previous(t.Context()); !found || err != nil || v.Text != "one" {
		t.Errorf("%+v, %v, %v", v, found, err)
	}
	aws.Refuse("AccessDeniedException")
	if _, found, err := s.Previous(t.Context()); found || err == nil {
		t.Error("what may not be read is not what is not there")
	}
}

func TestOpen_saysWhatToSet(t *testing.T) {
	awstest.Start(t, t.Setenv)
	for _, bad := range []string{"aws-sm://", "aws-sm://#KEY", "aws-sm://name#"} {
		if _, err := Open(t.Context(), "SIGNING_KEY", bad, quiet); err == nil || !strings.Contains(err.Error(), "SIGNING_KEY must be like aws-sm://name#field") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	t.Setenv("AWS_REGION", "")
	if _, err := Open(t.Context(), "SIGNING_KEY", "aws-sm://name#KEY", quiet); err == nil || !strings.Contains(err.Error(), "SIGNING_KEY: AWS_REGION is not set") {
		t.Error(err)
	}
}

func TestOpen_anARNSaysItsRegion(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	aws.PutText("keys", "one", noon)
	for _, region := range []string{"", "us-east-1"} {
		t.Setenv("AWS_REGION", region)
		if _, err := open(t, "aws-sm://"+awstest.ARN("keys")).Current(t.Context()); err != nil {
			t.Errorf("AWS_REGION=%s: %v", region, err)
		}
	}
}

// Errors name the setting and the secret, and nothing that is in it.
func TestCurrent_saysWhatIsWrong(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	aws.PutText("keys", `{"KEY":"hush","number":5,"empty":""}`, noon)
	aws.PutText("text", `hush`, noon)
	aws.PutText("list", `["hush"]`, noon)
	for setting, want := range map[string]string{
		"aws-sm://other#KEY":   "ResourceNotFoundException",
		"aws-sm://keys#OTHER":  `no field "OTHER"`,
		"aws-sm://keys#number": `no text in the field "number"`,
		"aws-sm://keys#empty":  `no text in the field "empty"`,
		"aws-sm://text#KEY":    `no field "KEY": it is no JSON object`,
		"aws-sm://list#KEY":    `no field "KEY": it is no JSON object`,
	} {
		_, err := open(t, setting).Current(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "SIGNING_KEY: "+setting+": ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
	}
	aws.Refuse("AccessDeniedException")
	asked := aws.Asked()
	if _, err := open(t, "aws-sm://keys#KEY").Current(t.Context()); err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
		t.Error(err)
	}
	if n := aws.Asked() - asked; n != 1 {
		t.Errorf("asked %d times for what is refused", n)
	}
}

func TestCurrent_triesAgainAndGivesUp(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	aws.PutText("keys", "one", noon)
	s := open(t, "aws-sm://keys")
	aws.Break(attempts - 1)
	if v, err := s.Current(t.Context()); err != nil || v.Text != "one" {
		t.Errorf("%+v, %v", v, err)
	}
	aws.Break(attempts)
	if _, err := s.Current(t.Context()); err == nil || !strings.Contains(err.Error(), "InternalServiceError") {
		t.Errorf("%v after %d failures", err, attempts)
	}
	if n := aws.Asked(); n != 2*attempts {
		t.Errorf("asked %d times", n)
	}
}

func TestCurrent_doesNotWaitForEver(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	release := aws.Hang()
	defer release()
	began := time.Now()
	if _, err := open(t, "aws-sm://keys").Current(t.Context()); err == nil {
		t.Error("nobody answered")
	}
	if took := time.Since(began); took > 2*readTimeout {
		t.Errorf("took %v", took)
	}
}

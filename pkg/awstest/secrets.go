// Package awstest is AWS Secrets Manager's HTTP API inside a test, so that the real SDK
// asks it: GetSecretValue by name or ARN and staging label, in the protocol AWS JSON 1.1,
// the errors that our code tells apart, answers that fail or do not come. It looks at who
// signs a request and for which region, but does not reckon the signature; of KMS,
// policies and all other operations it knows nothing.
package awstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Region is where the secrets are.
const Region = "eu-central-1"

// Secrets is one account's Secrets Manager.
type Secrets struct {
	tb testing.TB

	mu      sync.Mutex // guards what follows
	secrets map[string]*secret
	broken  int           // how many answers are to fail
	refusal string        // the error that everybody gets; empty: none
	hangs   chan struct{} // nobody is answered until it is closed; nil: not
	asked   int
	written int
}

type secret struct {
	current, previous *version
}

type version struct {
	id, text string
	created  time.Time
}

// Start starts one until the test ends, and sets the environment by which an SDK finds it.
func Start(tb testing.TB, setenv func(name, value string)) *Secrets {
	tb.Helper()
	s := &Secrets{tb: tb, secrets: map[string]*secret{}}
	server := httptest.NewServer(s)
	tb.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_REGION": Region, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		setenv(name, value)
	}
	return s
}

// ARN is the whole name of a secret.
func ARN(name string) string {
	return "arn:aws:secretsmanager:" + Region + ":123456789012:secret:" + name + "-AbCdEf"
}

// Put writes a new version of a secret, which is in use from now on.
func (s *Secrets) Put(name string, fields map[string]string) {
	s.tb.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.PutText(name, string(text), time.Now())
}

// PutText is Put for a secret of any text, written at a moment.
func (s *Secrets) PutText(name, text string, created time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.secrets[name]
	if was == nil {
		was = &secret{}
	}
	s.written++
	id := fmt.Sprintf("00000000-0000-0000-0000-%012d", s.written)
	s.secrets[name] = &secret{current: &version{id, text, created}, previous: was.current}
}

// Break has the next n answers fail on the side of AWS.
func (s *Secrets) Break(n int) { s.set(func() { s.broken = n }) }

// Refuse has everybody get this error; empty: an answer again.
func (s *Secrets) Refuse(code string) { s.set(func() { s.refusal = code }) }

// Hang keeps everybody waiting until the returned function is called.
func (s *Secrets) Hang() (release func()) {
	hangs := make(chan struct{})
	s.set(func() { s.hangs = hangs })
	return func() { s.set(func() { s.hangs = nil }); close(hangs) }
}

// Asked is how many requests there were.
func (s *Secrets) Asked() (n int) { s.set(func() { n = s.asked }); return n }

func (s *Secrets) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// ServeHTTP implements http.Handler.
func (s *Secrets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var hangs chan struct{}
	s.set(func() { s.asked++; hangs = s.hangs })
	if hangs != nil {
		select {
		case <-hangs:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	status, body := s.answer(r)
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.tb.Errorf("Secrets Manager cannot answer: %v", err)
	}
}

func (s *Secrets) answer(r *http.Request) (status int, body any) {
	scope := "/" + Region + "/secretsmanager/aws4_request"
	if auth := r.Header.Get("Authorization"); !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=test/") || !strings.Contains(auth, scope) {
		return failure(http.StatusBadRequest, "UnrecognizedClientException", "signed by "+auth)
	}
	var ask struct{ SecretId, VersionStage, VersionId string }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		return failure(http.StatusBadRequest, "SerializationException", err.Error())
	}
	if target := r.Header.Get("X-Amz-Target"); target != "secretsmanager.GetSecretValue" || ask.VersionId != "" {
		return failure(http.StatusBadRequest, "UnknownOperationException", target)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.broken > 0:
		s.broken--
		return failure(http.StatusInternalServerError, "InternalServiceError", "try again")
	case s.refusal != "":
		return failure(http.StatusBadRequest, s.refusal, "no")
	}
	name, found := ask.SecretId, s.secrets[ask.SecretId]
	for n, candidate := range s.secrets {
		if ask.SecretId == ARN(n) {
			name, found = n, candidate
		}
	}
	if found == nil {
		return failure(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	v := map[string]*version{"AWSCURRENT": found.current, "": found.current, "AWSPREVIOUS": found.previous}[ask.VersionStage]
	if v == nil {
		return failure(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: "+ask.VersionStage)
	}
	return http.StatusOK, map[string]any{
		"ARN": ARN(name), "Name": name, "VersionId": v.id, "SecretString": v.text,
		"VersionStages": []string{ask.VersionStage}, "CreatedDate": float64(v.created.UnixMilli()) / 1000,
	}
}

func failure(status int, code, message string) (int, any) {
	return status, map[string]string{"__type": code, "message": message}
}

package awsarchive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sixseat/sixseat/pkg/awscalls"
	"github.com/sixseat/sixseat/pkg/embedded"
	"github.com/sixseat/sixseat/pkg/fault"
)

const key = "transcripts/0193a000-0000-7000-8000-000000000005/1-2-0123456789abcdef.jsonl.gz"

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// contract is what every server must do.
func contract(t *testing.T, a *Archive) {
	data := []byte("\x1f\x8b not really zipped")
	for range 2 { // again, after an answer that was lost
		if err := a.Put(t.Context(), key, data, sum(data)); err != nil {
			t.Fatal(err)
		}
		if back, err := a.Get(t.Context(), key, 1000); err != nil || !bytes.Equal(back, data) {
			t.Errorf("got %q, %v", back, err)
		}
	}
	if back, err := a.Get(t.Context(), key, 5); err != nil || len(back) != 5 {
		t.Errorf("of the first five octets: %q, %v", back, err)
	}
	if _, err := a.Get(t.Context(), key+"2", 5); err == nil || fault.Is(err, fault.Unavailable) {
		t.Errorf("what is not there: %v; trying again does not help", err)
	}
	if err := a.Put(t.Context(), key, data, "no sum"); err == nil || fault.Is(err, fault.Unavailable) {
		t.Errorf("a sum that is none: %v", err)
	}
}

func startEmbedded(t *testing.T) *embedded.S3 {
	t.Helper()
	s, err := embedded.StartS3(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closing(t *testing.T, s *embedded.S3) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// What chat-service may do with transcripts on AWS is what it does, no more and no less.
func TestEmbedded_keepsTranscripts(t *testing.T) {
	s := startEmbedded(t)
	defer closing(t, s)
	var asked awscalls.Recorder
	options := s.Client.Options()
	options.APIOptions = append(options.APIOptions, asked.Record)
	contract(t, New(s3.New(options), embedded.Bucket))
	allowed := slices.DeleteFunc(awscalls.Policy(t, "../../../../infra/terraform/s3.tf", "files_policy"),
		func(u awscalls.Use) bool { return u.Resource == "/uploads/*" || u.Resource == "/pictures/*" })
	for _, wrong := range asked.Compare(allowed) {
		t.Error(wrong)
	}
}

// S3 gets the sum that we made, to compare it with what arrives.
func TestPut_sendsTheSum(t *testing.T) {
	var mu sync.Mutex // guards what follows
	var header string
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		header = r.Header.Get("X-Amz-Checksum-Sha256")
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	s := startEmbedded(t)
	defer closing(t, s)
	options := s.Client.Options()
	options.BaseEndpoint = &server.URL
	data := []byte("data")
	if err := New(s3.New(options), "bucket").Put(t.Context(), key, data, sum(data)); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	made := sha256.Sum256(data)
	if want := base64.StdEncoding.EncodeToString(made[:]); header != want || !bytes.Equal(body, data) {
		t.Errorf("sent %q with %q, want %q", body, header, want)
	}
}

func TestAway_isUnavailable(t *testing.T) {
	s := startEmbedded(t)
	closing(t, s)
	a := New(s.Client, embedded.Bucket)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, get := a.Get(ctx, key, 5)
	for what, err := range map[string]error{"to write": a.Put(ctx, key, nil, sum(nil)), "to read": get} {
		if !fault.Is(err, fault.Unavailable) || fault.From(err).RetryAfter == 0 {
			t.Errorf("%s: got %v, want it to be unavailable for a while", what, err)
		}
	}
}

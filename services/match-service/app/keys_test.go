package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/awstest"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/services/match-service/app"
)

// inSecret has a node read its signing keys from a secret, ten times a second.
func inSecret(t *testing.T, cfg *app.Config, keys string) *awstest.Secrets {
	t.Helper()
	aws := awstest.Start(t, t.Setenv)
	aws.PutText("keys", keys, time.Now().Add(-time.Hour))
	cfg.SigningKey, cfg.SigningKeyAfter = "aws-sm://keys", time.Second
	return aws
}

// signsWith reports whether the next token is signed with the key of this seed.
func (w *world) signsWith(seed string) bool {
	w.Helper()
	m := call[matchapi.Member](w, "POST", "/match/members", "", `{"nickname":"watcher"}`)
	if r := w.do("GET", "/match/queue", m.Token, ""); r.status != http.StatusOK {
		w.Errorf("the node does not know its own token: %s", r)
	}
	_, err := token.NewVerifier(keyOf(w.T, seed), time.Now).Member(context.Background(), m.Token)
	return err == nil
}

func keyOf(t *testing.T, seed string) *token.Signer {
	t.Helper()
	s, err := token.NewSigner(seed, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// publishes reports whether these keys are published, and no others.
func (w *world) publishes(seeds ...string) bool {
	w.Helper()
	set := call[token.KeySet](w, "GET", "/match/.well-known/jwks.json", "", "")
	published, err := token.NewStatic(set)
	if err != nil {
		w.Fatal(err)
	}
	for _, seed := range seeds {
		if _, err := published.Key(context.Background(), keyOf(w.T, seed).KeySet().Keys[0].ID); err != nil {
			return false
		}
	}
	return len(set.Keys) == len(seeds)
}

// soon waits for a condition.
func (w *world) soon(what string, holds func() bool) {
	w.Helper()
	for end := time.Now().Add(ceiling); !holds(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("not within %v: %s", ceiling, what)
		}
	}
}

func startWith(t *testing.T, cfg app.Config) *world {
	t.Helper()
	return start(t, cfg, app.Parts{Dialector: migratedSQLite(t), Redis: newMiniredis(t), Log: discard})
}

func TestSigningKey_changesWhileTheNodeRuns(t *testing.T) {
	cfg := testConfig()
	old, fresh := token.NewSeed(), token.NewSeed()
	aws := inSecret(t, &cfg, old)
	w := startWith(t, cfg)
	if !w.publishes(old) || !w.signsWith(old) {
		t.Error("the secret's key is not the one that signs")
	}
	m := call[matchapi.Member](w, "POST", "/match/members", "", `{"nickname":"user1"}`)

	aws.PutText("keys", fresh, time.Now())
	w.soon("both keys published", func() bool { return w.publishes(old, fresh) })
	w.soon("the new key signs", func() bool { return w.signsWith(fresh) })

	aws.PutText("keys", "no key at all", time.Now())
	asked := aws.Asked()
	w.soon("reading what is no key", func() bool { return aws.Asked() > asked+2 })
	if !w.publishes(old, fresh) || !w.signsWith(fresh) {
		t.Error("what is no key has changed the keys")
	}
	if r := w.do("GET", "/match/queue", m.Token, ""); r.status != http.StatusOK {
		t.Errorf("a token of the old key is not good: %s", r)
	}
}

// A node that starts does what those do that run.
func TestSigningKey_ofANodeThatStartsInTheMiddleOfAChange(t *testing.T) {
	old, fresh := token.NewSeed(), token.NewSeed()
	for changed, signs := range map[time.Duration]string{time.Second: old, time.Hour: fresh} {
		cfg := testConfig()
		aws := inSecret(t, &cfg, old)
		cfg.SigningKeyAfter = 10 * time.Minute
		aws.PutText("keys", fresh, time.Now().Add(-changed))

		w := startWith(t, cfg)

		if !w.publishes(old, fresh) || !w.signsWith(signs) {
			t.Errorf("%v after the change another key signs, or not both are published", changed)
		}
	}
}

func TestSigningKey_afterOneThatWasNoKey(t *testing.T) {
	cfg := testConfig()
	aws := inSecret(t, &cfg, "no key at all")
	aws.PutText("keys", signingKey, time.Now())

	w := startWith(t, cfg)

	if !w.publishes(signingKey) || !w.signsWith(signingKey) {
		t.Error("the secret's key does not sign")
	}
}

// What is wrong is said before anything is served, and names the setting.
func TestSigningKey_thatCannotBeUsedIsSaid(t *testing.T) {
	aws := awstest.Start(t, t.Setenv)
	aws.Put("keys", map[string]string{"KEY": signingKey})
	aws.PutText("bad", "hush", time.Now())
	for setting, want := range map[string]string{
		"aws-sm://":           "SIGNING_KEY must be like aws-sm://name#field",
		"aws-sm://keys#OTHER": `SIGNING_KEY: aws-sm://keys#OTHER: no field "OTHER"`,
		"aws-sm://nothing":    "SIGNING_KEY: aws-sm://nothing: AWSCURRENT cannot be read: ",
		"aws-sm://bad":        "SIGNING_KEY: aws-sm://bad: signing key 1 must be the base64url of 32 octets",
		"aws-sm://keys#KEY":   "SIGNING_KEY_AFTER must be 1s or more",
	} {
		cfg := testConfig()
		cfg.SigningKey = setting
		if strings.Contains(want, "AFTER") {
			cfg.SigningKeyAfter = time.Millisecond
		}

		_, err := app.New(t.Context(), cfg, app.Parts{Dialector: emptySQLite(t), Redis: newMiniredis(t), Log: discard})

		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
	}
}

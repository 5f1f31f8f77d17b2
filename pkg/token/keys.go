package token

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/sixseat/sixseat/pkg/fault"
)

// Static are keys known from the start: a signer's own, or configured ones.
type Static map[string]ed25519.PublicKey

// NewStatic reads a key set.
func NewStatic(set KeySet) (Static, error) {
	keys, err := set.public()
	return Static(keys), err
}

// Key finds a key by its id.
func (s Static) Key(_ context.Context, id string) (ed25519.PublicKey, error) {
	if key, ok := s[id]; ok {
		return key, nil
	}
	return nil, unknownKey(id)
}

func unknownKey(id string) error {
	return fault.New(fault.Unauthenticated, "The token is signed with a key we do not know.").Wrap(fmt.Errorf("key id %q", id))
}

// Remote are keys fetched from a JWKS address and kept: refreshed in the background,
// and at once, but at most every 30 s, for an id not seen before. While the publisher
// is away the keys fetched last stay good.
type Remote struct {
	url    string
	every  time.Duration
	client *http.Client
	now    func() time.Time
	log    *slog.Logger
	start  Static // configured: always good, published or not
	flight singleflight.Group

	mu        sync.Mutex // guards what follows
	keys      map[string]ed25519.PublicKey
	unknown   map[string]bool // ids that a fetched set did not hold
	notBefore time.Time       // when the next fetch for an unknown id may start
	failed    error           // of the last fetch
}

// NewRemote makes a Remote over the given keys, which may be nil, and those published,
// which are fetched again every so often.
func NewRemote(url string, every time.Duration, start Static, now func() time.Time, log *slog.Logger) *Remote {
	return &Remote{
		url: url, every: every, client: &http.Client{Timeout: fetchTimeout}, now: now, log: log,
		start: start, keys: start, unknown: map[string]bool{},
	}
}

// Run refreshes the keys again and again until ctx ends, every second while they cannot be
// fetched.
func (r *Remote) Run(ctx context.Context) {
	for {
		wait := r.every
		if err := r.refresh(ctx, always); err != nil && ctx.Err() == nil {
			r.log.Warn("keys not refreshed", "url", r.url, "err", err)
			wait = retryAfterFailure
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Ready says why nobody can be verified: no key is configured, and none could be fetched.
func (r *Remote) Ready(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys) == 0 {
		return noKeys(r.failed)
	}
	return nil
}

// Key finds a key by its id, fetching the set when the id is new.
func (r *Remote) Key(ctx context.Context, id string) (ed25519.PublicKey, error) {
	key, fetch, err := r.lookup(id)
	if key != nil || !fetch {
		return key, err
	}
	if cause := r.refresh(ctx, r.due); cause != nil {
		return nil, noKeys(cause)
	}
	if key, _, err = r.lookup(id); key == nil {
		r.remember(id)
		return nil, unknownKey(id)
	}
	return key, err
}

// lookup returns the key, or whether a fetch may find it, or why there is none.
func (r *Remote) lookup(id string) (key ed25519.PublicKey, fetch bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	mayFetch := !r.now().Before(r.notBefore)
	switch {
	case r.keys[id] != nil:
		return r.keys[id], false, nil
	case len(r.keys) == 0 && !mayFetch:
		return nil, false, noKeys(errors.New("the last fetch failed"))
	case r.unknown[id] || !mayFetch:
		return nil, false, unknownKey(id)
	}
	return nil, true, nil
}

func noKeys(cause error) error {
	return fault.New(fault.Unavailable, "Tokens cannot be checked right now.").WithRetry(retryAfterFailure).Wrap(cause)
}

func (r *Remote) remember(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.unknown) >= maxUnknown {
		clear(r.unknown)
	}
	r.unknown[id] = true
}

// due reports whether a fetch for an unknown id may start, or how the last one ended.
func (r *Remote) due() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.now().Before(r.notBefore), r.failed
}

func always() (bool, error) { return true, nil }

// refresh fetches the set; callers that come meanwhile share the one fetch. One that
// comes just when it has ended asks due again, and takes its end for an answer.
func (r *Remote) refresh(ctx context.Context, due func() (bool, error)) error {
	_, err, _ := r.flight.Do("", func() (any, error) {
		if now, err := due(); !now {
			return nil, err
		}
		// Not the caller's cancellation: the others wait for this fetch too.
		keys, err := r.fetch(context.WithoutCancel(ctx))
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.failed = err; err != nil {
			r.notBefore = r.now().Add(retryAfterFailure)
			return nil, err
		}
		maps.Copy(keys, r.start)
		r.keys, r.notBefore = keys, r.now().Add(refreshAtMost)
		return nil, nil
	})
	return err
}

func (r *Remote) fetch(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch keys: %s answered %s", r.url, resp.Status)
	}
	var set KeySet
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxKeySetBytes)).Decode(&set); err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	return set.public()
}

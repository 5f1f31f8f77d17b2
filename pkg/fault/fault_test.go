package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Every kind has its whole row: a new one without a row would be status 0, and close
// codes beyond those that may go on the wire break the library's Close.
func TestTable_isComplete(t *testing.T) {
	if got, want := len(table), int(Protocol)+1; got != want {
		t.Fatalf("%d rows for %d kinds: give the new kind its row in table.go", got, want)
	}
	slugs := map[string]Kind{}
	for k := range Kind(len(table)) {
		code := k.CloseCode()
		if k.String() == "" || k.Title() == "" || http.StatusText(k.Status()) == "" || k.Status() < 400 {
			t.Errorf("kind %d: row %+v lacks something", k, table[k])
		}
		if !(code >= 1002 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) && (code < 4000 || code > 4999) {
			t.Errorf("%v: close code %d may not go on the wire (RFC 6455 section 7.4)", k, code)
		}
		if other, taken := slugs[k.String()]; taken {
			t.Errorf("%d and %d are both called %q", k, other, k)
		}
		slugs[k.String()] = k
	}
}

// Every code that a kind may close with is explained, once, and no other.
func TestCloseCodes_explainsAllThatAreUsed(t *testing.T) {
	explained := map[int]bool{}
	for _, c := range CloseCodes {
		if explained[c.Code] || c.Means == "" || c.Advises == "" {
			t.Errorf("%+v stands there twice or says nothing", c)
		}
		explained[c.Code] = true
	}
	used := map[int]bool{}
	for k := range Kind(len(table)) {
		if used[k.CloseCode()] = true; !explained[k.CloseCode()] {
			t.Errorf("%v closes with %d, which nothing explains", k, k.CloseCode())
		}
	}
	if len(used) != len(explained) {
		t.Errorf("%d codes are explained, %d are used", len(explained), len(used))
	}
}

// The contract's codes, which clients act on.
func TestTable_closeCodesOfTheContract(t *testing.T) {
	for k, want := range map[Kind]int{
		Protocol: 1002, TooLarge: 1009, Unauthenticated: 1008, TokenExpired: 4001, TooMany: 1008, Invalid: 1008, Forbidden: 1008,
		Unavailable: 1013, Stopping: 1012, TooSlow: 4002, TooManySessions: 4003,
	} {
		if got := k.CloseCode(); got != want {
			t.Errorf("%v closes with %d, want %d", k, got, want)
		}
	}
}

func TestWrite_headersAndBody(t *testing.T) {
	for _, c := range []struct {
		err        error
		status     int
		slug       string
		challenge  string
		retryAfter string
	}{
		{errors.New("pq: secret"), 500, "internal", "", ""},
		{BadField("a", "is bad"), 400, "invalid", "", ""},
		{New(Unauthenticated, "No."), 401, "unauthenticated", `Bearer realm="sixseat"`, ""},
		{New(TokenExpired, "No."), 401, "token-expired", `Bearer realm="sixseat", error="invalid_token", error_description="expired"`, ""},
		{New(TooMany, "No.").WithRetry(1500 * time.Millisecond), 429, "too-many-requests", "", "2"},
		{New(TooMany, "No."), 429, "too-many-requests", "", "1"},
		{New(Unavailable, "No.").WithRetry(time.Minute), 503, "unavailable", "", "60"},
		{New(Stopping, "No."), 503, "stopping", "", "1"},
		{New(Conflict, "No.").WithSlug("seat-taken"), 409, "seat-taken", "", ""},
		{fmt.Errorf("wrapped: %w", New(NotFound, "No.")), 404, "not-found", "", ""},
		{New(MethodNotAllowed, "No."), 405, "method-not-allowed", "", ""},
		{New(TooLarge, "No."), 413, "too-large", "", ""},
	} {
		rec := httptest.NewRecorder()
		Write(rec, httptest.NewRequest("GET", "/a/b?token=x", nil), c.err)
		var p Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
			t.Fatalf("%v: %v in %s", c.err, err, rec.Body)
		}
		h := rec.Header()
		if rec.Code != c.status || p.Status != c.status || p.Type != TypePrefix+c.slug || p.Instance != "/a/b" || p.Title == "" || p.Detail == "" {
			t.Errorf("%v: answered %d %+v", c.err, rec.Code, p)
		}
		if h.Get("Content-Type") != ContentType || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%v: headers %v", c.err, h)
		}
		if h.Get("WWW-Authenticate") != c.challenge || h.Get("Retry-After") != c.retryAfter {
			t.Errorf("%v: WWW-Authenticate %q, Retry-After %q; want %q, %q", c.err, h.Get("WWW-Authenticate"), h.Get("Retry-After"), c.challenge, c.retryAfter)
		}
		if strings.Contains(rec.Body.String(), "secret") {
			t.Errorf("%v: the cause went to the client: %s", c.err, rec.Body)
		}
	}
}

func TestWrite_namesBadFields(t *testing.T) {
	rec := httptest.NewRecorder()
	Write(rec, httptest.NewRequest("POST", "/", nil), BadFields([]Field{{"a", "is bad"}, {"b", "is worse"}}))
	if want := `"errors":[{"field":"a","reason":"is bad"},{"field":"b","reason":"is worse"}]`; !strings.Contains(rec.Body.String(), want) {
		t.Errorf("got %s, want %s in it", rec.Body, want)
	}
}

func TestWrite_headHasNoBody(t *testing.T) {
	rec := httptest.NewRecorder()
	Write(rec, httptest.NewRequest("HEAD", "/", nil), New(NotFound, "No."))
	if rec.Code != 404 || rec.Body.Len() != 0 {
		t.Errorf("%d %q", rec.Code, rec.Body)
	}
}

func TestError_keepsItsCauseForTheLogAlone(t *testing.T) {
	cause := errors.New("disk on fire")
	base := New(Unavailable, "Try again.")
	err := fmt.Errorf("store: %w", base.Wrap(cause))
	if !errors.Is(err, cause) || !Is(err, Unavailable) || Is(err, Internal) || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("%v", err)
	}
	if base.Error() != "Try again." || base.WithSlug("x") == base || base.Slug != "" {
		t.Error("Wrap and With… change a copy, so that faults may be shared")
	}
	if From(err).Detail != "Try again." || From(cause).Kind != Internal || strings.Contains(From(cause).Detail, "fire") {
		t.Errorf("%+v, %+v", From(err), From(cause))
	}
}

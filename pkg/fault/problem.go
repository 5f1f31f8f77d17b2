package fault

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
)

// TypePrefix stands before the slug in a problem's type (RFC 9457 section 3.1.1
// allows any URI; a URN promises no page behind it).
const TypePrefix = "urn:sixseat:problem:"

// ContentType of a problem body, RFC 9457 section 6.1.
const ContentType = "application/problem+json"

// Problem is an RFC 9457 problem details object.
type Problem struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail"`
	Instance string  `json:"instance"`
	Errors   []Field `json:"errors,omitempty"`
}

// ProblemOf says what a client may know of err. instance names the occurrence:
// the path of a request, the destination of a frame.
func ProblemOf(err error, instance string) Problem {
	e := From(err)
	slug := e.Slug
	if slug == "" {
		slug = e.Kind.String()
	}
	return Problem{
		Type: TypePrefix + slug, Title: e.Kind.Title(), Status: e.Kind.Status(),
		Detail: e.Detail, Instance: instance, Errors: e.Fields,
	}
}

// JSON is the problem as a body.
func (p Problem) JSON() []byte {
	b, err := json.Marshal(p)
	if err != nil { // strings and ints always marshal
		panic("fault: marshal problem: " + err.Error())
	}
	return b
}

// Write answers r with err as problem+json, with Retry-After on 429 and 503 and
// WWW-Authenticate on 401 (RFC 9110 sections 10.2.3 and 11.6.1, RFC 6750 section 3).
func Write(w http.ResponseWriter, r *http.Request, err error) {
	e := From(err)
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	if e.Kind.Status() == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(e.Kind))
	}
	if after, known := e.Retry(); known {
		h.Set("Retry-After", after)
	}
	w.WriteHeader(e.Kind.Status())
	if r.Method != http.MethodHead {
		// A client that has gone away cannot be told; nothing else can fail here.
		_, _ = w.Write(ProblemOf(e, r.URL.Path).JSON())
	}
}

// Retry is when to come back, in whole seconds as Retry-After has them (RFC 9110 section
// 10.2.3); known is false for what does not get better by waiting.
func (e *Error) Retry() (seconds string, known bool) {
	switch e.Kind.Status() {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return strconv.Itoa(max(1, int(math.Ceil(e.RetryAfter.Seconds())))), true
	}
	return "", false
}

func challenge(k Kind) string {
	if k == TokenExpired {
		return `Bearer realm="sixseat", error="invalid_token", error_description="expired"`
	}
	return `Bearer realm="sixseat"`
}

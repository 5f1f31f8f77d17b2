// Package fault is the one list of ways in which a request can fail, and what
// each of them looks like to a client: HTTP status, problem+json, STOMP ERROR
// and WebSocket close code.
//
// It is for every layer of both services: the domain returns a *Error, adapters
// translate driver errors into one, and the edge (httpapi, gateway) writes it.
// An error that is not a *Error is Internal: logged in full, told to nobody.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong, for code. The sentence for people is Error.Detail.
type Kind int

// The kinds. Their columns (status, close code, title) stand in table.go.
const (
	Internal         Kind = iota // a bug or a surprise; details are only logged
	Invalid                      // the request is malformed or breaks a field's rule
	Unauthenticated              // no token, or one that does not verify
	TokenExpired                 // a good token whose time is over: refresh it
	Forbidden                    // known, but not allowed
	NotFound                     // there is no such thing
	MethodNotAllowed             // the path exists, the method does not
	Conflict                     // the state of things forbids it
	TooLarge                     // a body, frame or message above its limit
	TooMany                      // a limit for people was reached: slow down
	Unavailable                  // a store is away: try again
	Stopping                     // this node stops: reconnect now
	TooSlow                      // this reader fell behind: resume from the last seq
	TooManySessions              // this member has too many sockets
	Protocol                     // STOMP was broken
)

// Field is one bad field of a request.
type Field struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// Error is a failure with everything a client may know about it.
type Error struct {
	Kind       Kind
	Slug       string        // names the problem type where the kind is not precise enough ("seat-taken"); may be empty
	Detail     string        // a sentence that may be shown to a person
	Fields     []Field       // bad fields, for Invalid
	RetryAfter time.Duration // when to try again, for TooMany and Unavailable; 0: not known
	cause      error         // for the log only
}

// New makes an error of a kind with a sentence for people.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Detail: fmt.Sprintf(format, args...)}
}

// BadField is an Invalid error about one field.
func BadField(field, reason string) *Error {
	return BadFields([]Field{{Field: field, Reason: reason}})
}

// BadFields is an Invalid error about all of fields, which must not be empty.
func BadFields(fields []Field) *Error {
	return &Error{Kind: Invalid, Detail: fields[0].Field + ": " + fields[0].Reason, Fields: fields}
}

// Wrap keeps cause for the log behind an error that clients may see.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// WithSlug names the problem type, for conflicts that a client tells apart.
func (e *Error) WithSlug(slug string) *Error {
	c := *e
	c.Slug = slug
	return &c
}

// WithRetry says when to come back.
func (e *Error) WithRetry(after time.Duration) *Error {
	c := *e
	c.RetryAfter = after
	return &c
}

// NotKnown is the reason of a field that only the client knows.
const NotKnown = "is not a known field"

// Error is the text for logs: the sentence and the cause behind it. A field that only the
// client knows is told to the client by its name, which may be anything, such as what a
// member wanted to say; the log does not have it.
func (e *Error) Error() string {
	text := e.Detail
	if len(e.Fields) > 0 && e.Fields[0].Reason == NotKnown {
		text = "a field " + NotKnown
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// From returns err's *Error, or an Internal one that keeps err as its cause.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Detail: "Something went wrong on our side.", cause: err}
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

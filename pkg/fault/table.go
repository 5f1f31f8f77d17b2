package fault

import "net/http"

// Close codes of the WebSocket (RFC 6455 section 7.4 and its IANA registry; 4000-4999
// are ours). What each tells a client to do stands in CloseCodes.
const (
	CloseProtocol        = 1002
	ClosePolicy          = 1008
	CloseTooBig          = 1009
	CloseInternal        = 1011
	CloseStopping        = 1012
	CloseUnavailable     = 1013
	CloseTokenExpired    = 4001
	CloseTooSlow         = 4002
	CloseTooManySessions = 4003
)

// CloseCodes is what each close code means and what a client should do. The table in
// chat-service's README is checked against it.
var CloseCodes = []struct {
	Code           int
	Means, Advises string
}{
	{CloseProtocol, "the protocol was broken, or the peer fell silent", "mend the client; after silence reconnect"},
	{ClosePolicy, "credentials or policy", "do not retry as you are"},
	{CloseTooBig, "a frame above 64 KiB, or above 4 KiB before CONNECTED", "send less"},
	{CloseInternal, "a bug of ours", "reconnect, with back-off"},
	{CloseStopping, "this node stops", "reconnect now, resume with `last-seq`"},
	{CloseUnavailable, "overloaded, or the store is away", "back off, then reconnect and resume with `last-seq`"},
	{CloseTokenExpired, "the token expired", "refresh it, then reconnect"},
	{CloseTooSlow, "too slow a reader", "reconnect and resume with `last-seq`"},
	{CloseTooManySessions, "too many sockets of this member, or this one was silent when a new one came", "close one first"},
}

// row is what one kind looks like in each protocol.
type row struct {
	slug   string // last part of the problem type
	title  string // the same for every occurrence, RFC 9457 section 3.1.3
	status int    // HTTP
	code   int    // WebSocket close code
}

// The table of kinds. One place, so that HTTP and STOMP cannot drift apart.
var table = [...]row{
	Internal:         {"internal", "Internal error", http.StatusInternalServerError, CloseInternal},
	Invalid:          {"invalid", "Invalid request", http.StatusBadRequest, ClosePolicy},
	Unauthenticated:  {"unauthenticated", "Not signed in", http.StatusUnauthorized, ClosePolicy},
	TokenExpired:     {"token-expired", "Token expired", http.StatusUnauthorized, CloseTokenExpired},
	Forbidden:        {"forbidden", "Not allowed", http.StatusForbidden, ClosePolicy},
	NotFound:         {"not-found", "Not found", http.StatusNotFound, CloseProtocol},
	MethodNotAllowed: {"method-not-allowed", "Method not allowed", http.StatusMethodNotAllowed, CloseProtocol},
	Conflict:         {"conflict", "Conflict", http.StatusConflict, ClosePolicy},
	TooLarge:         {"too-large", "Too large", http.StatusRequestEntityTooLarge, CloseTooBig},
	TooMany:          {"too-many-requests", "Too many requests", http.StatusTooManyRequests, ClosePolicy},
	Unavailable:      {"unavailable", "Temporarily unavailable", http.StatusServiceUnavailable, CloseUnavailable},
	Stopping:         {"stopping", "This node stops", http.StatusServiceUnavailable, CloseStopping},
	TooSlow:          {"too-slow", "Reader too slow", http.StatusServiceUnavailable, CloseTooSlow},
	TooManySessions:  {"too-many-sessions", "Too many sessions", http.StatusTooManyRequests, CloseTooManySessions},
	Protocol:         {"protocol", "Protocol error", http.StatusBadRequest, CloseProtocol},
}

// Slugs that name a problem's type where its kind is not precise enough.
const (
	SeatTaken          = "seat-taken"
	SeatGivenAway      = "seat-given-away"
	BadTicket          = "bad-ticket"
	TicketExpired      = "ticket-expired"
	UnsupportedVersion = "unsupported-version"
)

// Slugs are those slugs, each with the kind of its failures.
var Slugs = map[string]Kind{
	SeatTaken: Conflict, SeatGivenAway: Conflict, BadTicket: Unauthenticated, TicketExpired: Unauthenticated, UnsupportedVersion: Protocol,
}

// Kinds are all kinds.
func Kinds() []Kind {
	list := make([]Kind, len(table))
	for i := range list {
		list[i] = Kind(i)
	}
	return list
}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return table[k].status }

// CloseCode is the WebSocket close code that follows an ERROR of this kind.
func (k Kind) CloseCode() int { return table[k].code }

// Title is the kind's short name for people.
func (k Kind) Title() string { return table[k].title }

// String is the kind's name as it stands in problem types and logs.
func (k Kind) String() string { return table[k].slug }

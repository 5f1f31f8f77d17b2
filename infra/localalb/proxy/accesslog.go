package proxy

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// accessLog writes one line for each request in ALB's format, a WebSocket's when it
// ends (user guide, load-balancer-access-logs). What only AWS has reads "-": TLS,
// certificates, classification. Instead of ARNs it names Terraform addresses.
type accessLog struct {
	loadBalancer string // "app/NAME/localalb"
	log          *slog.Logger

	mu  sync.Mutex
	out io.Writer // guarded by mu
}

// write ends a request. received and sent count all bytes of it on the client's
// connection.
func (l *accessLog) write(r *record, connection string, received, sent int64) {
	line := l.line(r, connection, received, sent)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.out, line); err != nil {
		l.log.Error("access log lost a line", "err", err)
	}
}

const none = "-"

func (l *accessLog) line(r *record, connection string, received, sent int64) string {
	now := time.Now()
	targets, codes := none, none
	if r.target != nil {
		targets = r.target.address
	}
	if r.targetStatus != 0 {
		codes = strconv.Itoa(r.targetStatus)
	}
	group := none
	if r.group != nil {
		group = r.group.spec.Address
	}
	before, target, after := r.durations()
	fields := []string{
		r.kind(), stamp(now), l.loadBalancer, r.view.peer.String(), targets, before, target, after,
		strconv.Itoa(r.status), codes, strconv.FormatInt(received, 10), strconv.FormatInt(sent, 10),
		quote(r.requestLine()), quote(r.userAgent), none, none, group,
		quote(r.trace), quote(none), quote(none), r.priority(), stamp(r.begun),
		quote(r.action()), quote(r.redirect), quote(r.reason), quote(targets), quote(codes),
		quote(none), quote(none), connection,
		quote(r.view.changedHost()), quote(r.view.changedURI()), quote(r.transform),
	}
	return strings.Join(fields, " ") + "\n"
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// quote is for what a client may have chosen: nothing in it can end the field or the
// line. Nothing is "-".
func quote(s string) string {
	if s == "" {
		return `"-"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// kind is the type of request or connection.
func (r *record) kind() string {
	kind := "http"
	if r.upgraded {
		kind = "ws"
	}
	if r.view.origin.Protocol == "https" {
		kind += "s"
	}
	return kind
}

// requestLine is the request with its whole URL. One that could not be read is shown
// by dashes.
func (r *record) requestLine() string {
	o := r.view.origin
	method, path, proto := none, "-", none
	if r.method != "" {
		method, path, proto = r.method, r.view.request.Path, r.proto
		if r.view.request.Query != "" {
			path += "?" + r.view.request.Query
		}
	}
	return fmt.Sprintf("%s %s://%s%s %s", method, o.Protocol, net.JoinHostPort(strings.Trim(o.Host, "[]"), strconv.Itoa(o.Port)), path, proto)
}

// priority is 0 for the default action and "-" when no rule was looked at.
func (r *record) priority() string {
	if r.rule == nil {
		return none
	}
	return strconv.Itoa(r.rule.Priority)
}

func (r *record) action() string {
	switch {
	case r.rule == nil:
		return none
	case r.rule.Action.Forward != nil:
		return "forward"
	case r.rule.Action.Redirect != nil:
		return "redirect"
	}
	return "fixed-response"
}

// durations are the three processing times in seconds; -1 for what never came. The last
// ends when the answer begins to leave, however long it goes on.
func (r *record) durations() (request, target, response string) {
	request, target, response = "-1", "-1", "-1"
	if !r.asked.IsZero() {
		request = inSeconds(r.asked.Sub(r.begun))
	}
	if !r.answered.IsZero() {
		target = inSeconds(r.answered.Sub(r.asked))
	}
	if !r.answered.IsZero() && !r.passed.IsZero() {
		response = inSeconds(r.passed.Sub(r.answered))
	}
	return request, target, response
}

func inSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

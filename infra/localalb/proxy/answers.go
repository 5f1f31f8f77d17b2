package proxy

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// Codes that only ALB uses (user guide, load-balancer-troubleshooting).
const (
	statusClientClosed     = 460 // the client left before the answer; seen in logs only
	statusTooManyForwarded = 463 // more than 30 addresses in X-Forwarded-For
	statusWrongProtocol    = 464 // the request's protocol does not fit the group's protocol_version
)

// serverName is the Server header of answers ALB makes itself.
const serverName = "awselb/2.0"

// titles are the words in ALB's own pages where they are not net/http's.
var titles = map[int]string{
	http.StatusMethodNotAllowed:   "Not Allowed",
	http.StatusRequestTimeout:     "Request Time-out",
	http.StatusRequestURITooLong:  "Request-URI Too Large",
	http.StatusServiceUnavailable: "Service Temporarily Unavailable",
	http.StatusGatewayTimeout:     "Gateway Time-out",
	statusClientClosed:            "Client Closed Request",
	statusTooManyForwarded:        "",
	statusWrongProtocol:           "",
}

// titleOf is a status with its words.
func titleOf(status int) string {
	title, ok := titles[status]
	if !ok {
		title = http.StatusText(status)
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + title)
}

// pageOf is one of ALB's small pages.
func pageOf(status int) string {
	return fmt.Sprintf("<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n</body>\r\n</html>\r\n", titleOf(status))
}

// refusal is the status with which a request is turned away before any rule
// is looked at; 0 lets it pass.
func refusal(r *http.Request, v view) int {
	requestLine := len(r.Method) + len(r.RequestURI) + len("  HTTP/1.1")
	switch {
	case r.ProtoMajor != 1, r.ProtoMinor > 1: // 2.0 is the beginning of an HTTP/2 connection
		return http.StatusHTTPVersionNotSupported
	case r.Method == http.MethodTrace:
		return http.StatusMethodNotAllowed
	case r.Method == http.MethodConnect: // its target is no path; ALB is no forward proxy
		return http.StatusBadRequest
	case requestLine > maxRequestLine:
		return http.StatusRequestURITooLong
	case v.longestHeader > maxHeaderLine || v.headerBytes > maxRequestHeaders:
		return http.StatusBadRequest
	case countForwarded(r.Header) > maxForwardedFor:
		return statusTooManyForwarded
	case rules.Climbs(v.request.Path):
		return http.StatusBadRequest
	}
	return 0
}

// answer sends one of ALB's small pages.
func (b *Balancer) answer(w http.ResponseWriter, r *http.Request, rec *record, status int) {
	b.write(w, r, rec, status, "text/html", pageOf(status))
}

func (b *Balancer) answerFixed(w http.ResponseWriter, r *http.Request, rec *record, f *rules.FixedResponse) {
	b.write(w, r, rec, f.Status, f.ContentType, f.Body)
}

func (b *Balancer) write(w http.ResponseWriter, r *http.Request, rec *record, status int, contentType, body string) {
	rec.status = status
	if r.ContentLength != 0 { // also when forwarding failed: nobody reads on
		leaveBody(w, b.listener.LoadBalancer.IdleTimeout)
	}
	h := w.Header()
	if b.listener.ServerHeader {
		h.Set("Server", serverName)
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	b.setResponseHeaders(h)
	w.WriteHeader(status)
	if _, err := io.WriteString(w, body); err != nil {
		b.log.Debug("answer not taken by the client", "status", status, "err", err)
	}
}

// setResponseHeaders writes what the listener sets in every answer, over what a
// target said (user guide, header-modification).
func (b *Balancer) setResponseHeaders(h http.Header) {
	for name, value := range b.listener.ResponseHeaders {
		h.Set(name, value)
	}
}

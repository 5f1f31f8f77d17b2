package proxy

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

const (
	forwardedFor   = "X-Forwarded-For"
	forwardedHost  = "X-Forwarded-Host"
	forwardedProto = "X-Forwarded-Proto"
	forwardedPort  = "X-Forwarded-Port"
	traceID        = "X-Amzn-Trace-Id"
)

// splitHost takes a Host header apart; port is 0 when there is none. An IPv6
// address keeps its brackets.
func splitHost(hostport string) (host string, port int) {
	i := strings.LastIndexByte(hostport, ':')
	if i < 0 || strings.HasSuffix(hostport, "]") {
		return hostport, 0
	}
	port, err := strconv.Atoi(hostport[i+1:])
	if err != nil {
		return hostport, 0
	}
	return hostport[:i], port
}

// withPort replaces the port of "IP:port"; 0 keeps it.
func withPort(address string, port int) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil || port == 0 {
		return address
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

func defaultPort(protocol string) int {
	if protocol == "https" {
		return 443
	}
	return 80
}

// hostFor is the Host header the target gets: unchanged if so set, else
// without the port on 80 and 443 and with it on any other listener port
// (user guide, edit-load-balancer-attributes, "host header preservation").
//
// A host header that a transform has made is sent as it is.
func hostFor(r *http.Request, lb *rules.LoadBalancer, v view) string {
	o := v.origin
	switch {
	case v.host != "":
		return v.host
	case lb.PreserveHost:
		return r.Host
	case o.Port == 80 || o.Port == 443:
		return o.Host
	}
	if _, port := splitHost(r.Host); port != 0 {
		return r.Host
	}
	return o.Host + ":" + strconv.Itoa(o.Port)
}

// setForwarded writes the X-Forwarded-… headers into out, starting from what
// the client sent in in (user guide, x-forwarded-headers). ALB leaves Forwarded
// and X-Forwarded-Host as they came; so services must not trust them.
func setForwarded(out, in http.Header, lb *rules.LoadBalancer, v view) {
	for _, name := range []string{"Forwarded", forwardedHost, forwardedFor} {
		if values, ok := in[name]; ok {
			out[name] = values
		}
	}
	switch lb.ForwardedFor {
	case "remove":
		out.Del(forwardedFor)
	case "append":
		chain := append(in[forwardedFor][:len(in[forwardedFor]):len(in[forwardedFor])], peerText(v.peer, lb.ClientPort))
		out.Set(forwardedFor, strings.Join(chain, ", "))
	}
	out.Set(forwardedProto, v.origin.Protocol)
	out.Set(forwardedPort, strconv.Itoa(v.origin.Port))
}

func peerText(peer netip.AddrPort, withPort bool) string {
	address := peer.Addr().Unmap().String()
	if withPort {
		return net.JoinHostPort(address, strconv.Itoa(int(peer.Port())))
	}
	return address
}

// countForwarded counts the addresses a client sent along.
func countForwarded(h http.Header) int {
	n := 0
	for _, line := range h[forwardedFor] {
		n += strings.Count(line, ",") + 1
	}
	return n
}

// setTrace continues the request's X-Amzn-Trace-Id: a first one gets a Root; one
// with a Root gets our Self in front; an older Self is replaced (user guide,
// load-balancer-request-tracing). It returns what it set.
func setTrace(out http.Header, now time.Time, headerBytes int) string {
	earlier := out.Get(traceID)
	hasRoot := false
	var kept []string
	for field := range strings.SplitSeq(earlier, ";") {
		switch name, _, _ := strings.Cut(strings.TrimSpace(field), "="); name {
		case "", "Self":
			continue
		case "Root":
			hasRoot = true
		}
		kept = append(kept, strings.TrimSpace(field))
	}
	trace := "Root=" + newTraceID(now)
	if headerBytes <= maxTraceHeaders {
		if hasRoot {
			trace = "Self=" + newTraceID(now)
		}
		trace = strings.Join(append([]string{trace}, kept...), ";")
	}
	out.Set(traceID, trace)
	return trace
}

// newTraceID is 1-EPOCH-RANDOM, 8 and 24 hexadecimal digits.
func newTraceID(now time.Time) string {
	random := binary.BigEndian.AppendUint32(make([]byte, 0, 16), uint32(now.Unix()))
	random = binary.BigEndian.AppendUint64(random, rand.Uint64()) // nobody trusts in it being unknown
	random = binary.BigEndian.AppendUint32(random, rand.Uint32())
	id := hex.AppendEncode(make([]byte, 0, 35), random)
	return "1-" + string(id[:8]) + "-" + string(id[8:])
}

// dropInvalid removes header names that drop_invalid_header_fields does not
// allow (API, LoadBalancerAttribute).
func dropInvalid(h http.Header) {
	for name := range h {
		if strings.ContainsFunc(name, invalidInName) {
			delete(h, name)
		}
	}
}

func invalidInName(c rune) bool {
	return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
}

// headerSize adds up the header lines; longest is the longest of them.
func headerSize(r *http.Request) (total, longest int) {
	count := func(name, value string) {
		n := len(name) + len(": ") + len(value)
		total += n + len("\r\n")
		longest = max(longest, n)
	}
	count("Host", r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			count(name, value)
		}
	}
	return total, longest
}

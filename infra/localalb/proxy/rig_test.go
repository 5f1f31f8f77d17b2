package proxy_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
)

const balancerAddress = "10.0.0.1:443"

// rig is a balancer in front of echoing targets, and a client with its cookies.
type rig struct {
	net       *memnet
	lb        *proxy.Balancer
	addresses map[string]string // of the targets, by "chat#2"
	cookies   map[string]string
	accessLog bytes.Buffer

	mu   sync.Mutex
	sick map[string]bool // whose health checks fail; guarded by mu
}

// startRig makes what the first request of a sequence asks for.
func startRig(t *testing.T, cfg *rules.Config, c goldenCase) *rig {
	t.Helper()
	r := &rig{net: newMemnet(), addresses: map[string]string{}, cookies: map[string]string{}, sick: map[string]bool{}}
	for _, directive := range []string{"targets", "no-target", "refuses"} {
		name, _, _ := strings.Cut(c.directives[directive], " ")
		if name != "" && cfg.TargetGroups["aws_lb_target_group."+name] == nil {
			t.Fatalf("no target group %s", name)
		}
	}
	targets := map[string][]string{}
	for i, group := range sortedKeys(cfg.TargetGroups) {
		name := group[strings.LastIndexByte(group, '.')+1:]
		for n := 1; n <= r.count(t, c, name); n++ {
			address := fmt.Sprintf("10.0.%d.%d:8080", i+1, n)
			r.addresses[fmt.Sprintf("%s#%d", name, n)] = address
			targets[group] = append(targets[group], address)
			if c.directives["refuses"] != name {
				serveOn(t, r.net.listen(address), &http.Server{Handler: r.echo(name, n)})
			}
		}
	}
	_, plaintext := c.directives["plaintext"]
	lb, err := proxy.New(proxy.Options{
		Config: cfg, Listener: cmp.Or(c.directives["listener"], "aws_lb_listener.https"), Targets: targets,
		AsListener: !plaintext, Dial: r.net.dial, AccessLog: &r.accessLog, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.lb = lb
	r.setHealth(t, c)
	t.Cleanup(func() { synctestWait(time.Second) }) // net/http lingers on connections it refused
	runBalancer(t, lb)
	t.Cleanup(lb.Close)
	serveOn(t, lb.Listener(r.net.listen(balancerAddress)), lb.Server())
	return r
}

// runBalancer checks health until the test ends.
func runBalancer(t *testing.T, lb *proxy.Balancer) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		lb.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	synctest.Wait()
}

// count is how many targets a group has.
func (r *rig) count(t *testing.T, c goldenCase, group string) int {
	t.Helper()
	if c.directives["no-target"] == group {
		return 0
	}
	name, number, _ := strings.Cut(c.directives["targets"], " ")
	if name != group {
		return 1
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("@targets %s: %v", c.directives["targets"], err)
	}
	return n
}

func (r *rig) setHealth(t *testing.T, c goldenCase) {
	t.Helper()
	for _, name := range strings.Fields(c.directives["sick"] + " " + c.directives["well"]) {
		if r.addresses[name] == "" {
			t.Fatalf("no target %s", name)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range strings.Fields(c.directives["sick"]) {
		r.sick[name] = true
	}
	for _, name := range strings.Fields(c.directives["well"]) {
		delete(r.sick, name)
	}
}

// prepare does what comes before a request.
func (r *rig) prepare(t *testing.T, c goldenCase) {
	t.Helper()
	r.setHealth(t, c)
	for directive, change := range map[string]func(group, target string) error{"register": r.lb.Register, "deregister": r.lb.Deregister} {
		if name, ok := c.directives[directive]; ok {
			group, _, _ := strings.Cut(name, "#")
			if err := change("aws_lb_target_group."+group, r.addresses[name]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if wait, ok := c.directives["wait"]; ok {
		d, err := time.ParseDuration(wait)
		if err != nil {
			t.Fatal(err)
		}
		synctestWait(d)
	}
	if _, ok := c.directives["forget"]; ok {
		clear(r.cookies)
	}
	synctest.Wait()
}

// play sends a request, as often as it says, and describes the answer.
func (r *rig) play(t *testing.T, c goldenCase) []string {
	t.Helper()
	r.prepare(t, c)
	times, ok := c.directives["times"]
	if !ok {
		r.accessLog.Reset()
		res, body := r.send(t, c)
		out := describe(res, body, c)
		if _, ok := c.directives["log"]; ok {
			synctest.Wait()
			line := randomTrace.ReplaceAllString(strings.TrimSpace(r.accessLog.String()), "1-TIME-RANDOM")
			out = append(out, "> "+randomConnection.ReplaceAllString(line, "TID_RANDOM"))
		}
		return out
	}
	n, err := strconv.Atoi(times)
	if err != nil {
		t.Fatalf("@times %s: %v", times, err)
	}
	counts := map[string]int{}
	for range n {
		res, body := r.send(t, c)
		counts[describe(res, body, goldenCase{})[0]]++
	}
	var out []string
	for _, answer := range sortedKeys(counts) {
		out = append(out, fmt.Sprintf("> %d times %s", counts[answer], strings.TrimPrefix(answer, "> ")))
	}
	return out
}

func (r *rig) send(t *testing.T, c goldenCase) (*http.Response, string) {
	t.Helper()
	peer := netip.MustParseAddr(cmp.Or(c.directives["from"], "203.0.113.7"))
	conn, err := r.net.dialFrom(t.Context(), peer, balancerAddress)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	headers := slices.Clone(c.headers)
	if !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(h, "Host:") }) {
		headers = append([]string{"Host: sixseat.example"}, headers...)
	}
	for _, name := range sortedKeys(r.cookies) {
		headers = append(headers, "Cookie: "+name+"="+r.cookies[name])
	}
	raw := c.request + " HTTP/1.1\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
	if version := strings.LastIndex(c.request, " HTTP/"); version > 0 { // as it is written
		raw = strings.Replace(raw, " HTTP/1.1\r\n", "\r\n", 1)
	}
	go io.WriteString(conn, raw) // the answer may come before all of it is read
	method, _, _ := strings.Cut(c.request, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", c.request, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", c.request, err)
	}
	for _, cookie := range res.Cookies() {
		r.cookies[cookie.Name] = cookie.Value
	}
	return res, string(body)
}

const (
	echoed      = "X-Echo-"
	longestEcho = 1000
)

// echo answers with what reached the target; a header "Answer: Name: value" comes back
// as that header.
func (r *rig) echo(group string, number int) http.Handler {
	name := fmt.Sprintf("%s#%d", group, number)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.UserAgent(), "ELB-HealthChecker") {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.sick[name] {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return
		}
		w.Header().Set("X-Target", strings.TrimSuffix(name, "#1")+": "+req.Method+" "+req.RequestURI)
		w.Header().Set(echoed+"Host", req.Host)
		for header, values := range req.Header {
			if len(strings.Join(values, "")) <= longestEcho { // an answer's headers have a limit, too
				w.Header()[http.CanonicalHeaderKey(echoed+header)] = values
			}
		}
		if header, value, ok := strings.Cut(req.Header.Get("Answer"), ": "); ok {
			w.Header().Set(header, value)
		}
	})
}

var (
	randomTrace      = regexp.MustCompile(`1-[0-9a-f]{8}-[0-9a-f]{24}`)
	randomConnection = regexp.MustCompile(`TID_[0-9a-f]{32}`)
	sealedCookie     = regexp.MustCompile(`^(AWSALB[A-Z]*)=[^;]+`)
)

// describe says what came back: of a target's answer what the target saw, of
// the balancer's own answer all that matters.
func describe(res *http.Response, body string, c goldenCase) []string {
	var out []string
	line := func(format string, args ...any) { out = append(out, "> "+fmt.Sprintf(format, args...)) }
	show := func(names string, values func(string) []string) {
		for _, name := range strings.Fields(names) {
			text := randomTrace.ReplaceAllString(strings.Join(values(name), " | "), "1-TIME-RANDOM")
			line("%s: %s", name, cmp.Or(text, "(none)"))
		}
	}
	if target := res.Header.Get("X-Target"); target != "" {
		line("%d from %s", res.StatusCode, target)
		show(c.directives["show"], func(name string) []string { return res.Header[http.CanonicalHeaderKey(echoed+name)] })
	} else {
		line("%d by %s, %s", res.StatusCode, res.Header.Get("Server"), res.Header.Get("Content-Type"))
		if location := res.Header.Get("Location"); location != "" {
			line("Location: %s", location)
		}
		if !strings.HasPrefix(body, "<html>") && body != "" {
			line("%s", body)
		}
	}
	show(c.directives["answer"], func(name string) []string {
		values := slices.Clone(res.Header[name])
		for i := range values {
			values[i] = sealedCookie.ReplaceAllString(values[i], "$1=SEALED")
		}
		return values
	})
	return out
}

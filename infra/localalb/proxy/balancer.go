package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// Options say what a Balancer serves.
type Options struct {
	Config   *rules.Config
	Listener string // address in Config, such as "aws_lb_listener.https"

	// Targets are the registered targets by the address of their group: "IP:port",
	// or "name:port" for all addresses of a name, looked up again every second. A
	// group without targets answers 503.
	Targets map[string][]string

	// AsListener answers with the listener's own protocol and port, as seen
	// behind TLS on AWS. Otherwise redirects and X-Forwarded-… say what the
	// client really used, so that a browser on plaintext 127.0.0.1:8080 can
	// follow them.
	AsListener bool

	// Dial opens connections to targets; nil is net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Resolve looks up names among the Targets; nil is the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)

	// AccessLog gets a line for each request in the format of ALB's access log; nil
	// is none.
	AccessLog io.Writer

	Log *slog.Logger // nil is slog.Default()
}

// Balancer is one running listener. Its ServeHTTP may be called as soon as it
// is made; Run checks the targets' health.
type Balancer struct {
	// Static after New.
	listener   *rules.Listener
	asListener bool
	groups     map[*rules.TargetGroup]*group
	forwards   map[*rules.Forward]*wheel
	names      map[*group][]name
	resolve    resolveFunc
	transport  *transport
	forwarder  *httputil.ReverseProxy
	sealer     *sealer
	accessLog  *accessLog // nil: none
	metrics    *metrics
	log        *slog.Logger
}

// New makes a Balancer. It fails when the listener or a group is unknown or a
// target's address cannot be used.
func New(o Options) (*Balancer, error) {
	listener, ok := o.Config.Listeners[o.Listener]
	if !ok {
		return nil, fmt.Errorf("no listener %q in the terraform files", o.Listener)
	}
	b := &Balancer{
		listener:   listener,
		asListener: o.AsListener,
		groups:     map[*rules.TargetGroup]*group{},
		forwards:   map[*rules.Forward]*wheel{},
		names:      map[*group][]name{},
		resolve:    o.Resolve,
		log:        o.Log,
	}
	if b.resolve == nil {
		b.resolve = resolveBySystem
	}
	if b.log == nil {
		b.log = slog.Default()
	}
	if o.AccessLog != nil {
		_, name, _ := strings.Cut(listener.LoadBalancer.Address, ".")
		b.accessLog = &accessLog{loadBalancer: "app/" + name + "/localalb", log: b.log, out: o.AccessLog}
	}
	var err error
	if b.sealer, err = newSealer(); err != nil {
		return nil, fmt.Errorf("stickiness cookies: %w", err)
	}
	b.metrics = newMetrics(b)
	dial := o.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	dial = withConnectTimeout(dial)
	for _, spec := range o.Config.TargetGroups {
		b.groups[spec] = newGroup(spec, newHTTPChecker(spec, dial), b.log)
		b.metrics.failures.WithLabelValues(spec.Address) // 0 before the first, so that who looks sees it
		b.groups[spec].unused = !slices.Contains(listener.Groups(), spec)
	}
	for _, r := range append(slices.Clone(listener.Rules), listener.Default) {
		if f := r.Action.Forward; f != nil {
			b.forwards[f] = newWheel(f, b.groups)
		}
	}
	if err := b.registerAll(o.Config, o.Targets); err != nil {
		return nil, err
	}
	b.transport = newTransport(dial, listener.LoadBalancer.IdleTimeout)
	b.forwarder = b.newForwarder()
	return b, nil
}

// registerAll takes the targets of the options, all problems at once.
func (b *Balancer) registerAll(cfg *rules.Config, targets map[string][]string) error {
	for _, spec := range b.listener.Groups() {
		if len(targets[spec.Address]) == 0 {
			b.log.Warn("no target: requests get 503 until one is registered", "target_group", spec.Address)
		}
	}
	var problems []error
	for name, addresses := range targets {
		spec, ok := cfg.TargetGroups[name]
		if !ok {
			problems = append(problems, fmt.Errorf("no target group %q in the terraform files", name))
			continue
		}
		for _, address := range addresses {
			if err := b.addTarget(spec, address); err != nil {
				problems = append(problems, fmt.Errorf("target of %s: %w", name, err))
			}
		}
	}
	return errors.Join(problems...)
}

func (b *Balancer) addTarget(spec *rules.TargetGroup, target string) error {
	address, n, err := parseTarget(target)
	if err != nil {
		return err
	}
	g := b.groups[spec]
	if address == "" {
		b.names[g] = append(b.names[g], n)
		return nil
	}
	if err := g.admit(address); err != nil {
		return err
	}
	g.register(address)
	return nil
}

func resolveBySystem(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// Run looks up the targets' names and checks their health, the first time at
// once, until ctx ends. It returns when the last check is over.
func (b *Balancer) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, g := range b.groups {
		if !g.unused {
			running.Go(func() { g.run(ctx) })
		}
		for _, n := range b.names[g] {
			running.Go(func() { g.discover(ctx, n, b.resolve) })
		}
	}
	running.Wait()
}

// Ready waits until each group that a rule leads to has a healthy target. It
// needs Run beside it.
func (b *Balancer) Ready(ctx context.Context) error {
	for _, spec := range b.listener.Groups() {
		if err := b.groups[spec].waitHealthy(ctx); err != nil {
			return fmt.Errorf("wait for a healthy target in %s: %w", spec.Address, err)
		}
	}
	return nil
}

// Close cuts what is still open, WebSockets and event streams among it, and
// drops idle connections to targets. Call it after http.Server.Shutdown, which
// does not know of WebSockets.
func (b *Balancer) Close() {
	for _, g := range b.groups {
		g.cutAll(errStopped)
		g.stopDraining()
	}
	b.transport.CloseIdleConnections()
}

// ServeHTTP takes one request through the rules.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &record{begun: time.Now(), method: r.Method, proto: r.Proto, userAgent: r.UserAgent(), view: b.see(r)}
	c := clientOf(r)
	if c != nil {
		c.serving.Store(true)
		c.record = rec // until the answer has left
	} else {
		defer b.finish(rec, none, 0, 0) // not by Listener: nothing is counted
	}
	b.retireConnection(w, r, c)
	if status := refusal(r, rec.view); status != 0 {
		b.answer(w, r, rec, status)
		return
	}
	rec.rule = b.listener.Route(&rec.view.request)
	switch action := rec.rule.Action; {
	case action.Forward != nil:
		b.forward(w, r, rec)
		if c != nil && rec.upgraded {
			c.hijacked()
		}
	case action.Redirect != nil:
		rec.redirect = action.Redirect.Location(rec.view.origin)
		w.Header().Set("Location", rec.redirect)
		b.answer(w, r, rec, action.Redirect.Status)
	default:
		b.answerFixed(w, r, rec, action.Fixed)
	}
}

// view is a request as the rules see it.
type view struct {
	request rules.Request
	origin  rules.Origin
	peer    netip.AddrPort

	headerBytes, longestHeader int

	// What the target gets, after the rule's transforms.
	path, query string
	host        string // "": the request's own
}

// see keeps path and query as they stood in the request line; net/url would
// decode the one and drop odd parts of the other.
func (b *Balancer) see(r *http.Request) view {
	target := r.RequestURI
	if i := strings.Index(target, "://"); i > 0 && !strings.HasPrefix(target, "/") { // absolute form
		rest := target[i+len("://"):]
		if slash := strings.IndexAny(rest, "/?"); slash >= 0 {
			target = rest[slash:]
		} else {
			target = ""
		}
	}
	path, query, _ := strings.Cut(target, "?")
	if path == "" {
		path = "/"
	}
	v := view{origin: b.originOf(r), path: path, query: query}
	v.origin.Path, v.origin.Query = path, query
	v.headerBytes, v.longestHeader = headerSize(r)
	v.peer, _ = netip.ParseAddrPort(r.RemoteAddr) // the zero address matches no source_ip
	v.request = rules.Request{
		Method: r.Method, Host: v.origin.Host, Path: path, Query: query,
		Header: r.Header, Peer: v.peer.Addr().Unmap(),
	}
	return v
}

// originOf tells under which protocol, host and port the client sees us.
func (b *Balancer) originOf(r *http.Request) rules.Origin {
	host, port := splitHost(r.Host)
	if b.asListener {
		return rules.Origin{Protocol: strings.ToLower(b.listener.Protocol), Host: host, Port: b.listener.Port}
	}
	o := rules.Origin{Protocol: "http", Host: host, Port: port}
	if r.TLS != nil {
		o.Protocol = "https"
	}
	if port == 0 {
		o.Port = defaultPort(o.Protocol)
	}
	return o
}

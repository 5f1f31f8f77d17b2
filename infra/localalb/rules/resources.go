package rules

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nameForm is what ELB takes as a name (API, CreateLoadBalancer and
// CreateTargetGroup).
var nameForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// readName checks a name that is written out against the form and those taken before,
// by whom. A computed one is Terraform's business and "" here.
func readName(r *reader, address string, taken map[string]string) (name string) {
	r.opaque("name_prefix")
	if e := r.expr("name"); !r.has("name") || len(e.Variables()) > 0 {
		return ""
	}
	name = r.text("name", "")
	switch other, double := taken[name]; {
	case len(name) > maxName || !nameForm.MatchString(name):
		r.refuse("name", "name %q is not 1 to %d letters, digits and inner hyphens", name, maxName)
	case double:
		r.refuse("name", "name %q is already that of %s", name, other)
	}
	taken[name] = address
	return name
}

func readLoadBalancer(r *reader, address string, names map[string]string) *LoadBalancer {
	defer r.done()
	if name := readName(r, address, names); strings.HasPrefix(name, "internal-") { // provider; ELB names internal ones so itself
		r.refuse("name", "the name of a load balancer must not begin with internal-")
	}
	r.oneOf("load_balancer_type", "application", "application")
	r.opaque("internal", "subnets", "subnet_mapping", "security_groups", "ip_address_type", "ipam_pools",
		"access_logs", "connection_logs", "health_check_logs", "enable_deletion_protection", "enable_zonal_shift",
		"enable_waf_fail_open", "minimum_load_balancer_capacity", "customer_owned_ipv4_pool",
		"enable_http2") // HTTP/2 needs TLS, and localalb serves plaintext
	r.onlyFlag("enable_cross_zone_load_balancing", true)
	r.onlyFlag("enable_tls_version_and_cipher_suite_headers", false)
	r.oneOf("desync_mitigation_mode", "defensive", "defensive")
	return &LoadBalancer{
		Address:         address,
		IdleTimeout:     seconds(r.mustNumber("idle_timeout", minIdleTimeout, maxIdleTimeout)),
		ClientKeepAlive: seconds(r.number("client_keep_alive", minClientKeepAlive, maxClientKeepAlive, defaultKeepAlive)),
		PreserveHost:    r.flag("preserve_host_header", false),
		DropInvalid:     r.flag("drop_invalid_header_fields", false),
		ForwardedFor:    r.oneOf("xff_header_processing_mode", "append", "append", "preserve", "remove"),
		ClientPort:      r.flag("enable_xff_client_port", false),
	}
}

func readTargetGroup(r *reader, address string, names map[string]string) *TargetGroup {
	defer r.done()
	readName(r, address, names)
	r.opaque("vpc_id", "connection_termination")
	r.mustNumber("port", 1, maxPort)
	r.mustOneOf("target_type", "ip")
	r.mustOneOf("protocol", "HTTP")
	r.oneOf("load_balancing_cross_zone_enabled", "", "true", "use_load_balancer_configuration")
	r.oneOf("load_balancing_anomaly_mitigation", "off", "off") // how AWS finds anomalies is not published
	g := &TargetGroup{
		Address:             address,
		IPv6:                r.oneOf("ip_address_type", "ipv4", "ipv4", "ipv6") == "ipv6",
		HTTP2:               r.oneOf("protocol_version", "HTTP1", "HTTP1", "HTTP2") == "HTTP2",
		Algorithm:           r.oneOf("load_balancing_algorithm_type", RoundRobin, RoundRobin, LeastOutstanding, WeightedRandom),
		StickyFor:           readTargetStickiness(r),
		DeregistrationDelay: seconds(r.mustNumber("deregistration_delay", 0, maxDeregistrationDelay)),
		MinHealthy:          readMinHealthy(r),
		at:                  r.at,
	}
	g.SlowStart = readSlowStart(r, g.Algorithm)
	if h := r.block("health_check"); h == nil {
		r.missing("health_check")
	} else {
		g.Health = readHealthCheck(h)
	}
	return g
}

// readSlowStart reads how long a new target warms up (API, TargetGroupAttribute;
// user guide, edit-target-group-attributes).
func readSlowStart(r *reader, algorithm string) time.Duration {
	n := r.number("slow_start", 0, maxSlowStart, 0)
	switch {
	case n == 0:
		return 0
	case n < minSlowStart:
		r.refuse("slow_start", "slow_start = %d is neither 0 nor from %d to %d", n, minSlowStart, maxSlowStart)
	case algorithm != RoundRobin:
		r.refuse("slow_start", "slow_start goes only with %s", RoundRobin)
	}
	return seconds(n)
}

// readTargetStickiness gives how long a client stays with its target; 0 is not at
// all. A block is on unless it says otherwise (provider).
func readTargetStickiness(r *reader) time.Duration {
	s := r.block("stickiness")
	if s == nil {
		return 0
	}
	defer s.done()
	s.opaque("cookie_name") // of app_cookie
	kind := s.mustText("type")
	duration := seconds(s.number("cookie_duration", minStickiness, maxStickiness, defaultStickiness))
	if !s.flag("enabled", true) {
		return 0
	}
	if kind != "" && kind != "lb_cookie" {
		s.refuse("type", "stickiness of type %q is not implemented by localalb; use lb_cookie", kind)
	}
	return duration
}

func readMinHealthy(r *reader) int {
	const fallback = 1 // API, target_group_health.unhealthy_state_routing.minimum_healthy_targets.count
	th := r.block("target_group_health")
	if th == nil {
		return fallback
	}
	defer th.done()
	th.opaque("dns_failover") // takes a zone out of DNS; there are no zones here
	routing := th.block("unhealthy_state_routing")
	if routing == nil {
		return fallback
	}
	defer routing.done()
	routing.oneOf("minimum_healthy_targets_percentage", "off", "off")
	return routing.number("minimum_healthy_targets_count", 1, maxHealthyTargets, fallback)
}

func readHealthCheck(r *reader) HealthCheck {
	defer r.done()
	r.onlyFlag("enabled", true)
	r.mustOneOf("protocol", "HTTP")
	h := HealthCheck{
		Path:               r.mustText("path"),
		Port:               readHealthPort(r),
		Codes:              readMatcher(r),
		Interval:           seconds(r.mustNumber("interval", minHealthInterval, maxHealthInterval)),
		Timeout:            seconds(r.mustNumber("timeout", minHealthTimeout, maxHealthTimeout)),
		HealthyThreshold:   r.mustNumber("healthy_threshold", minThreshold, maxThreshold),
		UnhealthyThreshold: r.mustNumber("unhealthy_threshold", minThreshold, maxThreshold),
	}
	if h.Path != "" && (!strings.HasPrefix(h.Path, "/") || len(h.Path) > maxHealthPath || !visible(h.Path)) {
		r.refuse("path", "path %q must start with / and have at most %d visible characters", h.Path, maxHealthPath)
	} else if _, err := url.ParseRequestURI(h.Path); h.Path != "" && (err != nil || strings.Contains(h.Path, "#")) {
		r.refuse("path", "path %q cannot be asked for: it holds # or a %% that is no escape", h.Path)
	}
	if r.has("timeout") && r.has("interval") && h.Timeout >= h.Interval {
		r.refuse("timeout", "timeout must be shorter than interval")
	}
	return h
}

func readHealthPort(r *reader) int {
	if text := r.mustText("port"); text == "" || text == "traffic-port" {
		return 0
	}
	return r.number("port", 1, maxPort, 0)
}

var matcherPart = regexp.MustCompile(`^(\d{3})(?:-(\d{3}))?$`)

// readMatcher reads "200", "200,202" or "200-299" (API, Matcher).
func readMatcher(r *reader) []CodeRange {
	text := r.mustText("matcher")
	if text == "" {
		return nil
	}
	var codes []CodeRange
	for part := range strings.SplitSeq(text, ",") {
		low, high := 0, 0
		if m := matcherPart.FindStringSubmatch(part); m != nil {
			low, _ = strconv.Atoi(m[1]) // three digits
			high, _ = strconv.Atoi(cmp.Or(m[2], m[1]))
		}
		if low < minHealthCode || high > maxHealthCode || low > high {
			r.refuse("matcher", "matcher %q is not a list of codes or ranges from %d to %d", text, minHealthCode, maxHealthCode)
			return nil
		}
		codes = append(codes, CodeRange{low, high})
	}
	return codes
}

func readListener(r *reader, address string, cfg *Config) *Listener {
	defer r.done()
	r.opaque("certificate_arn", "ssl_policy", "alpn_policy")
	protocol := "HTTP"
	if r.has("certificate_arn") { // provider: HTTPS is implied by a certificate
		protocol = "HTTPS"
	}
	l := &Listener{
		Address:      address,
		LoadBalancer: cfg.LoadBalancers[r.resolve("load_balancer_arn", typeLoadBalancer, has(cfg.LoadBalancers))],
		Port:         r.mustNumber("port", 1, maxPort),
		Protocol:     r.oneOf("protocol", protocol, "HTTP", "HTTPS"),
		ServerHeader: r.flag("routing_http_response_server_enabled", true),
		at:           r.at,
	}
	if l.Protocol == "HTTPS" && !r.has("certificate_arn") {
		r.out.add(r.at, "%s: an HTTPS listener needs certificate_arn", r.name)
	}
	if l.Protocol == "HTTP" && r.has("certificate_arn") {
		r.refuse("certificate_arn", "an HTTP listener takes no certificate")
	}
	for _, other := range cfg.Listeners {
		if l.LoadBalancer != nil && other.LoadBalancer == l.LoadBalancer && other.Port == l.Port {
			r.refuse("port", "port %d is already that of %s", l.Port, other.Address)
		}
	}
	l.ResponseHeaders = readResponseHeaders(r)
	l.Default = &Rule{Address: address, Action: readAction(r, "default_action", cfg), at: r.at}
	return l
}

// responseHeaders are the headers a listener can set in every answer; the argument
// is routing_http_response_…_header_value (API, ListenerAttribute).
var responseHeaders = []string{
	"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
	"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
	"Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
}

func readResponseHeaders(r *reader) map[string]string {
	set := map[string]string{}
	for _, name := range responseHeaders {
		argument := "routing_http_response_" + strings.ReplaceAll(strings.ToLower(name), "-", "_") + "_header_value"
		value := r.text(argument, "")
		switch {
		case value == "":
		case len(value) > maxResponseHeader || !headerValue.MatchString(value):
			r.refuse(argument, "%s is not 1 to %d printable ASCII characters", argument, maxResponseHeader)
		default:
			set[name] = value
		}
	}
	return set
}

// readRule adds the rule to its listener.
func readRule(r *reader, address string, cfg *Config) {
	defer r.done()
	rule := &Rule{
		Address:  address,
		Priority: r.mustNumber("priority", minPriority, maxPriority),
		Action:   readAction(r, "action", cfg),
		at:       r.at,
	}
	if priority := r.body.Attributes["priority"]; priority != nil {
		rule.at = priority.SrcRange
	}
	rule.Conditions = readConditions(r)
	rule.Transforms = readTransforms(r, rule.Action)
	listener := cfg.Listeners[r.resolve("listener_arn", typeListener, has(cfg.Listeners))]
	if listener == nil {
		return
	}
	for _, other := range listener.Rules {
		if other.Priority == rule.Priority {
			r.refuse("priority", "priority %d is already used by %s", rule.Priority, other.Address)
		}
	}
	listener.Rules = append(listener.Rules, rule)
	slices.SortStableFunc(listener.Rules, func(a, b *Rule) int { return a.Priority - b.Priority })
}

// resolve is reference for resources that must be in these files.
func (r *reader) resolve(name, resourceType string, known func(string) bool) string {
	address := r.reference(name, resourceType)
	if address != "" && !known(address) {
		r.refuse(name, "%s is not defined in these files", address)
	}
	return address
}

func has[V any](m map[string]V) func(string) bool {
	return func(key string) bool { _, ok := m[key]; return ok }
}

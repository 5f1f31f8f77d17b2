package rules

import (
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Config is what the load balancer resources of one folder say, with all
// references resolved. Keys are Terraform addresses such as
// "aws_lb_listener.https"; the aliases aws_alb_… are written aws_lb_….
type Config struct {
	LoadBalancers map[string]*LoadBalancer
	Listeners     map[string]*Listener
	TargetGroups  map[string]*TargetGroup
}

// LoadBalancer is an aws_lb.
type LoadBalancer struct {
	Address         string
	IdleTimeout     time.Duration // 1-4000 s
	ClientKeepAlive time.Duration // longest life of a client connection, 60-604800 s
	PreserveHost    bool          // forward the Host header unchanged
	DropInvalid     bool          // drop header names other than [-A-Za-z0-9]+
	ForwardedFor    string        // "append", "preserve" or "remove"
	ClientPort      bool          // X-Forwarded-For carries the client's port
}

// Listener is an aws_lb_listener with its rules.
type Listener struct {
	Address      string
	LoadBalancer *LoadBalancer
	Port         int
	Protocol     string // "HTTP" or "HTTPS"
	ServerHeader bool   // answers made by the load balancer carry Server: awselb/2.0
	// ResponseHeaders are set in every answer, over what a target sent; by name.
	ResponseHeaders map[string]string
	Rules           []*Rule
	Default         *Rule // no conditions; runs when no other rule matches

	at hcl.Range
}

// Rule is an aws_lb_listener_rule, or a listener's default action.
type Rule struct {
	Address    string // of the listener for its default action
	Priority   int    // 1-50000, lowest first; 0 for the default action
	Conditions []Condition
	Action     Action
	Transforms Transforms // of what is forwarded

	at hcl.Range
}

// Action is what a rule does; exactly one field is set.
type Action struct {
	Forward  *Forward
	Redirect *Redirect
	Fixed    *FixedResponse
}

// Forward sends the request to one of its groups, chosen by weight.
type Forward struct {
	Groups    []WeightedGroup
	StickyFor time.Duration // how long a client stays with its group, 1-604800 s; 0: not at all
}

// WeightedGroup gets Weight / sum of weights of an action's requests.
type WeightedGroup struct {
	Group  *TargetGroup
	Weight int // 0-999
}

// FixedResponse is answered by the load balancer itself.
type FixedResponse struct {
	Status      int
	ContentType string
	Body        string // at most 1024 bytes
}

// Algorithms for choosing a target (API, load_balancing.algorithm.type).
const (
	RoundRobin       = "round_robin"
	LeastOutstanding = "least_outstanding_requests"
	WeightedRandom   = "weighted_random"
)

// TargetGroup is an aws_lb_target_group of type ip.
type TargetGroup struct {
	Address             string
	IPv6                bool          // its targets have IPv6 addresses; IPv4 otherwise
	HTTP2               bool          // its targets speak HTTP/2; they get nothing from an HTTP/1.1 client
	Algorithm           string        // RoundRobin, LeastOutstanding or WeightedRandom
	SlowStart           time.Duration // 0 or 30-900 s in which a new target's share grows to a full one
	StickyFor           time.Duration // how long a client stays with its target, 1-604800 s; 0: not at all
	DeregistrationDelay time.Duration // 0-3600 s
	MinHealthy          int           // fewer healthy targets than this: requests go to all (fail-open)
	Health              HealthCheck

	at hcl.Range
}

// HealthCheck says how a target is asked and what its answers mean.
type HealthCheck struct {
	Path               string
	Port               int // 0: the port that traffic goes to
	Codes              []CodeRange
	Interval, Timeout  time.Duration
	HealthyThreshold   int // passes in a row that bring an unhealthy target back
	UnhealthyThreshold int // failures in a row that take a healthy target out
}

// CodeRange is a span of HTTP status codes, both ends included.
type CodeRange struct {
	From, To int
}

// Passes tells whether a health check answered with this status has passed.
func (h HealthCheck) Passes(status int) bool {
	for _, c := range h.Codes {
		if c.From <= status && status <= c.To {
			return true
		}
	}
	return false
}

// Groups lists the target groups the listener can forward to, each once, in
// the order of the rules. The others are "unused": not checked, not reached.
func (l *Listener) Groups() []*TargetGroup {
	var groups []*TargetGroup
	seen := map[*TargetGroup]bool{}
	for _, r := range append(l.Rules[:len(l.Rules):len(l.Rules)], l.Default) {
		if r.Action.Forward == nil {
			continue
		}
		for _, w := range r.Action.Forward.Groups {
			if !seen[w.Group] {
				seen[w.Group] = true
				groups = append(groups, w.Group)
			}
		}
	}
	return groups
}

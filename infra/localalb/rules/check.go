package rules

import (
	"net/netip"
	"slices"
)

// checkShared holds what AWS counts, or keeps apart, over all listeners.
func checkShared(listeners []*Listener, out *problems) {
	ports, rules, groups, owner := map[*LoadBalancer]int{}, map[*LoadBalancer]int{}, map[*LoadBalancer]int{}, map[*TargetGroup]*LoadBalancer{}
	for _, l := range listeners {
		lb := l.LoadBalancer
		if ports[lb]++; ports[lb] == maxListeners+1 {
			out.add(l.at, "%s: listener %d of %s, which takes %d", l.Address, ports[lb], lb.Address, maxListeners)
		}
		before := rules[lb]
		rules[lb] += len(l.Rules)
		if before <= maxRules && rules[lb] > maxRules {
			out.add(l.at, "%s: %d rules with those of earlier listeners; %s takes %d", l.Address, rules[lb], lb.Address, maxRules)
		}
		before = groups[lb]
		for _, g := range l.Groups() {
			if owner[g] == nil {
				owner[g] = lb
				groups[lb]++
			}
			if owner[g] != lb {
				out.add(l.at, "%s: %s belongs to %s already; a target group belongs to one load balancer", l.Address, g.Address, owner[g].Address)
			}
		}
		if before <= maxTargetGroups && groups[lb] > maxTargetGroups {
			out.add(l.at, "%s: %d target groups with those of earlier listeners; %s takes %d", l.Address, groups[lb], lb.Address, maxTargetGroups)
		}
	}
}

// checkListener looks at rules together: what AWS would take but nobody can
// have meant.
func checkListener(l *Listener, out *problems) {
	for i, later := range l.Rules {
		for _, earlier := range l.Rules[:i] {
			if earlier.shadows(later) {
				out.add(later.at, "%s: can never be reached: %s (priority %d) matches everything it matches",
					later.Address, earlier.Address, earlier.Priority)
				break
			}
		}
	}
	for _, r := range append(l.Rules[:len(l.Rules):len(l.Rules)], l.Default) {
		if red := r.Action.Redirect; red != nil && l.Protocol == "HTTPS" && red.Protocol == "HTTP" {
			out.add(r.at, "%s: a redirect from HTTPS to HTTP is refused by AWS", r.Address)
		}
	}
}

// everyRequest lists conditions that no request fails to meet, so that each rule has
// them, too: a path starts with "/", and a client has an address. (Only that of
// "OPTIONS *" is "*", for which nobody writes a rule.)
var everyRequest = []Condition{
	pathPattern{patterns{newPattern("/*", false, false)}},
	sourceIP{[]netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}},
}

// shadows tells whether every request the later rule matches is taken by this
// one before. Each of our conditions must be implied by one of theirs; it can
// say no where only several rules or conditions together do it.
func (r *Rule) shadows(later *Rule) bool {
	for _, mine := range r.Conditions {
		implied := false
		for _, theirs := range slices.Concat(later.Conditions, everyRequest) {
			implied = implied || mine.covers(theirs)
		}
		if !implied {
			return false
		}
	}
	return true
}

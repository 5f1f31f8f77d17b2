package rules

// checkListener looks at rules together: what AWS would take but nobody can
// have meant.
func checkListener(l *Listener, out *problems) {
	if len(l.Rules) > maxRules {
		out.add(l.at, "%s: %d rules; an ALB takes %d", l.Address, len(l.Rules), maxRules)
	}
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

// shadows tells whether every request the later rule matches is taken by this
// one before. Each of our conditions must be implied by one of theirs; it can
// say no where only several rules or conditions together do it.
func (r *Rule) shadows(later *Rule) bool {
	for _, mine := range r.Conditions {
		implied := false
		for _, theirs := range later.Conditions {
			implied = implied || mine.covers(theirs)
		}
		if !implied {
			return false
		}
	}
	return true
}

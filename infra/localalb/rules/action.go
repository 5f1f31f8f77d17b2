package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// readAction reads the one action of a rule or listener. ALB also knows
// authentication before it (HTTPS only); that is not implemented.
func readAction(r *reader, name string, cfg *Config) Action {
	all := r.blocks(name)
	if len(all) == 0 {
		r.out.add(r.at, "%s: a block %s must be set", r.name, name)
		return Action{}
	}
	for _, extra := range all[1:] {
		extra.out.add(extra.at, "%s: only one %s is supported, a forward, redirect or fixed-response", r.name, name)
	}
	a := all[0]
	defer a.done()
	a.number("order", 1, maxPriority, 1) // one action, so its order says nothing
	kind := a.mustText("type")
	switch kind {
	case "forward":
		return Action{Forward: readForward(a, cfg)}
	case "redirect":
		return Action{Redirect: readRedirect(a)}
	case "fixed-response":
		return Action{Fixed: readFixed(a)}
	case "":
		return Action{}
	}
	a.refuse("type", "type %q is not implemented by localalb; use forward, redirect or fixed-response", kind)
	a.opaque("authenticate_cognito", "authenticate_oidc", "jwt_validation", "target_group_arn", "forward", "redirect", "fixed_response")
	return Action{}
}

func readForward(a *reader, cfg *Config) *Forward {
	block := a.block("forward")
	if block == nil {
		g := cfg.TargetGroups[a.resolve("target_group_arn", typeTargetGroup, has(cfg.TargetGroups))]
		return &Forward{Groups: []WeightedGroup{{Group: g, Weight: defaultWeight}}}
	}
	if a.has("target_group_arn") {
		a.refuse("target_group_arn", "set either target_group_arn or a forward block")
	}
	a.opaque("target_group_arn")
	defer block.done()
	f := &Forward{StickyFor: readGroupStickiness(block)}
	sum := 0
	for _, tg := range block.blocks("target_group") {
		g := cfg.TargetGroups[tg.resolve("arn", typeTargetGroup, has(cfg.TargetGroups))]
		w := WeightedGroup{g, tg.number("weight", 0, maxWeight, defaultWeight)}
		if g != nil && slices.ContainsFunc(f.Groups, func(o WeightedGroup) bool { return o.Group == g }) {
			tg.refuse("arn", "%s is named twice", g.Address)
		}
		f.Groups = append(f.Groups, w)
		sum += w.Weight
		tg.done()
	}
	if n := len(f.Groups); n < 1 || n > maxForwardGroups {
		block.out.add(block.at, "%s: %d target groups; 1 to %d are allowed", block.name, n, maxForwardGroups)
	} else if sum == 0 {
		block.out.add(block.at, "%s: all weights are 0, so no target would get a request", block.name)
	}
	if len(f.Groups) > 1 && f.StickyFor == 0 {
		for _, w := range f.Groups { // AWS: InvalidConfigurationRequest
			if w.Group != nil && w.Group.StickyFor > 0 {
				block.out.add(block.at, "%s: %s is sticky, so the action's own stickiness must be enabled", block.name, w.Group.Address)
			}
		}
	}
	return f
}

// readGroupStickiness gives how long a client stays with its group; 0 is not at all.
// Other than in a target group, enabled is false unless set (provider).
func readGroupStickiness(r *reader) time.Duration {
	s := r.block("stickiness")
	if s == nil {
		return 0
	}
	defer s.done()
	duration := seconds(s.mustNumber("duration", minStickiness, maxStickiness))
	if !s.flag("enabled", false) {
		return 0
	}
	return duration
}

var (
	fixedStatus = regexp.MustCompile(`^[245]\d\d$`) // API, FixedResponseActionConfig
	fixedTypes  = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

func readFixed(a *reader) *FixedResponse {
	b := a.block("fixed_response")
	if b == nil {
		a.out.add(a.at, "%s: a fixed_response block must be set", a.name)
		return nil
	}
	defer b.done()
	f := &FixedResponse{ContentType: b.mustOneOf("content_type", fixedTypes...), Body: b.text("message_body", "")}
	if len(f.Body) > maxFixedBody {
		b.refuse("message_body", "message_body has %d bytes; at most %d are allowed", len(f.Body), maxFixedBody)
	}
	status := b.mustText("status_code")
	if status == "" {
		return f
	}
	if !fixedStatus.MatchString(status) {
		b.refuse("status_code", "status_code %q is not 2xx, 4xx or 5xx", status)
		return f
	}
	f.Status = b.number("status_code", 200, 599, 0)
	return f
}

// visible tells whether s is made of visible ASCII, the only characters that
// take part in matching (user guide, rule-condition-types).
func visible(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' })
}

package proxy

import (
	"regexp"
	"strings"

	"github.com/sixseat/sixseat/infra/localalb/rules"
)

// How transforms end, in the access log.
const (
	transformDone        = "TransformSuccess"
	transformInvalidPath = "TransformInvalidPath"
	transformInvalidHost = "TransformInvalidHost"
)

var (
	// sendablePath is what can stand in a request line. Two slashes at the beginning
	// would read as a host.
	sendablePath  = regexp.MustCompile(`^/([!-"$-.0-~][!-"$-~]*)?$`)
	sendableQuery = regexp.MustCompile(`^[!-"$-~]*$`)
	sendableHost  = regexp.MustCompile(`^[A-Za-z0-9._\-]+(:[0-9]{1,5})?$`)
)

// apply changes what the target gets. The failure is "" unless an expression has
// matched and made something that cannot be sent: ALB answers 500 then (user guide,
// rule-transforms).
func (v *view) apply(t rules.Transforms) (failure string) {
	if t.URL != nil {
		url := v.path
		if v.query != "" {
			url += "?" + v.query
		}
		if rewritten, matched := t.URL.Apply(url); matched {
			path, query, _ := strings.Cut(rewritten, "?")
			if !sendablePath.MatchString(path) || !sendableQuery.MatchString(query) {
				return transformInvalidPath
			}
			v.path, v.query = path, query
		}
	}
	if t.Host != nil {
		if rewritten, matched := t.Host.Apply(v.request.Host); matched {
			if !sendableHost.MatchString(rewritten) {
				return transformInvalidHost
			}
			v.host = rewritten
		}
	}
	return ""
}

// changedHost and changedURI are what transforms have made; "" is no change.
func (v *view) changedHost() string { return v.host }

func (v *view) changedURI() string {
	switch {
	case v.path == v.request.Path && v.query == v.request.Query:
		return ""
	case v.query == "":
		return v.path
	}
	return v.path + "?" + v.query
}

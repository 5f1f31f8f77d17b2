package proxy

import (
	"bytes"
	_ "embed" // for admin.html
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// GroupStatus is one target group as the admin listener shows it.
type GroupStatus struct {
	TargetGroup string         `json:"targetGroup"` // "aws_lb_target_group.chat"
	Targets     []TargetStatus `json:"targets"`
}

// Status tells the state of every target; in a group that no rule of the listener
// leads to it is "unused".
func (b *Balancer) Status() []GroupStatus {
	list := []GroupStatus{}
	for spec, g := range b.groups {
		list = append(list, GroupStatus{TargetGroup: spec.Address, Targets: g.status()})
	}
	slices.SortFunc(list, func(x, y GroupStatus) int { return strings.Compare(x.TargetGroup, y.TargetGroup) })
	return list
}

// Register adds a target, "IP:port", to a group. Run asks for its health at once.
func (b *Balancer) Register(targetGroup, address string) error {
	g, err := b.group(targetGroup)
	if err != nil {
		return err
	}
	target, err := parseAddress(address)
	if err == nil {
		err = g.admit(target)
	}
	if err != nil {
		return fmt.Errorf("register in %s: %w", targetGroup, err)
	}
	g.register(target)
	return nil
}

// Deregister lets a target drain: no more requests at once; what it serves is
// cut when the group's deregistration delay is over, without a WebSocket close
// frame, as ALB does.
func (b *Balancer) Deregister(targetGroup, address string) error {
	g, err := b.group(targetGroup)
	if err != nil {
		return err
	}
	target, err := parseAddress(address)
	if err == nil {
		err = g.deregister(target)
	}
	if err != nil {
		return fmt.Errorf("deregister %s from %s: %w", address, targetGroup, err)
	}
	return nil
}

func (b *Balancer) group(address string) (*group, error) {
	for spec, g := range b.groups {
		if spec.Address == address {
			return g, nil
		}
	}
	return nil, fmt.Errorf("target group %q: %w: it is not in the terraform files", address, errUnknownTarget)
}

// Admin serves the targets' states and their registration:
//
//	GET  /                    the same as a page, with buttons
//	GET  /targets             {"targetGroups":[{"targetGroup","targets":[{"target","state","open","reason"}]}]}
//	POST /targets/register    {"targetGroup","target"}
//	POST /targets/deregister  {"targetGroup","target"}
//	GET  /metrics             for Prometheus
//	GET  /healthz             200 as long as it serves, however its targets are
//
// Both calls answer like GET; to a form, as the page sends it, with the page. There is
// no authentication: keep it on an address that clients do not reach. Pages of other
// sites are refused.
func (b *Balancer) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.writePage)
	mux.HandleFunc("GET /targets", func(w http.ResponseWriter, _ *http.Request) { b.writeStatus(w) })
	mux.HandleFunc("POST /targets/register", b.change(b.Register))
	mux.HandleFunc("POST /targets/deregister", b.change(b.Deregister))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.metrics.registry, promhttp.HandlerOpts{}))
	return http.NewCrossOriginProtection().Handler(mux)
}

//go:embed admin.html
var adminPage string

var adminTemplate = template.Must(template.New("admin.html").Parse(adminPage))

func (b *Balancer) writePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := struct {
		Listener string
		Groups   []GroupStatus
	}{b.listener.Address, b.Status()}
	if err := adminTemplate.Execute(w, page); err != nil {
		b.log.Debug("page not taken", "err", err)
	}
}

// change is one target's registration or its end.
type change struct {
	TargetGroup string `json:"targetGroup"`
	Target      string `json:"target"`
}

// readChange reads JSON, or the form that the page sends. "curl -d" calls whatever it
// sends a form, so the first byte tells which it is.
func readChange(r *http.Request) (c change, form bool, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return c, false, err
	}
	if form = !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")); form {
		err = c.readForm(string(body))
	} else {
		err = c.readJSON(body)
	}
	switch {
	case err != nil:
	case c.TargetGroup == "":
		err = errors.New("targetGroup must be set")
	case c.Target == "":
		err = errors.New("target must be set")
	}
	return c, form, err
}

func (c *change) readForm(body string) error {
	values, err := url.ParseQuery(body)
	if err != nil {
		return err
	}
	for name := range values {
		if name != "targetGroup" && name != "target" {
			return fmt.Errorf("unknown field %q", name)
		}
	}
	c.TargetGroup, c.Target = values.Get("targetGroup"), values.Get("target")
	return nil
}

func (c *change) readJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is text after the JSON")
	}
	return nil
}

func (b *Balancer) change(apply func(targetGroup, target string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxAdminBody)
		c, form, err := readChange(r)
		if err != nil {
			http.Error(w, `want {"targetGroup":"…","target":"IP:port"}: `+err.Error(), http.StatusBadRequest)
			return
		}
		switch err := apply(c.TargetGroup, c.Target); {
		case errors.Is(err, errUnknownTarget):
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if form {
			http.Redirect(w, r, "..", http.StatusSeeOther)
			return
		}
		b.writeStatus(w)
	}
}

func (b *Balancer) writeStatus(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	answer := struct {
		TargetGroups []GroupStatus `json:"targetGroups"`
	}{b.Status()}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		b.log.Debug("status not taken", "err", err)
	}
}

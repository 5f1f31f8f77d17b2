package proxy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// GroupStatus is one target group as the admin listener shows it.
type GroupStatus struct {
	TargetGroup string         `json:"targetGroup"` // "aws_lb_target_group.chat"
	Targets     []TargetStatus `json:"targets"`
}

// Status tells the state of every target that a rule can reach.
func (b *Balancer) Status() []GroupStatus {
	list := []GroupStatus{}
	for spec, g := range b.groups {
		list = append(list, GroupStatus{TargetGroup: spec.Address, Targets: g.status()})
	}
	slices.SortFunc(list, func(x, y GroupStatus) int { return strings.Compare(x.TargetGroup, y.TargetGroup) })
	return list
}

// Register adds a target, "IP:port", to a group of this listener. Run asks for
// its health at once.
func (b *Balancer) Register(targetGroup, address string) error {
	g, err := b.group(targetGroup)
	if err != nil {
		return err
	}
	if err := checkAddress(address); err != nil {
		return fmt.Errorf("register in %s: %w", targetGroup, err)
	}
	g.register(address)
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
	if err := g.deregister(address); err != nil {
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
	return nil, fmt.Errorf("target group %s: %w: no rule of %s leads to it", address, errUnknownTarget, b.listener.Address)
}

// Admin serves the targets' states and their registration:
//
//	GET  /targets             {"targetGroups":[{"targetGroup","targets":[{"target","state","open"}]}]}
//	POST /targets/register    {"targetGroup","target"}
//	POST /targets/deregister  {"targetGroup","target"}
//
// Both calls answer like GET. It has no authentication; keep it on an address
// that clients do not reach.
func (b *Balancer) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /targets", func(w http.ResponseWriter, _ *http.Request) { b.writeStatus(w) })
	mux.HandleFunc("POST /targets/register", b.change(b.Register))
	mux.HandleFunc("POST /targets/deregister", b.change(b.Deregister))
	return mux
}

func (b *Balancer) change(apply func(targetGroup, target string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			TargetGroup string `json:"targetGroup"`
			Target      string `json:"target"`
		}
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdminBody))
		d.DisallowUnknownFields()
		if err := d.Decode(&body); err != nil {
			http.Error(w, `want {"targetGroup":"…","target":"IP:port"}: `+err.Error(), http.StatusBadRequest)
			return
		}
		if err := apply(body.TargetGroup, body.Target); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
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

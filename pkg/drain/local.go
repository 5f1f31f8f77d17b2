package drain

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
)

// maxAnswer bounds what is read of the list of targets: some thousand of them.
const maxAnswer = 1 << 20

// Local asks the admin listener of infra/localalb.
type Local struct {
	url string
	own []string // IP:port, any of them is this node
}

// NewLocal asks the list of targets at rawURL for those at the addresses own.
func NewLocal(rawURL string, own []string) (Local, error) {
	if u, err := url.Parse(rawURL); err != nil || u.Scheme != "http" || u.Host == "" {
		return Local{}, fmt.Errorf("DRAIN_NOTICE_URL must be like http://alb:8090/targets, not %q", rawURL)
	}
	return Local{rawURL, own}, nil
}

// Draining implements service.DrainNotice.
func (l Local) Draining(ctx context.Context) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url, nil)
	if err != nil {
		return false, fmt.Errorf("ask %s: %w", l.url, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, fmt.Errorf("ask the load balancer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, fmt.Errorf("ask %s: %s", l.url, resp.Status)
	}
	var list struct {
		TargetGroups []struct {
			Targets []struct {
				Target string `json:"target"`
				State  string `json:"state"`
			} `json:"targets"`
		} `json:"targetGroups"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&list); err != nil {
		return false, fmt.Errorf("read the answer of %s: %w", l.url, err)
	}
	for _, g := range list.TargetGroups {
		for _, t := range g.Targets {
			if t.State == "draining" && slices.Contains(l.own, t.Target) {
				return true, nil
			}
		}
	}
	return false, nil
}

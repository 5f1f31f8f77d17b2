// Package balanced puts a load balancer before services that tests have started. It is for
// tests.
package balanced

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/localalb/proxy"
	"github.com/sixseat/sixseat/infra/localalb/rules"
	"github.com/sixseat/sixseat/infra/terraform"
)

// Start is the address of a load balancer before the two services, with the stack's rules.
func Start(t *testing.T, matchURL, chatURL string) string {
	t.Helper()
	cfg, err := rules.Load(terraform.Files)
	if err != nil {
		t.Fatal(err)
	}
	lb, err := proxy.New(proxy.Options{Config: cfg, Listener: "aws_lb_listener.https", Targets: map[string][]string{
		"aws_lb_target_group.match": {strings.TrimPrefix(matchURL, "http://")},
		"aws_lb_target_group.chat":  {strings.TrimPrefix(chatURL, "http://")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); lb.Run(ctx) }()
	front := httptest.NewServer(lb)
	t.Cleanup(func() { front.Close(); stop(); lb.Close(); <-ended })
	if err := lb.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return front.URL
}

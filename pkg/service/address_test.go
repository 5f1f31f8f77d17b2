package service

import (
	"net/http/httptest"
	"testing"
)

func TestClientAddress_trustsOnlyTheLastEntry(t *testing.T) {
	for _, c := range []struct {
		name      string
		forwarded []string
		want      string
	}{
		{"no load balancer", nil, "192.0.2.1"},
		{"the load balancer's own entry", []string{"203.0.113.7"}, "203.0.113.7"},
		{"a client that claims another", []string{"10.0.0.1, 203.0.113.7"}, "203.0.113.7"},
		{"a repeated header", []string{"10.0.0.1", "10.0.0.2, 2001:db8::7"}, "2001:db8::7"},
		{"no address", []string{"unknown"}, "192.0.2.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil) // from 192.0.2.1:1234
		r.Header["X-Forwarded-For"] = c.forwarded
		if got := ClientAddress(r); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

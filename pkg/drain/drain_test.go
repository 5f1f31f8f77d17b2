package drain

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/service"
)

// alb answers as the local load balancer does; infra/onebox tests against the real one.
func alb(t *testing.T, status int, answer string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/targets"
}

func targets(target, state string) string {
	return fmt.Sprintf(`{"targetGroups":[{"targetGroup":"a","targets":[]},{"targetGroup":"b","targets":[
		{"target":"192.0.2.1:1","state":"draining","open":0},{"target":%q,"state":%q,"open":3}]}]}`, target, state)
}

func TestNotice_ofTheLocalLoadBalancer(t *testing.T) {
	for _, c := range []struct {
		what, own, answer string
		want              bool
	}{
		{"by the port of ADDR on an own address", "", targets("127.0.0.1:8080", "draining"), true},
		{"another port", "", targets("127.0.0.1:8081", "draining"), false},
		{"by TARGET_ADDRESS", "10.0.0.7:9", targets("10.0.0.7:9", "draining"), true},
		{"TARGET_ADDRESS counts alone", "10.0.0.7:9", targets("127.0.0.1:8080", "draining"), false},
		{"healthy", "", targets("127.0.0.1:8080", "healthy"), false},
		{"no targets", "", `{"targetGroups":[]}`, false},
	} {
		n, err := Notice(t.Context(), service.Config{Addr: ":8080", TargetAddress: c.own, DrainNoticeURL: alb(t, 200, c.answer)})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.Draining(t.Context()); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.what, got, err)
		}
	}
}

func TestNotice_whatIsNoAnswerIsAnError(t *testing.T) {
	for status, answer := range map[int]string{500: targets("127.0.0.1:8080", "draining"), 200: "hello"} {
		n, err := Notice(t.Context(), service.Config{Addr: ":8080", DrainNoticeURL: alb(t, status, answer)})
		if err != nil {
			t.Fatal(err)
		}
		if draining, err := n.Draining(t.Context()); draining || err == nil {
			t.Errorf("%d %q: %v, %v", status, answer, draining, err)
		}
	}
}

func TestNotice_isChosenBySettings(t *testing.T) {
	if n, err := Notice(t.Context(), service.Config{Addr: ":8080"}); n != nil || err != nil {
		t.Errorf("neither: %v, %v; want signals alone", n, err)
	}
	for says, cfg := range map[string]service.Config{
		"not both":         {TargetGroup: "arn", DrainNoticeURL: "http://alb:1/targets"},
		"DRAIN_NOTICE_URL": {DrainNoticeURL: "alb:8090"},
		"TARGET_ADDRESS":   {DrainNoticeURL: "http://alb:1/targets", TargetAddress: "10.0.0.7"},
	} {
		if _, err := Notice(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %s named", cfg, err, says)
		}
	}
}

package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAdmin_showsAndChangesTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFront(t, plainDial)
		const target = `{"targetGroup":"aws_lb_target_group.t","target":"10.0.1.1:8080"}`
		state := func(s string) string {
			return `{"targetGroups":[{"targetGroup":"aws_lb_target_group.t","targets":[{"target":"10.0.1.1:8080","state":"` + s + `","open":0}]}]}`
		}
		cases := []struct {
			call, body string
			status     int
			want       string // in the answer
		}{
			{"GET /targets", "", 200, state("initial")},
			{"POST /targets/deregister", target, 200, state("draining")},
			{"POST /targets/deregister", target, 404, "no such target"},
			{"POST /targets/register", target, 200, state("initial")},
			{"POST /targets/register", `{"targetGroup":"aws_lb_target_group.t","target":"nowhere"}`, 400, "not IP:port"},
			{"POST /targets/register", `{"targetGroup":"aws_lb_target_group.t","target":"10.0.1.1:0"}`, 400, "not IP:port"},
			{"POST /targets/register", `{"targetGroup":"aws_lb_target_group.t","target":"[::ffff:10.0.1.1]:08080"}`, 200, state("initial")}, // the same address
			{"POST /targets/register", `{"targetGroup":"aws_lb_target_group.t","target":"[2001:db8::1]:8080"}`, 400, "ip_address_type"},
			{"POST /targets/register", `{"targetGroup":"aws_lb_target_group.gone","target":"10.0.1.1:8080"}`, 404, "no such target"},
			{"POST /targets/register", `{"target_group":"x"}`, 400, "unknown field"},
			{"POST /targets/register", `{"target":"` + strings.Repeat("x", 5000) + `"}`, 400, "too large"},
			{"POST /targets/register", "foo", 400, `unknown field "foo"`},
			{"POST /targets/register", "", 400, "targetGroup must be set"},
			{"POST /targets/register", `{"targetGroup":"aws_lb_target_group.t"}`, 400, "target must be set"},
			{"POST /targets/register", "targetGroup=aws_lb_target_group.t&target=10.0.1.1:8080&x=1", 400, `unknown field "x"`},
			{"POST /targets/register", target + " more", 400, "text after the JSON"},
			{"DELETE /targets", "", 405, ""},
		}
		for _, c := range cases {
			method, path, _ := strings.Cut(c.call, " ")
			w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded") // curl -d says so, whatever it sends
			f.lb.Admin().ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s %s: %d %s, want %d %s", c.call, c.body, w.Code, w.Body, c.status, c.want)
			}
		}
	})
}

func TestAdmin_pageHasAButtonForEachTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFront(t, plainDial)
		call := func(method, path, form, site string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, "http://admin.example"+path, strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", site)
			w := httptest.NewRecorder()
			f.lb.Admin().ServeHTTP(w, r)
			return w
		}
		const form = "targetGroup=aws_lb_target_group.t&target=10.0.1.1%3A8080"
		cases := []struct {
			method, path, form, site string
			status                   int
			want                     string
		}{
			{"GET", "/", "", "none", 200, "<td>10.0.1.1:8080<td>initial<td class=\"number\">0"},
			{"GET", "/", "", "none", 200, "<button>deregister</button>"},
			{"POST", "/targets/deregister", form, "cross-site", 403, ""},
			{"POST", "/targets/deregister", form, "same-origin", 303, ""},
			{"GET", "/", "", "none", 200, "<td>10.0.1.1:8080<td>draining"},
			{"POST", "/targets/deregister", form, "same-origin", 404, "no such target"},
			{"POST", "/targets/register", "%zz", "same-origin", 400, "invalid URL escape"},
			{"GET", "/nowhere", "", "none", 404, ""},
			{"GET", "/metrics", "", "none", 200, `localalb_targets{state="draining",target_group="aws_lb_target_group.t"} 1`},
		}
		for _, c := range cases {
			w := call(c.method, c.path, c.form, c.site)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s %s %s: %d %s, want %d %s", c.method, c.path, c.form, w.Code, w.Body, c.status, c.want)
			}
		}
	})
}

func TestDeregister_cutsSocketsAndAnswers502WhenTheDelayIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan time.Time, 1)
		f := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				echoSocket(t, closed)(w, r)
				return
			}
			<-r.Context().Done() // never answers
		})
		socket, request := f.connect(t), f.connect(t)
		socket.send(upgrading)
		socket.response()
		request.send(getRoot)
		synctest.Wait()
		begin := time.Now()

		if err := f.lb.Deregister("aws_lb_target_group.t", targetAddress); err != nil {
			t.Fatal(err)
		}

		late := f.connect(t)
		late.send(getRoot)
		if res := late.response(); res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("new request: %d, want 503", res.StatusCode)
		}
		if res := request.response(); res.StatusCode != http.StatusBadGateway || time.Since(begin) != 30*time.Second {
			t.Errorf("request in flight: %d after %v, want 502 after 30s", res.StatusCode, time.Since(begin))
		}
		if _, err := socket.r.ReadByte(); err == nil || time.Since(begin) != 30*time.Second {
			t.Errorf("socket was cut after %v (error: %v), want 30s", time.Since(begin), err)
		}
		<-closed
	})
}

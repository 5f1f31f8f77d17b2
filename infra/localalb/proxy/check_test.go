package proxy_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestReady_asksEachTargetAsALBDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := frontOf(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.UserAgent(); got != "ELB-HealthChecker/2.0" {
				t.Errorf("User-Agent %q", got)
			}
			if r.Method != http.MethodGet || r.RequestURI != "/healthz" || r.Host != targetAddress || !r.Close {
				t.Errorf("%s %s, Host %q, close %t; want GET /healthz, the target's address, true", r.Method, r.RequestURI, r.Host, r.Close)
			}
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.lb.Run(ctx)
		}()
		begin := time.Now()

		err := f.lb.Ready(t.Context())

		if err != nil || time.Since(begin) != 0 {
			t.Errorf("ready after %v with %v, want at once", time.Since(begin), err)
		}
		stop()
		<-done
	})
}

func TestReady_namesTheGroupThatIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := frontOf(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound) // an answer like any other, and not a 200
		})
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.lb.Run(ctx)
		}()

		err := f.lb.Ready(ctx)

		const want = "wait for a healthy target in aws_lb_target_group.t: context deadline exceeded"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		<-done
	})
}

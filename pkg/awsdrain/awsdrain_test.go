package awsdrain

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/chat/0123456789abcdef"

// aws answers as the API does (query protocol), and as the metadata endpoint, for one
// target that is in the given state; an empty state is an error of the API.
func aws(t *testing.T, state, metadata string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /meta", func(w http.ResponseWriter, r *http.Request) {
		if metadata == hangs {
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, metadata)
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		for name, want := range map[string]string{
			"Action": "DescribeTargetHealth", "TargetGroupArn": arn, "Targets.member.1.Id": "10.0.1.7", "Targets.member.1.Port": "8080",
		} {
			if got := r.FormValue(name); got != want {
				t.Errorf("asked with %s=%q, want %q", name, got, want)
			}
		}
		w.Header().Set("Content-Type", "text/xml")
		if state == "" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>none</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><DescribeTargetHealthResult>
<TargetHealthDescriptions><member><HealthCheckPort>8080</HealthCheckPort><TargetHealth><State>%s</State></TargetHealth>
<Target><Port>8080</Port><Id>10.0.1.7</Id></Target></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`, state)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": server.URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "test",
		"AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", metadataVariable: server.URL + "/meta",
	} {
		t.Setenv(name, value)
	}
}

// hangs is the metadata of an endpoint that does not answer.
const hangs = "hangs"

const ours = `{"Networks":[{"NetworkMode":"awsvpc","IPv4Addresses":["10.0.1.7"]}]}`

func TestDraining_asksForTheOwnAddress(t *testing.T) {
	for state, want := range map[string]bool{"draining": true, "healthy": false, "initial": false, "unhealthy": false, "unused": false} {
		for _, address := range []string{"", "10.0.1.7:8080"} {
			aws(t, state, ours)
			n, err := New(t.Context(), arn, address, "8080")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := n.Draining(t.Context()); got != want || err != nil {
				t.Errorf("%s: %v, %v", state, got, err)
			}
		}
	}
}

func TestDraining_saysWhatTheAPISays(t *testing.T) {
	aws(t, "", ours)
	n, err := New(t.Context(), arn, "", "8080")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Draining(t.Context()); err == nil || !strings.Contains(err.Error(), "TargetGroupNotFound") {
		t.Error(err)
	}
}

func TestNew_saysWhatToSet(t *testing.T) {
	for _, c := range []struct{ what, metadata, address, says string }{
		{"no task", "-", "", metadataVariable},
		{"no address in the metadata", `{}`, "", "TARGET_ADDRESS"},
		{"no metadata", `hello`, "", "TARGET_ADDRESS"},
		{"metadata that hangs", hangs, "", "TARGET_ADDRESS"},
		{"no port", ours, "10.0.1.7", "TARGET_ADDRESS"},
		{"a port by name", ours, "10.0.1.7:http", "TARGET_ADDRESS"},
	} {
		aws(t, "healthy", c.metadata)
		if c.metadata == "-" {
			t.Setenv(metadataVariable, "")
		}
		if _, err := New(t.Context(), arn, c.address, "8080"); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s named", c.what, err, c.says)
		}
	}
}

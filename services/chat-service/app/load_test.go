package app

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A node says each minute how many sockets it has, in the words that the filter in
// infra/terraform looks for.
func TestSayLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		sockets := 41
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute+30*time.Second)
		defer stop()
		sayLoad(ctx, slog.New(slog.NewJSONHandler(&said, nil)), func() int { sockets++; return sockets })

		var line struct {
			Msg     string `json:"msg"`
			Sockets int    `json:"sockets"`
		}
		lines := json.NewDecoder(&said)
		for _, want := range []int{42, 43} {
			if err := lines.Decode(&line); err != nil || line.Msg != "load" || line.Sockets != want {
				t.Fatalf("got %+v (%v), want load with %d sockets", line, err, want)
			}
		}
		if lines.More() {
			t.Error("more than two lines in two and a half minutes")
		}
	})
	filter, err := os.ReadFile("../../../infra/terraform/logs.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`pattern        = "{ $.msg = \"load\" }"`, `value     = "$.sockets"`} {
		if !strings.Contains(string(filter), want) {
			t.Errorf("infra/terraform/logs.tf does not filter by %s", want)
		}
	}
}

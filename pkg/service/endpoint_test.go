package service

import (
	"strings"
	"testing"
)

func TestCheckEndpoint_takesOriginsAlone(t *testing.T) {
	for _, good := range []string{"", "https://files.s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000", "http://[::1]:9000"} {
		if err := CheckEndpoint("X", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"files", "files:9000", "https://", "https://files/", "https://files?x", "https://me@files", "ftp://files", "https://files; script-src *", "https://fi les"} {
		if err := CheckEndpoint("FILES_ORIGIN", bad); err == nil || !strings.Contains(err.Error(), "FILES_ORIGIN") {
			t.Errorf("%q: got %v, want an error that names the variable", bad, err)
		}
	}
}

package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// What others wrote is as they published it: `make vendor` writes these sums.
func TestVendored_isWhatWasFetched(t *testing.T) {
	versions, err := static.ReadFile("static/vendor/VERSIONS")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct{ name, licence string }{{"@stomp/stompjs", "Apache-2.0"}, {"@fontsource/league-gothic", "OFL-1.1"}} {
		if !regexp.MustCompile(`(?m)^` + p.name + ` \d+\.\d+\.\d+, ` + regexp.QuoteMeta(p.licence) + `, https://\S+\n +sha512-\S+=$`).Match(versions) {
			t.Errorf("VERSIONS does not say version, licence, home and integrity of %s:\n%s", p.name, versions)
		}
	}
	recorded := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^([0-9a-f]{64})  (\S+)$`).FindAllStringSubmatch(string(versions), -1) {
		recorded[m[2]] = m[1]
	}
	err = fs.WalkDir(static, "static/vendor", func(file string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(file, "static/vendor/")
		if err != nil || d.IsDir() || name == "VERSIONS" {
			return err
		}
		body, err := static.ReadFile(file)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		if got := hex.EncodeToString(sum[:]); got != recorded[name] {
			t.Errorf("vendor/%s: SHA-256 is %s, recorded is %q: make vendor fetches it anew", name, got, recorded[name])
		}
		delete(recorded, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range recorded {
		t.Errorf("vendor/%s is recorded and not there", name)
	}
	if embedded().files["vendor/stompjs/LICENSE"] == nil {
		t.Error("vendor/stompjs/LICENSE is not served")
	}
}

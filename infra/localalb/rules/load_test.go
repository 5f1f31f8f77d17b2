package rules

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoad_aFileThatIsTooLongIsAnErrorThatNamesIt(t *testing.T) {
	for size, want := range map[int]string{maxFileBytes: "", maxFileBytes + 1: "read big.tf: more than"} {
		_, err := Load(fstest.MapFS{"big.tf": {Data: bytes.Repeat([]byte("\n"), size)}})
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%d bytes: %v, want %q", size, err, want)
		}
	}
}

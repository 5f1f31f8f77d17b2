package line

import (
	"testing"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
)

func TestNonce_isWhatTheTextBeginsWith(t *testing.T) {
	for body, want := range map[string]int{
		`{"seq":1,"type":"TEXT","comment":"17 xxx"}`: 17, `{"type":"ENTER","comment":""}`: judge.Server,
		`{"comment":"hello"}`: 0, `{"comment":"17"}`: 0, `{"comment":"17`: 0, `{}`: 0, `{"comment":"99999999999999999999999 x"}`: 0,
	} {
		if got := comment([]byte(body)); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
	for _, length := range []int{10, 120} {
		if got := Text(1234567, length); len(got) != length || Nonce([]byte(got)) != 1234567 {
			t.Errorf("%q", got)
		}
	}
}

package usage

import (
	"strings"
	"testing"
)

func TestReadInfo_findsItAmongTheRest(t *testing.T) {
	const memory, stats = "+OK\r\n$99\r\n# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n", "# Stats\r\ntotal_net_output_bytes:77\r\n"
	r, err := readInfo(strings.NewReader(memory + stats))
	if err != nil || r != (Redis{Memory: 1 << 20, Sent: 77}) {
		t.Error(r, err)
	}
	for answer, says := range map[string]string{
		"-NOAUTH Authentication required.\r\n": "NOAUTH", "": "total_net_output_bytes, used_memory", memory: "not say total_net_output_bytes",
		stats + "used_memory:much\r\n": "much",
	} {
		if _, err := readInfo(strings.NewReader(answer)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestAskRedis_takesRedisURLsOnly(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:6379", "rediss://127.0.0.1", "http://127.0.0.1"} {
		if _, err := AskRedis(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "redis://") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

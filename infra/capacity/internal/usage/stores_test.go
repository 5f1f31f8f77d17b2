package usage

import (
	"strings"
	"testing"
)

func TestReadUsedMemory_findsItAmongTheRest(t *testing.T) {
	n, err := readUsedMemory(strings.NewReader("+OK\r\n$99\r\n# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n"))
	if err != nil || n != 1<<20 {
		t.Error(n, err)
	}
	for answer, says := range map[string]string{
		"-NOAUTH Authentication required.\r\n": "NOAUTH", "": "used_memory", "used_memory:much\r\n": "much",
	} {
		if _, err := readUsedMemory(strings.NewReader(answer)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestRedisMemory_takesRedisURLsOnly(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:6379", "rediss://127.0.0.1", "http://127.0.0.1"} {
		if _, err := RedisMemory(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "redis://") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

package redisqueue

import "testing"

func TestArrivals_areReadStrictly(t *testing.T) {
	var a arrivals
	if err := a.UnmarshalText([]byte("2.500000 1700000000000 1700000001000 40")); err != nil ||
		a.Weight != 2.5 || a.Since.UnixMilli() != 1700000000000 || a.Last.UnixMilli() != 1700000001000 || a.Count != 40 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, text := range []string{"2.5 1700000000000 1700000001000", "x 1 2 3", "1 2 3 4.5", "1 2 3 4 5"} {
		if err := a.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

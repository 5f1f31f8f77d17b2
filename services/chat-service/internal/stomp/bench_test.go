package stomp

import (
	"fmt"
	"strings"
	"testing"
)

// benchText is as long as the ones that loads are made with.
var benchText = strings.Repeat("x", 250)

// What a client sends most, a SEND in one WebSocket message and a heart-beat; and first, with
// its token.
func BenchmarkDecode(b *testing.B) {
	body := `{"type":"TEXT","comment":"` + benchText + `"}`
	send := fmt.Sprintf("SEND\ndestination:/pub/chat/0197d9a4-7c7b-7a30-8a0e-5a4f0e2b6c11\nreceipt:17\ncontent-type:application/json\ncontent-length:%d\n\n%s\x00", len(body), body)
	connect := "CONNECT\naccept-version:1.2\nheart-beat:10000,10000\nhost:sixseat\nAuthorization:Bearer " + strings.Repeat("e", 400) + "\n\n\x00"
	for name, c := range map[string]struct {
		input  string
		frames int
	}{
		"SEND":       {send, 1},
		"CONNECT":    {connect, 1},
		"heart-beat": {"\n", 0},
	} {
		b.Run(name, func(b *testing.B) {
			d, input := NewDecoder(), []byte(c.input)
			d.Connected(V12)
			b.SetBytes(int64(len(input)))
			b.ReportAllocs()
			for b.Loop() {
				d.Feed(input)
				frames := 0
				for f, err := d.Next(); f != nil || err != nil; f, err = d.Next() {
					if err != nil {
						b.Fatal(err)
					}
					frames++
				}
				if frames != c.frames {
					b.Fatalf("%d frames, want %d", frames, c.frames)
				}
			}
		})
	}
}

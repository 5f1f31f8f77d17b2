package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

const benchSeats = 6

// BenchmarkPublish delivers one message after the other to rooms of six, in a random order
// of rooms. What a delivery costs must not depend on how many rooms there are, but for
// what the processor's caches do not hold any more.
func BenchmarkPublish(b *testing.B) {
	for _, rooms := range []int{1_000, 10_000, 50_000} {
		b.Run(fmt.Sprintf("rooms=%d", rooms), func(b *testing.B) { benchPublish(b, rooms) })
	}
}

func benchPublish(b *testing.B, rooms int) {
	h := newTestHub(newMemory())
	next := make([]chat.Message, rooms)
	for i := range next {
		next[i] = chat.Message{
			RoomID: uuid.NewString(), MessageID: uuid.NewString(), MemberID: uuid.NewString(), Type: chatapi.Text,
			Comment: strings.Repeat("x", 250), CreatedBy: "user1", CreatedAt: wire.At(time.Now()),
		}
	}
	var heard atomic.Int64
	subscribeAll(b, h, next, &heard)
	order, i := rand.Perm(rooms), 0
	b.ReportAllocs()
	for b.Loop() {
		m := &next[order[i]]
		m.Seq++
		h.Publish(*m)
		if i++; i == rooms {
			i = 0
		}
	}
	if want := int64(b.N * benchSeats); heard.Load() != want {
		b.Errorf("%d deliveries, want %d", heard.Load(), want)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchSeats), "ns/delivery")
}

// subscribeAll fills all rooms: many at a time, since a cold room waits for others to load.
func subscribeAll(b *testing.B, h *Hub, rooms []chat.Message, heard *atomic.Int64) {
	b.Helper()
	const workers = 1000
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(rooms); i += workers {
				for range benchSeats {
					sub, err := h.Subscribe(context.Background(), rooms[i].RoomID, counting{heard}, nil)
					if err != nil {
						b.Error(err)
						return
					}
					b.Cleanup(sub.Close)
				}
			}
		})
	}
	group.Wait()
}

// counting is a Listener that asks for the frame as a socket does, and throws it away.
type counting struct{ heard *atomic.Int64 }

func (c counting) Deliver(d *Delivery) {
	d.Frame("key", func(d *Delivery) []byte { return d.Body })
	c.heard.Add(1)
}
func (counting) Drained(context.Context) error { return nil }
func (counting) Shows() bool                   { return true }
func (counting) Fail(error)                    {}

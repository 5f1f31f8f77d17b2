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
	ids := make([]string, rooms)
	for i := range ids {
		ids[i] = uuid.NewString()
	}
	var heard atomic.Int64
	subscribeAll(b, h, ids, &heard)
	rand.Shuffle(rooms, func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	// One message for all: what comes from a socket is in the processor's caches, however
	// many rooms there are.
	m := chat.Message{
		MessageID: uuid.NewString(), MemberID: uuid.NewString(), Type: chatapi.Text,
		Comment: strings.Repeat("x", 250), CreatedBy: "user1", CreatedAt: wire.At(time.Now()), Seq: 1,
	}
	i := 0
	publish := func() {
		m.RoomID = ids[i]
		h.Publish(m)
		if i++; i == rooms {
			i = 0
			m.Seq++
		}
	}
	said := 2 * rooms
	for range said { // what the first messages of a room make is made
		publish()
	}
	b.ReportAllocs()
	for b.Loop() {
		publish()
	}
	if want := int64((said + b.N) * benchSeats); heard.Load() != want {
		b.Errorf("%d deliveries, want %d", heard.Load(), want)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchSeats), "ns/delivery")
}

// subscribeAll fills all rooms: many at a time, since a cold room waits for others to load.
func subscribeAll(b *testing.B, h *Hub, rooms []string, heard *atomic.Int64) {
	b.Helper()
	const workers = 1000
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(rooms); i += workers {
				for range benchSeats {
					sub, err := h.Subscribe(context.Background(), rooms[i], counting{heard}, nil)
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

// plain is an Encoder that makes nothing.
type plain struct{}

func (plain) Encode(d *Delivery) []byte { return d.Body }

// counting is a Listener that asks for the frame as a socket does, and throws it away.
type counting struct{ heard *atomic.Int64 }

func (c counting) Deliver(d *Delivery) {
	d.Frame("key", plain{})
	c.heard.Add(1)
}
func (counting) Drained(context.Context) error { return nil }
func (counting) Shows() bool                   { return true }
func (counting) Fail(error)                    {}

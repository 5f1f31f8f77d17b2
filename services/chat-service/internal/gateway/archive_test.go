package gateway

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/sixseat/sixseat/services/chat-service/internal/archive"
)

// shelf is an archive that is never away while it is written.
type shelf map[string][]byte

func (s shelf) Put(_ context.Context, key string, data []byte, _ string) error {
	s[key] = data
	return nil
}

func (s shelf) Get(_ context.Context, key string, _ int64) ([]byte, error) { return s[key], nil }

// The world has no archive: a member whose last seq lies there is told soon, and from where
// on everything can be had. A session that does not listen to refusals ends with the same.
func TestSubscribe_beforeTheBorderWhileTheArchiveIsAway(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		const month = 30 * 24 * time.Hour
		later := time.Now().Add(2 * month)
		archiver := archive.NewArchiver(w.flaky.Store, shelf{}, month, func() time.Time { return later }, slog.New(slog.DiscardHandler), archive.NewCounters())
		if err := archiver.Sweep(w.Context()); err != nil {
			w.Fatal(err)
		}
		author := w.connect(2)
		author.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		author.Want("RECEIPT", "seq:3")

		heard, deaf := w.connect(1), w.connect(1)
		listen(w, heard, "/user/queue/errors")
		began := time.Now()
		heard.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "last-seq:0", "receipt:sub")
		heard.Want("RECEIPT", "receipt-id:sub")
		p := problem(w, heard.Want("MESSAGE", "subscription:/user/queue/errors", "last-seq:2"))
		if took := time.Since(began); p.Status != 503 || p.Instance != "/topic/"+id || took > 3*time.Second {
			w.Errorf("%+v after %v", p, took)
		}
		heard.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "last-seq:2")
		heard.Want("MESSAGE", "seq:3")
		author.Send("SEND", hello, "destination:/pub/chat/"+id)
		heard.Want("MESSAGE", "seq:4")

		deaf.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "last-seq:0")
		deaf.Want("ERROR", "last-seq:2")
		deaf.WantClose(1013)
	})
}

package hub

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Whatever was delivered comes back packed, to the octet of its JSON.
func TestPack_givesBackTheMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 40, -1)
		id := rapid.OneOf(text, rapid.Custom(func(t *rapid.T) string {
			u := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
			return rapid.SampledFrom([]string{u.String(), strings.ToUpper(u.String()), u.URN(), "{" + u.String() + "}", strings.ReplaceAll(u.String(), "-", "")}).Draw(t, "form")
		}))
		whole := rapid.Int64Range(0, 1<<40)
		m := chat.Message{
			RoomID: id.Draw(t, "room"), Seq: whole.Draw(t, "seq"), MessageID: id.Draw(t, "message"), IdempotencyKey: id.Draw(t, "key"),
			MemberID: id.Draw(t, "member"), Type: text.Draw(t, "type"), CreatedBy: text.Draw(t, "by"), Comment: rapid.String().Draw(t, "comment"),
			CreatedAt: wire.At(time.UnixMilli(whole.Draw(t, "at"))),
		}
		if rapid.Bool().Draw(t, "image") {
			m.Image = &chatapi.Picture{
				ImageID: id.Draw(t, "image id"), ContentType: text.Draw(t, "content type"), Bytes: whole.Draw(t, "bytes"),
				Width: int(whole.Draw(t, "width")), Height: int(whole.Draw(t, "height")),
			}
		}
		want := newDelivery(m)
		got := newDelivery(packed(nil).pack(m).unpack(m.RoomID, m.Seq))
		if diff := cmp.Diff(got.Message, m); diff != "" || string(got.Body) != string(want.Body) {
			t.Fatalf("(-unpacked +packed):\n%s\n%s\n%s", diff, got.Body, want.Body)
		}
	})
}

// BenchmarkPack packs an ordinary message and remembers it.
func BenchmarkPack(b *testing.B) {
	m := chat.Message{
		RoomID: uuid.NewString(), Seq: 17, MessageID: uuid.NewString(), IdempotencyKey: uuid.NewString(), MemberID: uuid.NewString(), Type: chatapi.Text,
		Comment: strings.Repeat("x", 250), CreatedBy: "user1", CreatedAt: wire.At(time.Now()),
	}
	r := newRoom(m.RoomID, newTestHub(newMemory()))
	d := &Delivery{Message: m}
	b.ReportAllocs()
	for b.Loop() {
		r.remember(d)
	}
}

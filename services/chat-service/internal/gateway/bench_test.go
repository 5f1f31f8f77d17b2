package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// BenchmarkEncode makes the MESSAGE of a room's message, once for all who share it.
func BenchmarkEncode(b *testing.B) {
	m := chat.Message{
		RoomID: uuid.NewString(), Seq: 17, MessageID: uuid.NewString(), MemberID: uuid.NewString(), Type: chatapi.Text,
		Comment: strings.Repeat("x", 250), CreatedBy: "user1", CreatedAt: wire.At(time.Now()),
	}
	to := destination{version: stomp.V12, path: chatapi.TopicPrefix + m.RoomID, id: "sub-0"}
	d := &hub.Delivery{Message: m, Body: fmt.Appendf(nil, `{"comment":%q}`, m.Comment)}
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(to.encode(d))))
	}
}

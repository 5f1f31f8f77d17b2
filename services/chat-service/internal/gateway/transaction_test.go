package gateway

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

func TestTransaction_aKnownKeyIsAnsweredWhateverTheBody(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "idempotency-key:k", "receipt:r")
		c.Want("RECEIPT", "seq:2")
		commit := func(key string) {
			c.Send("BEGIN", "", "transaction:t")
			c.Send("SEND", "cut", "destination:/pub/chat/"+id, "transaction:t", "receipt:known", "idempotency-key:"+key)
			c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t", "receipt:beside")
			c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		}

		commit("k")
		c.Want("RECEIPT", "receipt-id:known", "seq:2")
		c.Want("RECEIPT", "receipt-id:beside", "seq:3")
		c.Want("RECEIPT", "receipt-id:commit")

		commit("new")
		problem(w, c.Want("MESSAGE", "receipt-id:commit"))
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "seq:4")
	})
}

func TestTransaction_commitStoresAllAndReceiptsAfterIt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		c, other := w.connect(1), w.connect(2)
		listen(w, other, "/topic/"+id)
		c.Send("BEGIN", "", "transaction:t")
		for i := range 100 {
			c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t", fmt.Sprint("receipt:", i))
		}
		c.Send("ACK", "", "id:x", "receipt:between")
		c.Want("RECEIPT", "receipt-id:between") // and none of the sends before
		synctest.Wait()
		other.Quiet()
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		for i := range 100 {
			c.Want("RECEIPT", fmt.Sprint("receipt-id:", i), fmt.Sprint("seq:", i+3))
			other.Want("MESSAGE", fmt.Sprint("seq:", i+3))
		}
		c.Want("RECEIPT", "receipt-id:commit")
	})
}

// The longest messages, each character escaped, as many as a transaction may have.
func TestTransaction_ofTheLongestMessages(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		longest := `{"type":"TEXT","comment":"` + strings.Repeat(`\ud83d\ude00`, 2000) + `"}`
		c.Send("BEGIN", "", "transaction:t")
		for range 100 {
			c.Send("SEND", longest, "destination:/pub/chat/"+id, "transaction:t")
		}
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		c.Want("RECEIPT", "receipt-id:commit")
	})
}

// A SEND that is refused when it comes, to a room one has left, is one that its COMMIT
// cannot store: all or none.
func TestTransaction_withARoomLeftBeforeStoresNone(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id, left := w.room(1), w.room(1)
		if err := w.rooms.Leave(w.Context(), left, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("BEGIN", "", "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+left, "transaction:t", "receipt:in")
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		if p := problem(w, c.Want("MESSAGE", "receipt-id:commit")); p.Type != fault.TypePrefix+"forbidden" {
			w.Errorf("%+v", p)
		}
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "receipt-id:r", "seq:2")
	})
}

func TestTransaction_storesNoneWhenOneIsRefusedOrItIsAborted(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		for _, end := range []string{"COMMIT", "ABORT"} {
			c.Send("BEGIN", "", "transaction:t")
			c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t", "receipt:good")
			c.Send("SEND", `{"type":"TEXT","comment":""}`, "destination:/pub/chat/"+id, "transaction:t", "receipt:bad")
			c.Send(end, "", "transaction:t", "receipt:"+end)
		}
		if p := problem(w, c.Want("MESSAGE", "receipt-id:COMMIT")); p.Type != fault.TypePrefix+"invalid" {
			w.Errorf("%+v", p)
		}
		c.Want("RECEIPT", "receipt-id:ABORT")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "seq:2")
	})
}

func TestTransaction_withOneWhoLeftAnotherRoomStoresNone(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id, left := w.room(1), w.room(1)
		c := w.connect(1)
		listen(w, c, "/user/queue/errors")
		c.Send("BEGIN", "", "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "transaction:t")
		c.Send("SEND", hello, "destination:/pub/chat/"+left, "transaction:t", "receipt:in")
		c.Send("ACK", "", "id:x", "receipt:sync")
		c.Want("RECEIPT", "receipt-id:sync")
		if err := w.rooms.Leave(w.Context(), left, token.Member{ID: "member1"}); err != nil {
			w.Fatal(err)
		}
		c.Send("COMMIT", "", "transaction:t", "receipt:commit")
		if p := problem(w, c.Want("MESSAGE", "receipt-id:commit")); p.Type != fault.TypePrefix+"forbidden" {
			w.Errorf("%+v", p)
		}
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		c.Want("RECEIPT", "seq:2")
	})
}

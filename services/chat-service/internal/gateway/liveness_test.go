package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unique"

	"github.com/sixseat/sixseat/services/chat-service/internal/hub"
	"github.com/sixseat/sixseat/services/chat-service/internal/stomptest"
)

// within fails unless d is from low to high.
func within(w *world, what string, d, low, high time.Duration) {
	w.Helper()
	if d < low || d > high {
		w.Errorf("%s after %v, want from %v to %v", what, d, low, high)
	}
}

func TestHeartBeats_areSentInTimeAndNotTooOften(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1, "heart-beat:0,10000")
		last := time.Now()
		for i := range 10 {
			f := c.Any()
			for f.Command == "PING" { // it promised none itself, so it is asked
				f = c.Any()
			}
			if f.Command != "\n" {
				w.Fatalf("got %v, want a heart-beat", f)
			}
			within(w, fmt.Sprint("heart-beat ", i), f.At.Sub(last), 6*time.Second, 8*time.Second)
			last = f.At
		}
	})
}

func TestHeartBeats_followTheLongerPeriod(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1, "heart-beat:0,30000")
		begin := time.Now()
		within(w, "the first heart-beat", c.Any().At.Sub(begin), 15*time.Second, 24*time.Second)
	})
}

// Who came at one moment is looked at in parts: were it all at once, messages would wait.
func TestHeartBeats_ofManyAreSpread(t *testing.T) {
	bubble(t, 0, func(w *world) {
		const many = 100
		beats := make([]*stomptest.Client, many)
		for i := range beats {
			beats[i] = w.connect(1+i, "heart-beat:0,10000")
		}
		at := map[time.Time]int{}
		for _, c := range beats {
			f := c.Any()
			at[f.At]++
		}
		for moment, n := range at {
			if n > many/5 {
				w.Errorf("%d of %d heart-beats at %v", n, many, moment)
			}
		}
	})
}

func TestHeartBeats_areLeftOutWhereThereIsOtherTraffic(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1, "heart-beat:0,10000")
		for range 20 {
			time.Sleep(5 * time.Second)
			c.Send("ACK", "", "id:x", "receipt:r")
			if f := c.Any(); f.Command != "RECEIPT" {
				w.Fatalf("got %v, want only receipts", f)
			}
		}
	})
}

func TestHeartBeats_silentPeerIsDropped(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1, "heart-beat:10000,10000")
		begin := time.Now()
		f := c.Next()
		if f.Command != "CLOSE" || f.Code != 1002 {
			w.Errorf("got %v, want the socket closed with 1002", f)
		}
		within(w, "dropped", f.At.Sub(begin), 25*time.Second, 30*time.Second)
	})
}

func TestHeartBeats_keepASilentSessionOpen(t *testing.T) {
	for what, beat := range map[string]func(*stomptest.Client){
		"an EOL":           func(c *stomptest.Client) { c.Raw("\n") },
		"a CR LF":          func(c *stomptest.Client) { c.Raw("\r\n") },
		"a frame":          func(c *stomptest.Client) { c.Send("ACK", "", "id:x") },
		"a piece of one":   func(c *stomptest.Client) { c.Raw("A") },
		"a WebSocket ping": func(c *stomptest.Client) { c.Message(stomptest.Ping, true, nil) },
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				c := w.connect(1, "heart-beat:10000,10000")
				for range 10 {
					time.Sleep(24 * time.Second) // a throttled tab
					beat(c)
				}
				synctest.Wait()
				if n := w.gateway.Sessions(); n != 1 {
					w.Errorf("%d sessions, want it still open", n)
				}
			})
		})
	}
}

// Pings of clients are answered, also by a session that has not connected yet (RFC 6455
// section 5.5.2).
func TestPings_areAnswered(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.dial()
		for _, when := range []string{"before", "after"} {
			c.Message(stomptest.Ping, true, []byte(when))
			if f := c.Any(); f.Command != "PONG" || f.Body != when {
				w.Errorf("%s CONNECT: got %v, want a pong", when, f)
			}
			if when == "before" {
				w.login(c, 1)
			}
		}
	})
}

func TestPings_whereNoServerHeartBeatWasAgreed(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1)
		last := time.Now()
		for range 5 { // each is answered
			f := c.Any()
			if f.Command != "PING" {
				w.Fatalf("got %v, want a ping", f)
			}
			within(w, "a ping", f.At.Sub(last), 25*time.Second, 27*time.Second)
			last = f.At
		}
	})
}

// Also of one who wants heart-beats and promises none: TCP alone would not notice for long.
func TestPings_withoutPongTheSocketIsClosed(t *testing.T) {
	for _, beats := range []string{"0,0", "0,10000"} {
		bubble(t, 0, func(w *world) {
			c, _ := w.dialGate()
			c.Mute = true
			w.login(c.Listen(), 1, "heart-beat:"+beats)
			begin := time.Now()
			f := c.Next()
			within(w, "closed with "+beats, f.At.Sub(begin), 75*time.Second, 80*time.Second)
			synctest.Wait()
			if n := w.gateway.Sessions(); n != 0 {
				w.Errorf("%d sessions are left", n)
			}
		})
	}
}

// Who promises heart-beats and wants none is held to its promise, whatever it answers to
// pings.
func TestHeartBeats_ofOneWhoWantsNone(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c, _ := w.dialGate()
		c.Mute = true
		w.login(c.Listen(), 1, "heart-beat:10000,0")
		for range 20 {
			time.Sleep(10 * time.Second)
			c.Raw("\n")
		}
		begin := time.Now() // it falls silent
		f := c.Next()
		if f.Command != "CLOSE" || f.Code != 1002 {
			w.Errorf("got %v, want the socket closed with 1002", f)
		}
		within(w, "dropped", f.At.Sub(begin), 25*time.Second, 33*time.Second)
	})
}

func TestToken_sessionEndsThirtySecondsAfterIt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1, "Authorization:Bearer "+w.token(1, time.Minute))
		listen(w, c, "/topic/"+id)                                  // and says nothing more
		expiry := time.Now().Add(time.Minute).Truncate(time.Second) // a token counts whole seconds
		time.Sleep(time.Minute + 15*time.Second)
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:r")
		if a, b := c.Next(), c.Next(); a.Command == "ERROR" || b.Command == "ERROR" {
			w.Fatalf("within the grace: %v, %v", a, b)
		}
		f := c.Want("ERROR")
		within(w, "ended", f.At.Sub(expiry), tokenGrace, tokenGrace+sweepEvery)
		c.WantClose(4001)
	})
}

// At the instant itself, whatever the sweep's step, and not before.
func TestToken_graceEndsExactly(t *testing.T) {
	bubble(t, 0, func(w *world) {
		end := time.Now().Add(time.Minute).Truncate(time.Second).Add(tokenGrace) // a token counts whole seconds
		c := w.connect(1, "Authorization:Bearer "+w.token(1, time.Minute))
		s := w.gateway.all()[0]
		time.Sleep(time.Until(end) - sweepEvery/2)
		s.sweep(end.Add(-time.Nanosecond))
		synctest.Wait()
		c.Quiet()
		s.sweep(end)
		if f := c.Want("ERROR"); !f.At.Before(end) { // the sweep's own ticks come later
			w.Errorf("ended at %v by another sweep", f.At)
		}
		c.WantClose(4001)
	})
}

func TestToken_refreshLetsTheSessionGoOn(t *testing.T) {
	bubble(t, 0, func(w *world) {
		c := w.connect(1, "Authorization:Bearer "+w.token(1, time.Minute))
		time.Sleep(80 * time.Second) // also within the grace
		c.Send("SEND", "", "destination:/pub/session/refresh", "Authorization:Bearer "+w.token(1, time.Hour), "receipt:r")
		c.Want("RECEIPT", "receipt-id:r")
		time.Sleep(50 * time.Minute)
		c.Send("ACK", "", "id:x", "receipt:later")
		c.Want("RECEIPT", "receipt-id:later")
	})
}

func TestSlowReader_isToldToComeBackAndOthersAreUntouched(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(3)
		author, quick := w.connect(1), w.connect(2)
		slow, gate := w.dialGate()
		w.login(slow.Listen(), 3)
		listen(w, quick, "/topic/"+id)
		listen(w, slow, "/topic/"+id)
		gate.stop()
		comment := strings.Repeat("\U0001F600", 2000)
		for i := range 64 { // half a megabyte
			author.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+id, "receipt:r")
			author.Want("RECEIPT")
			quick.Want("MESSAGE", fmt.Sprint("seq:", i+4))
		}
		gate.goOn()

		last := 3
		f := slow.Next()
		for ; f.Command == "MESSAGE"; f = slow.Next() {
			if last++; f.Headers["seq"] != fmt.Sprint(last) {
				w.Fatalf("got seq %s behind %d", f.Headers["seq"], last-1)
			}
		}
		if f.Command != "CLOSE" || f.Code != 4002 {
			w.Fatalf("got %v, want the socket closed with 4002", f)
		}

		back := w.connect(3)
		back.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, fmt.Sprint("last-seq:", last))
		for seq := last + 1; seq <= 67; seq++ {
			back.Want("MESSAGE", fmt.Sprint("seq:", seq))
		}
		author.Send("SEND", hello, "destination:/pub/chat/"+id)
		quick.Want("MESSAGE", "seq:68")
		back.Want("MESSAGE", "seq:68")
	})
}

// queued is how many octets wait for a socket.
func (c *conn) queued() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, frame := range c.queue {
		n += len(frame)
	}
	return n
}

// A thousand who read nothing cost a thousand outboxes at most, for as long as a write may
// take, and hold up nobody.
func TestSlowReader_aThousandOfThem(t *testing.T) {
	bubble(t, 0, func(w *world) {
		const stalled = 1000
		id := w.room(3)
		author, quick := w.connect(1), w.connect(2)
		listen(w, quick, "/topic/"+id)
		for range stalled {
			c, _ := w.dialGate() // and nobody listens to what it is told
			c.Send("CONNECT", "", "accept-version:1.2", "Authorization:Bearer "+w.token(3, time.Hour))
			c.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id)
		}
		synctest.Wait()
		begin := time.Now()
		comment := strings.Repeat("\U0001F600", 2000)
		full := 0
		for i := range 40 { // 320 KiB
			author.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+id, "receipt:r")
			author.Want("RECEIPT")
			quick.Want("MESSAGE", fmt.Sprint("seq:", i+4))
			for _, s := range w.gateway.all() {
				n := s.conn.queued()
				if n > maxOutbox {
					w.Fatalf("%d octets wait for one socket behind message %d", n, i+1)
				}
				full = max(full, n)
			}
		}
		if full+2*len(comment) < maxOutbox { // one more message and its headers would be too much
			w.Errorf("the fullest outbox had %d octets: nobody was slow", full)
		}
		if took := time.Since(begin); took > time.Second {
			w.Errorf("the others had to wait: %v", took)
		}
		for _, s := range w.gateway.all() {
			if slow := *s.member.Load(); slow.ID == "member3" && (s.conn.queued() > 0 || !s.conn.leaving()) {
				w.Fatalf("%d octets wait for one who is told to come back", s.conn.queued())
			}
		}
		time.Sleep(writeTimeout)
		synctest.Wait()
		if n := w.gateway.Sessions(); n != 2 {
			w.Errorf("%d sessions are left, want the author and the reader", n)
		}
	})
}

// A replay goes at the pace of its reader, however long that takes.
func TestSlowReader_isNotSlowWhileItCatchesUp(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(2)
		author := w.connect(1)
		comment := strings.Repeat("\U0001F600", 2000)
		for range 64 {
			author.Send("SEND", `{"type":"TEXT","comment":"`+comment+`"}`, "destination:/pub/chat/"+id, "receipt:r")
			author.Want("RECEIPT")
		}
		slow, gate := w.dialGate()
		w.login(slow.Listen(), 2)
		slow.Send("SUBSCRIBE", "", "id:1", "destination:/topic/"+id, "last-seq:0")
		for seq := 1; seq <= 66; seq++ {
			gate.stop()
			time.Sleep(writeTimeout / 10)
			gate.goOn()
			slow.Want("MESSAGE", fmt.Sprint("seq:", seq))
		}
	})
}

// Replays of one session look at the same outbox: each message has its place before the
// next replay looks, lest together they make one who catches up a slow reader.
func TestSlowReader_isNotWhoCatchesUpInManyRooms(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.connect(1)
		synctest.Wait()
		s := w.gateway.all()[0]
		at := unique.Make(destination{})
		first, second, gone := &subscription{s: s, at: at}, &subscription{s: s, at: at}, &subscription{s: s, at: at}
		if err := first.Drained(w.Context()); err != nil {
			w.Fatal(err)
		}
		asked, left := make(chan error, 1), make(chan error, 1)
		ended, end := context.WithCancel(w.Context())
		go func() { asked <- second.Drained(w.Context()) }()
		go func() { left <- gone.Drained(ended) }()
		synctest.Wait()
		if len(asked)+len(left) > 0 {
			w.Fatal("others may hand over before the first has")
		}
		end()
		if err := <-left; err == nil {
			w.Error("one that has ended may hand over")
		}
		first.Deliver(&hub.Delivery{})
		if err := <-asked; err != nil {
			w.Error(err)
		}
		second.stop() // it hands over nothing any more
		second.Deliver(&hub.Delivery{})
		if err := first.Drained(w.Context()); err != nil {
			w.Error(err)
		}
	})
}

func TestVanishedPeer_isForgotten(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/topic/"+id)
		c.Hangup()
		synctest.Wait()
		if n := w.gateway.Sessions(); n != 0 {
			w.Errorf("%d sessions are left", n)
		}
	})
}

func TestDrain_closesAllEvenlyOverTheWindow(t *testing.T) {
	bubble(t, 0, func(w *world) {
		clients := make([]*stomptest.Client, 10)
		for i := range clients {
			clients[i] = w.connect(1)
		}
		stranger := w.dial() // has not said CONNECT
		synctest.Wait()      // the gateway knows all of them: who comes later gets a moment of its own
		begin := time.Now()
		const window = 8800 * time.Millisecond // 11 sockets, 0.8 s apart

		w.gateway.Drain(context.Background(), window)

		within(w, "drained", time.Since(begin), window-time.Second, window+time.Second)
		slots := map[time.Duration]int{}
		for _, c := range append(clients, stranger) {
			f := c.Next()
			if f.Command != "CLOSE" || f.Code != 1012 {
				w.Errorf("got %v, want the socket closed with 1012", f)
			}
			slots[f.At.Sub(begin).Truncate(100*time.Millisecond)]++
		}
		if len(slots) != 11 {
			w.Errorf("closed in bunches: %v", slots)
		}
		late := w.dial()
		late.WantClose(1012)
	})
}

// A SEND that was taken is receipted before the goodbye; what comes behind it is not done,
// and its sender, who knows by the missing receipt, sends it again elsewhere.
func TestDrain_receiptsWhatWasBegun(t *testing.T) {
	bubble(t, 0, func(w *world) {
		id := w.room(1)
		c := w.connect(1)
		listen(w, c, "/topic/"+id)
		w.flaky.slowDown(4 * time.Second)
		begin := time.Now()
		for i := range 5 {
			c.Send("SEND", hello, "destination:/pub/chat/"+id, fmt.Sprint("receipt:", i))
		}
		synctest.Wait()
		drained := make(chan bool)
		go func() { w.gateway.Drain(context.Background(), time.Second); close(drained) }()
		synctest.Wait()
		c.Send("SEND", hello, "destination:/pub/chat/"+id, "receipt:late")

		receipts, messages := 0, 0
		f := c.Next()
		for ; f.Command == "RECEIPT" || f.Command == "MESSAGE"; f = c.Next() {
			if f.Command == "RECEIPT" {
				receipts++
			} else {
				messages++
			}
		}
		if f.Code != 1012 || receipts != 5 || messages != 5 {
			w.Errorf("%d receipts and %d messages, then %v; want 5 each and 1012", receipts, messages, f)
		}
		within(w, "closed", f.At.Sub(begin), 4*time.Second, 4100*time.Millisecond)
		<-drained
	})
}

// A commit that does not come holds the node up no longer than its drain may take, also
// when so many are under way that the next SEND waits to be taken; and there is time left
// to say goodbye.
func TestDrain_waitsForWhatDoesNotSettleWhileThereIsTime(t *testing.T) {
	full := slices.Repeat([]string{"chat"}, maxInFlight)
	for what, kinds := range map[string][]string{
		"one SEND": {"chat"}, "a full session": full, "a SEND more": append(full, "chat"), "a read mark more": append(full, "read"),
	} {
		for mute, want := range map[bool]time.Duration{false: 10*time.Second - goodbyeTimeout, true: 10 * time.Second} {
			bubble(t, 0, func(w *world) {
				id := w.room(1)
				c, _ := w.dialGate()
				c.Mute = mute
				w.login(c.Listen(), 1)
				w.flaky.slowDown(time.Hour)
				for _, kind := range kinds {
					body := map[string]string{"chat": hello, "read": `{"seq":1}`}[kind]
					c.Send("SEND", body, "destination:/pub/"+kind+"/"+id, "receipt:r")
				}
				synctest.Wait()
				begin := time.Now()
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				w.gateway.Drain(ctx, time.Second)
				within(w, what, time.Since(begin), want, want)
				c.WantClose(1012)
			})
		}
	}
}

// A node that was short of time says goodbye to all whose turn did not come.
func TestDrain_nobodyIsCutWithoutAWord(t *testing.T) {
	bubble(t, 0, func(w *world) {
		clients := make([]*stomptest.Client, 10)
		for i := range clients {
			clients[i] = w.connect(1)
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		w.gateway.Drain(ctx, time.Hour)
		within(w, "drained", time.Since(begin), 10*time.Second-goodbyeTimeout, 10*time.Second)
		for _, c := range clients {
			c.WantClose(1012)
		}
	})
}

// Sockets that come during the drain, as all do who know no other node, are taken, and
// have their turn in what is left of the window.
func TestDrain_takesNewOnesUntilItsEnd(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.connect(1)
		drained := make(chan bool)
		begin := time.Now()
		const window = 10 * time.Second
		go func() { w.gateway.Drain(context.Background(), window); close(drained) }()
		time.Sleep(window / 2)
		clients := make([]*stomptest.Client, 100)
		for i := range clients {
			clients[i] = w.connect(2)
		}
		seconds := map[time.Duration]int{}
		for _, c := range clients {
			f := c.Next()
			if f.Command != "CLOSE" || f.Code != 1012 {
				w.Errorf("got %v, want the socket closed with 1012", f)
			}
			within(w, "closed", f.At.Sub(begin), window/2, window)
			seconds[f.At.Sub(begin).Truncate(time.Second)]++
		}
		if len(seconds) < 4 {
			w.Errorf("closed in bunches: %v", seconds)
		}
		<-drained
		within(w, "drained", time.Since(begin), window, window)
		w.dial().WantClose(1012)
	})
}

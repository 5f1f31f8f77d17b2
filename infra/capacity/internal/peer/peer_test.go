package peer

import (
	"bufio"

	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/line/linetest"
)

// dialect is how a server says things, octet by octet as real ones did.
type dialect struct {
	welcome  []string // messages with which it lets somebody in
	joined   string
	answered string   // what was said as 7
	heard    []string // somebody's 5 and somebody's 6
	beat     string
	beaten   string // the client's answer to it; "": none
	refused  string // 7; "": it ends the line
	broken   []string

	hello, join, say string // the client's first message, and how it joins r and says 7, of ten characters
}

var known = map[string]dialect{
	"stomp": {
		welcome:  []string{"CONNECTED\nserver:RabbitMQ/3.10.8\nsession:session-FXtw\nheart-beat:10000,10000\nversion:1.2\n\n\x00"},
		joined:   "RECEIPT\nreceipt-id:room\n\n\x00",
		answered: "RECEIPT\nreceipt-id:7\n\n\x00",
		heard: []string{"MESSAGE\nsubscription:room\ndestination:/topic/r\nmessage-id:T_room@@session-FXtw@@1\nredelivered:false\ncontent-length:10\n\n5 xxxxxxxx\x00" +
			"\nMESSAGE\nsubscription:room\ndestination:/topic/r\nmessage-id:T_room@@session-FXtw@@2\nredelivered:false\ncontent-length:10\n\n6 xxxxxxxx\x00"},
		beat:   "\n",
		broken: []string{"ERROR\nmessage:Bad command\ncontent-length:3\n\nno!\x00", "RECEIPT\nreceipt-id:7x\n\n\x00", "RECEIPT\n\n\x00"},
		hello:  "CONNECT\naccept-version:1.2\nheart-beat:10000,10000\nhost:/\nlogin:guest\npasscode:guest\n\n\x00",
		join:   "SUBSCRIBE\nid:room\nreceipt:room\ndestination:/topic/r\n\n\x00",
		say:    "SEND\ndestination:/topic/r\nreceipt:7\n\n7 xxxxxxxx\x00",
	},
	"socketio": {
		welcome:  []string{`0{"sid":"FWRYpO91iL1pCdWLAAAA","upgrades":[],"pingInterval":10000,"pingTimeout":20000,"maxPayload":1000000}`, `40{"sid":"0ME6dLkKGY3cv0LPAAAB"}`},
		joined:   `430[]`,
		answered: `437[]`,
		heard:    []string{`42["said","5 xxxxxxxx"]`, `42["said","6 xxxxxxxx"]`},
		beat:     "2", beaten: "3",
		broken: []string{"41", "43[]", `44{"message":"no"}`, "", `42["else",1]`},
		hello:  "40",
		join:   `420["join","r"]`,
		say:    `427["say","r","7 xxxxxxxx"]`,
	},
	"centrifugo": {
		welcome:  []string{`{"id":1,"connect":{"client":"be3e3e1c-7d9c-4bd5-a1ab-8d5b1d2a6c1b","version":"6.9.1","ping":10,"pong":true}}`},
		joined:   `{"id":2,"subscribe":{"recoverable":true,"epoch":"jsqE","positioned":true}}`,
		answered: `{"id":9,"publish":{}}`,
		heard: []string{`{"push":{"channel":"r","pub":{"data":"5 xxxxxxxx","offset":1}}}` + "\n" +
			`{"push":{"channel":"r","pub":{"data":"6 xxxxxxxx","info":{"client":"be3e3e1c-7d9c-4bd5-a1ab-8d5b1d2a6c1b"},"offset":2}}}` + "\n"},
		beat: "{}", beaten: "{}",
		refused: `{"id":9,"error":{"code":103,"message":"permission denied"}}`,
		broken:  []string{`{"push":{"channel":"r","unsubscribe":{"code":2500}}}`, `{"id":2,"error":{"code":102,"message":"unknown channel"}}`, `{"id":1,"connect":{}}`, `{"connect":{}}`, "pong"},
		hello:   `{"id":1,"connect":{}}`,
		join:    `{"id":2,"subscribe":{"channel":"r"}}`,
		say:     `{"id":9,"publish":{"channel":"r","data":"7 xxxxxxxx"}}`,
	},
}

// talk dials a server that says all the messages at once and reads until the client hangs
// up; what it read are the client's messages.
func talk(t *testing.T, name string, messages ...string) (chat line.Chat, read chan string, err error) {
	t.Helper()
	read = make(chan string, 16)
	answer := linetest.Upgraded
	for _, m := range messages {
		answer += linetest.Text(m)
	}
	target, err := line.ParseTarget(linetest.Serve(t, answer, func(_ net.Conn, r *bufio.Reader) {
		defer close(read)
		for {
			_, message, err := linetest.Read(r)
			if err != nil {
				return
			}
			read <- message
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	chat, err = Dialect(name)(t.Context(), target, 0, 10*time.Second)
	if err == nil {
		t.Cleanup(chat.Close)
	}
	return chat, read, err
}

func TestDialects_areAllKnownHere(t *testing.T) {
	for _, name := range Names() {
		if _, tested := known[name]; !tested {
			t.Errorf("no test knows %s", name)
		}
	}
	if len(known) != len(Names()) || Dialect("klingon") != nil {
		t.Errorf("dialects %v", Names())
	}
}

func TestChat_hearsWhatCounts(t *testing.T) {
	for name, d := range known {
		t.Run(name, func(t *testing.T) {
			messages := slices.Concat(d.welcome, []string{d.joined}, d.heard, []string{d.beat, d.answered})
			want := []line.Event{{Kind: line.Joined}, {Kind: line.Message, Nonce: 5, Seq: 5}, {Kind: line.Message, Nonce: 6, Seq: 6}, {Kind: line.Answer, Nonce: 7, Seq: 7}}
			if d.refused != "" {
				messages = append(messages, d.refused)
				want = append(want, line.Event{Kind: line.Refusal, Nonce: 7, Why: d.refused})
			}
			chat, _, err := talk(t, name, messages...)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range want {
				e, err := chat.Hear()
				for e.Kind == line.Aside && err == nil {
					e, err = chat.Hear()
				}
				if e != w || err != nil {
					t.Fatalf("heard %+v, %v, want %+v", e, err, w)
				}
			}
		})
	}
}

func TestChat_saysWhatTheServerKnows(t *testing.T) {
	for name, d := range known {
		t.Run(name, func(t *testing.T) {
			chat, read, err := talk(t, name, append(slices.Clone(d.welcome), d.beat, d.joined)...)
			if err != nil {
				t.Fatal(err)
			}
			if err := chat.Join("r", 0); err != nil {
				t.Error(err)
			}
			if err := chat.Say("r", 7, 10); err != nil {
				t.Error(err)
			}
			for e := (line.Event{}); e.Kind != line.Joined; {
				if e, err = chat.Hear(); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{d.hello, d.join, d.say}
			if d.beaten != "" {
				want = append(want, d.beaten)
			}
			for _, w := range want {
				if got := <-read; got != w {
					t.Errorf("said %q, want %q", got, w)
				}
			}
		})
	}
}

func TestChat_endsWithAnErrorThatShowsWhatCame(t *testing.T) {
	for name, d := range known {
		for _, message := range d.broken {
			chat, _, err := talk(t, name, append(slices.Clone(d.welcome), message)...)
			if err != nil {
				t.Fatal(name, err)
			}
			if e, err := chat.Hear(); err == nil || e != (line.Event{}) || !strings.Contains(err.Error(), "the server answered") {
				t.Errorf("%s %q: %+v, %v", name, message, e, err)
			}
		}
		_, _, err := talk(t, name, "", "no")
		if err == nil {
			t.Errorf("%s: let in with nonsense", name)
		}
	}
}

func TestChat_knowsASilentServer(t *testing.T) {
	for name, d := range known {
		chat, _, err := talk(t, name, d.welcome...)
		if err != nil {
			t.Fatal(name, err)
		}
		now := time.Now()
		if silent, err := chat.Pulse(now, now); silent || err != nil {
			t.Errorf("%s: silent %v, %v at once", name, silent, err)
		}
		if silent, _ := chat.Pulse(now.Add(31*time.Second), now); !silent {
			t.Errorf("%s: not silent after three of its pings", name)
		}
	}
}

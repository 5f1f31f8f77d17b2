package scene

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/infra/capacity/internal/judge"
	"github.com/sixseat/sixseat/infra/capacity/internal/line"
	"github.com/sixseat/sixseat/infra/capacity/internal/line/linetest"
	"github.com/sixseat/sixseat/infra/capacity/internal/report"
)

// fake is as much of chat-service as a load needs, and can be as bad as a test wants.
// All rooms are one to it: tests have one room.
type fake struct {
	*testing.T
	full   bool                        // no sockets
	nodes  int                         // beside the target's
	copies func(seq, listener int) int // of each delivery
	answer func(seq int) string        // to a SEND, in place of its receipt; "": the receipt

	mu        sync.Mutex // guards what follows
	seq       int
	listeners []*bufio.ReadWriter
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/chat/rooms":
		if err := json.NewEncoder(w).Encode(chatapi.Room{LastSeq: int64(f.seq)}); err != nil {
			f.Error(err)
		}
	case f.full:
		http.Error(w, "full", http.StatusServiceUnavailable)
	default:
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			f.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(rw, linetest.Upgraded)
		if err := rw.Flush(); err != nil {
			return
		}
		for {
			_, frame, err := linetest.Read(rw)
			if err != nil {
				return // the client hung up
			}
			if f.take(rw, frame) != nil {
				return
			}
		}
	}
}

// send writes one frame to a client. The caller holds mu.
func send(to *bufio.ReadWriter, frame string) error {
	_, _ = to.WriteString(linetest.Text(frame))
	return to.Flush()
}

func (f *fake) take(from *bufio.ReadWriter, frame string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	headers := map[string]string{}
	head, body, _ := strings.Cut(strings.TrimSuffix(frame, "\x00"), "\n\n")
	for _, h := range strings.Split(head, "\n")[1:] {
		name, value, _ := strings.Cut(h, ":")
		headers[name] = value
	}
	switch command, _, _ := strings.Cut(frame, "\n"); command {
	case "CONNECT":
		return send(from, "CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\x00")
	case "SUBSCRIBE":
		if strings.HasPrefix(headers["destination"], chatapi.TopicPrefix) {
			f.listeners = append(f.listeners, from)
		}
		return send(from, "RECEIPT\nreceipt-id:"+headers["receipt"]+"\n\n\x00")
	case "SEND":
		f.seq++
		if f.answer != nil && f.answer(f.seq) != "" {
			answer := strings.ReplaceAll(f.answer(f.seq), "$receipt", headers["receipt"])
			f.seq--
			return send(from, answer)
		}
		for i, l := range f.listeners {
			for range f.copies(f.seq, i) {
				_ = send(l, fmt.Sprintf("MESSAGE\nsubscription:room\nseq:%d\n\n%s\x00", f.seq, body)) // it may have hung up
			}
		}
		return send(from, fmt.Sprintf("RECEIPT\nreceipt-id:%s\nseq:%d\n\n\x00", headers["receipt"], f.seq))
	}
	return nil
}

func once(int, int) int { return 1 }

// play plays chat against a fake: six members, 40 messages.
func play(t *testing.T, f *fake) (*report.Result, error) {
	t.Helper()
	f.T, f.seq = t, 6
	if f.copies == nil {
		f.copies = once
	}
	var targets []line.Target
	for range 1 + f.nodes {
		server := httptest.NewServer(f)
		t.Cleanup(server.Close)
		target, err := line.ParseTarget(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, target)
	}
	signer, err := token.NewSigner(token.NewSeed(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var progress bytes.Buffer
	r, err := Run(t.Context(), "chat", Config{
		Chat: targets[0], Others: targets[1:], Signer: signer, Connections: 7, Rates: []float64{200}, Duration: 200 * time.Millisecond, Ramp: 1000, Length: 30, Patience: time.Second, Progress: &progress,
	})
	if !strings.Contains(progress.String(), "6 members in 1 room") {
		t.Errorf("progress: %s", progress.String())
	}
	return r, err
}

func TestRun_isCleanWhereAllIsWell(t *testing.T) {
	r, err := play(t, &fake{})
	if err != nil || r.Clean() != nil {
		t.Fatal(err, r.Clean())
	}
	if r.Sent != 40 || r.Delivered != 240 || r.Latency["delivery"].Count != 240 || r.Latency["receipt"].Count != 40 || r.Latency["connect"].Count != 6 || r.Connections != 6 {
		t.Errorf("%+v", r)
	}
}

// Members of a room are on all nodes, and what goes there is counted as what goes to the first.
func TestRun_countsTheOctetsOfAllNodes(t *testing.T) {
	one, err := play(t, &fake{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := play(t, &fake{nodes: 1})
	if err != nil || two.Clean() != nil || two.Delivered != 240 {
		t.Fatal(err, two.Clean(), two.Delivered)
	}
	if off := math.Abs(float64(two.ToPeople)/float64(one.ToPeople) - 1); off > 0.05 {
		t.Errorf("%d octets over two nodes, and %d over one", two.ToPeople, one.ToPeople)
	}
}

func TestRun_findsWhatTheTargetDoesWrong(t *testing.T) {
	for what, c := range map[string]struct {
		fake   *fake
		broken map[judge.Rule]int64
		failed map[string]int64
	}{
		"one delivery is lost": {&fake{copies: func(seq, listener int) int {
			if seq == 20 && listener == 3 {
				return 0
			}
			return 1
		}}, map[judge.Rule]int64{judge.Lost: 1}, nil},
		"one comes twice": {&fake{copies: func(seq, listener int) int {
			if seq == 20 && listener == 3 {
				return 2
			}
			return 1
		}}, map[judge.Rule]int64{judge.Twice: 1}, nil},
		"one is refused": {&fake{answer: sometimes(9, "MESSAGE\nsubscription:errors\nreceipt-id:$receipt\n\n{\"title\":\"too fast\"}\x00")},
			nil, map[string]int64{"refused": 1}},
		"one is swallowed":          {&fake{answer: sometimes(9, "\n")}, map[judge.Rule]int64{judge.Unanswered: 1}, nil}, // a heart-beat
		"a session ends with ERROR": {&fake{answer: sometimes(9, "ERROR\nreceipt-id:$receipt\n\nno\x00")}, nil, map[string]int64{"line broke": 1}},
	} {
		t.Run(what, func(t *testing.T) {
			r, err := play(t, c.fake)
			if err != nil {
				t.Fatal(err)
			}
			failed := map[string]int64{}
			for kind, f := range r.Failures {
				failed[kind] = f.Count
			}
			if !maps.Equal(r.Promises.Broken, c.broken) || !maps.Equal(failed, c.failed) || r.Clean() == nil {
				t.Errorf("broken %v, want %v; failed %v, want %v", r.Promises.Broken, c.broken, r.Failures, c.failed)
			}
		})
	}
}

// sometimes is an answer to one SEND, the first that would get this seq.
func sometimes(seq int, answer string) func(int) string {
	given := 0
	return func(n int) string {
		if n == seq && given < 2 { // it is asked whether, and then what
			given++
			return answer
		}
		return ""
	}
}

func TestRun_saysWhyNobodyCouldConnect(t *testing.T) {
	r, err := play(t, &fake{full: true})
	if err == nil || !strings.Contains(err.Error(), "nobody could connect") || r.Failures["connect"].Count != 6 || !strings.Contains(r.Failures["connect"].Example, "503") {
		t.Errorf("%v, %+v", err, r.Failures)
	}
	if _, err := Run(context.Background(), "opera", Config{}); err == nil || !strings.Contains(err.Error(), "opera") {
		t.Error(err)
	}
}

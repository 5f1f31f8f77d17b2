package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

var noon = wire.At(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))

// breaking shows a page of a transcript, and then fails.
type breaking struct{ Chat }

func (breaking) Transcript(_ context.Context, _ string, _ token.Member, show func(chat.Room, []chat.Message) error) error {
	if err := show(chat.Room{Title: "Film"}, []chat.Message{{Seq: 1}}); err != nil {
		return err
	}
	return errors.New("the database is gone")
}

// full shows one page that is as large as they are, and says when that is done.
type full struct {
	Chat
	shown chan error
}

func (f full) Transcript(_ context.Context, _ string, _ token.Member, show func(chat.Room, []chat.Message) error) error {
	page := make([]chat.Message, chat.MaxPage)
	for i := range page {
		page[i] = chat.Message{Seq: int64(i + 1), Comment: strings.Repeat("안", chat.MaxComment)}
	}
	err := show(chat.Room{Title: "Film"}, page)
	f.shown <- err
	return err
}

// onePipe is a listener whose one connection is in memory, so that its clock may be fake.
type onePipe struct {
	net.Listener
	conn chan net.Conn
}

func (p onePipe) Accept() (net.Conn, error) {
	if conn := <-p.conn; conn != nil {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p onePipe) Close() error   { close(p.conn); return nil }
func (p onePipe) Addr() net.Addr { return &net.TCPAddr{} }

// Who reads slowly gets a page, however long that takes; who stops reading is cut off soon.
func TestTranscript_waitsForWhoReads(t *testing.T) {
	for _, stalls := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			shown := make(chan error, 1)
			a, bearer := newAPI(t, full{shown: shown}, io.Discard)
			ours, theirs := net.Pipe()
			listener := onePipe{conn: make(chan net.Conn, 1)}
			listener.conn <- theirs
			server := http.Server{Handler: router(a, http.NotFoundHandler(), service.NewHealth(nil), nil)}
			go server.Serve(listener)
			defer server.Close()
			if _, err := fmt.Fprintf(ours, "GET /chat/rooms/x/transcript HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", bearer); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			resp, err := http.ReadResponse(bufio.NewReader(ours), nil)
			if err != nil {
				t.Fatal(err)
			}
			buf, read := make([]byte, transcriptSlice/16), 0
			for err == nil && !(stalls && read > 2*transcriptSlice) {
				time.Sleep((transcriptWrite - 2*time.Second) / 16)
				var n int
				n, err = io.ReadFull(resp.Body, buf)
				read += n
			}
			if took := time.Since(began); !stalls {
				if failed := <-shown; failed != nil || !errors.Is(err, io.ErrUnexpectedEOF) || read < chat.MaxPage*chat.MaxComment*3 || took < 10*transcriptWrite {
					t.Errorf("%d octets after %v, %v, and the server says %v", read, took, err, failed)
				}
				return
			}
			began = time.Now()
			if failed := <-shown; !errors.Is(failed, os.ErrDeadlineExceeded) || time.Since(began) > transcriptWrite {
				t.Errorf("who reads no more is cut off after %v, with %v", time.Since(began), failed)
			}
			if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("and sees %v", err)
			}
		})
	}
}

// newAPI is an API over a chat, and what a member shows it.
func newAPI(t *testing.T, c Chat, log io.Writer) (a *api, bearer string) {
	t.Helper()
	signer, err := token.NewSigner(token.NewSeed(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.NewStatic(signer.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	raw, _, err := signer.Member("ada", "ada")
	if err != nil {
		t.Fatal(err)
	}
	return &api{chat: c, tokens: token.NewVerifier(keys, time.Now), log: slog.New(slog.NewTextHandler(log, nil))}, "Bearer " + raw
}

// A transcript that cannot go on does not look as if it were whole.
func TestTranscript_isCutOffWhereItFails(t *testing.T) {
	var log bytes.Buffer
	a, bearer := newAPI(t, breaking{}, &log)
	server := httptest.NewServer(router(a, http.NotFoundHandler(), service.NewHealth(nil), nil))
	req, err := http.NewRequest("GET", server.URL+"/chat/rooms/x/transcript", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", bearer)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	server.Close() // waits for the handler, which logs
	if resp.StatusCode != http.StatusOK || !errors.Is(err, io.ErrUnexpectedEOF) || bytes.Count(body, []byte("\n")) != 1 {
		t.Errorf("%s, %q, %v; want a line and then no proper end", resp.Status, body, err)
	}
	if !strings.Contains(log.String(), "transcript cut off") || !strings.Contains(log.String(), "the database is gone") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestFormOf(t *testing.T) {
	for _, c := range []struct {
		query, accept string
		want          string // the form's name; "": refused
	}{
		{"", "", "jsonl"},
		{"", "*/*", "jsonl"},
		{"", "text/html,application/xhtml+xml,*/*;q=0.8", "jsonl"},
		{"", "image/png", "jsonl"},
		{"", "text/plain", "text"},
		{"", "text/plain;charset=utf-8", "text"},
		{"", "text/plain, */*;q=0.1", "text"},
		{"", "text/plain;q=0.5, application/jsonl", "jsonl"},
		{"", "application/x-ndjson", "jsonl"},
		{"", "application/jsonl;q=0.2, text/plain;q=0.3", "text"},
		{"", "text/plain;q=nonsense;;, ,", "jsonl"},
		{"format=text", "application/jsonl", "text"},
		{"format=jsonl", "text/plain", "jsonl"},
		{"format=", "", ""},
		{"format=pdf", "text/plain", ""},
		{"format=TEXT", "", ""},
	} {
		r := httptest.NewRequest("GET", "/?"+c.query, nil)
		r.Header.Set("Accept", c.accept)
		if f, err := formOf(r); f.name != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q, %q: %q, %v; want %q", c.query, c.accept, f.name, err, c.want)
		}
	}
}

// Nobody can make a text look as if another had said something, and nothing steers a terminal.
func TestTextLine(t *testing.T) {
	const at = "2026-11-23 12:00:00 "
	for _, c := range []struct {
		message chat.Message
		want    string
	}{
		{chat.Message{Type: chatapi.Text, Comment: "hello"}, at + "ada: hello\n"},
		{chat.Message{Type: chatapi.Text, Comment: "a\n" + at + "bob: b\r\nc\rd\u2028e\vf"}, at + "ada: a\n    " + at + "bob: b\n    c\n    d\n    e\n    f\n"},
		{chat.Message{Type: chatapi.Text, Comment: "\x1b[2Jx\x07\ty\u009b"}, at + "ada: \ufffd[2Jx\ufffd\ty\ufffd\n"},
		{chat.Message{Type: chatapi.Text, Comment: "\u202eolleh\u202a\u2066!\u2069"}, at + "ada: \ufffdolleh\ufffd\ufffd!\ufffd\n"},
		{chat.Message{Type: chatapi.Text, Comment: "\u05e9\u05dc\u05d5\u05dd\u200f! a\u200db"}, at + "ada: \u05e9\u05dc\u05d5\u05dd\u200f! a\u200db\n"},
		{chat.Message{Type: chatapi.Enter}, at + "* ada entered\n"},
		{chat.Message{Type: chatapi.Leave}, at + "* ada left\n"},
		{chat.Message{Type: chatapi.Image, Comment: "look", Image: &chatapi.Picture{ImageID: "i"}}, at + "ada: [picture i] look\n"},
		{chat.Message{Type: chatapi.Image, Image: &chatapi.Picture{ImageID: "i"}}, at + "ada: [picture i]\n"},
	} {
		c.message.CreatedAt, c.message.CreatedBy = noon, "ada"
		var b bytes.Buffer
		if err := textLine(&b, c.message); err != nil || b.String() != c.want {
			t.Errorf("got %q, %v; want %q", b.String(), err, c.want)
		}
	}
}

func TestFileName(t *testing.T) {
	if got := fileName(chat.Room{Title: "../M: \"Eine\" Stadt\x00 기생충\u202egpj", CreatedAt: noon}); got != "Sixseat .._M_ _Eine_ Stadt_ 기생충_gpj 2026-11-23" {
		t.Error(got)
	}
}

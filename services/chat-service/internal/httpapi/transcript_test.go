package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

// A transcript that cannot go on does not look as if it were whole.
func TestTranscript_isCutOffWhereItFails(t *testing.T) {
	signer, err := token.NewSigner(token.NewSeed(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.NewStatic(signer.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a := &api{chat: breaking{}, tokens: token.NewVerifier(keys, time.Now), log: slog.New(slog.NewTextHandler(&log, nil))}
	server := httptest.NewServer(router(a, http.NotFoundHandler(), service.NewHealth(nil), nil))
	req, err := http.NewRequest("GET", server.URL+"/chat/rooms/x/transcript", nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, _, err := signer.Member("ada", "ada")
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+raw)
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
	if got := fileName(chat.Room{Title: "../M: \"Eine\" Stadt\x00 기생충", CreatedAt: noon}); got != "Sixseat .._M_ _Eine_ Stadt_ 기생충 2026-11-23" {
		t.Error(got)
	}
}

package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// form is what a transcript can look like.
type form struct {
	name, ending, contentType string
	head                      func(*bytes.Buffer, chat.Room)
	message                   func(*bytes.Buffer, chat.Message) error
}

var (
	jsonLines = form{"jsonl", ".jsonl", "application/jsonl", func(*bytes.Buffer, chat.Room) {}, jsonLine}
	plainText = form{"text", ".txt", "text/plain; charset=utf-8", textHead, textLine}
)

// transcript streams a room. Once it has begun, a failure can only cut it off, which
// clients notice: the last chunk is missing.
func (a *api) transcript(c *gin.Context, m token.Member) error {
	f, err := formOf(c.Request)
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodHead {
		room, err := a.chat.Room(c.Request.Context(), c.Param("roomId"), m)
		if err == nil {
			begin(c, f, room)
		}
		return err
	}
	begun := false
	write := writing(c.Writer)
	err = a.chat.Transcript(c.Request.Context(), c.Param("roomId"), m, func(room chat.Room, page []chat.Message) error {
		var b bytes.Buffer
		if !begun {
			begun = true
			begin(c, f, room)
			f.head(&b, room)
		}
		for _, message := range page {
			if err := f.message(&b, message); err != nil {
				return err
			}
		}
		return write(b.Bytes())
	})
	if err != nil && begun {
		a.log.Warn("transcript cut off", "request_id", service.RequestID(c.Request.Context()), "path", c.Request.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// begin writes the headers.
func begin(c *gin.Context, f form, room chat.Room) {
	h := c.Writer.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(room) + f.ending}))
	h.Set("Cache-Control", "no-store")
	c.Status(http.StatusOK)
}

// fileName is the film and the day, without what a file system would take amiss.
func fileName(room chat.Room) string {
	title := strings.Map(func(r rune) rune {
		if steers(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, room.Title)
	return "Sixseat " + title + " " + room.CreatedAt.UTC().Format(time.DateOnly)
}

// writing writes in slices with a deadline for each: what counts is that somebody reads, not
// how much there is to read.
func writing(w http.ResponseWriter) func([]byte) error {
	control := http.NewResponseController(w)
	return func(page []byte) error {
		for slice := range slices.Chunk(page, transcriptSlice) {
			if err := control.SetWriteDeadline(time.Now().Add(transcriptWrite)); err != nil {
				return err
			}
			if _, err := w.Write(slice); err != nil {
				return err
			}
			if err := control.Flush(); err != nil {
				return err
			}
		}
		return nil
	}
}

// formOf is what the query asks for, else what Accept prefers, else JSON lines.
func formOf(r *http.Request) (form, error) {
	if q := r.URL.Query(); q.Has("format") {
		for _, f := range []form{jsonLines, plainText} {
			if q.Get("format") == f.name {
				return f, nil
			}
		}
		return form{}, fault.BadField("format", "must be jsonl or text")
	}
	accepts := strings.Join(r.Header.Values("Accept"), ",")
	if quality(accepts, "text/plain") > max(quality(accepts, "application/jsonl"), quality(accepts, "application/x-ndjson"), quality(accepts, "application/*"), quality(accepts, "*/*")) {
		return plainText, nil
	}
	return jsonLines, nil
}

// quality is how much Accept wants a range of types that it names, 0 if it does not
// (RFC 9110 section 12.5.1).
func quality(accepts, mediaRange string) float64 {
	for part := range strings.SplitSeq(accepts, ",") {
		named, parameters, err := mime.ParseMediaType(part)
		if err != nil || named != mediaRange {
			continue
		}
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			return q
		}
		return 1
	}
	return 0
}

func jsonLine(b *bytes.Buffer, m chat.Message) error { return json.NewEncoder(b).Encode(m) }

// textHead says what the transcript is of. All of its times are UTC.
func textHead(b *bytes.Buffer, room chat.Room) {
	fmt.Fprintf(b, "%s\nRoom %s, from %s. Times are UTC.\n\n", line(room.Title), room.RoomID, room.CreatedAt.UTC().Format(time.DateTime))
}

// textLine is a message, for people. What somebody said over several lines is indented, so
// that nobody can say what looks like another's.
func textLine(b *bytes.Buffer, m chat.Message) error {
	at, who := m.CreatedAt.UTC().Format(time.DateTime), line(m.CreatedBy)
	switch m.Type {
	case chatapi.Enter:
		fmt.Fprintf(b, "%s * %s entered\n", at, who)
		return nil
	case chatapi.Leave:
		fmt.Fprintf(b, "%s * %s left\n", at, who)
		return nil
	}
	text := m.Comment
	if m.Image != nil {
		text = strings.TrimSpace("[picture " + m.Image.ImageID + "] " + text)
	}
	fmt.Fprintf(b, "%s %s: %s\n", at, who, strings.Join(lines(text), "\n    "))
	return nil
}

// steers reports what a terminal obeys, and what turns the direction of the text behind it
// (UAX #9 section 2), so that a line could be read as another's. The marks of a direction,
// which texts from right to left need, turn nothing.
func steers(r rune) bool {
	return unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// lines are a text's lines, whatever ends them, without what steers.
func lines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	list := strings.Split(text, "\n")
	for i := range list {
		list[i] = strings.Map(func(r rune) rune {
			if steers(r) && r != '\t' {
				return unicode.ReplacementChar
			}
			return r
		}, list[i])
	}
	return list
}

func line(text string) string { return strings.Join(lines(text), " ") }

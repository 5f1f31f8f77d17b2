package line

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// StatusError is an answer that was not a success.
type StatusError struct {
	Status int
	Body   string
}

// Error implements error.
func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Body) }

// HTTP is a connection for requests one after the other.
type HTTP struct {
	target Target
	conn   net.Conn
	r      *bufio.Reader
	last   bool // the server closes it after the answer that was read
}

// HTTP opens the i-th connection for requests.
func (t Target) HTTP(ctx context.Context, i int) (*HTTP, error) {
	conn, r, err := t.open(ctx, i)
	if err != nil {
		return nil, err
	}
	return &HTTP{target: t, conn: conn, r: r}, nil
}

// Close hangs up.
func (h *HTTP) Close() { reset(h.conn) }

// Write sends a request and does not wait for its answer.
func (h *HTTP) Write(method, path, token string, body any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", method, path, h.target.host, len(payload))
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	b.WriteString("\r\n")
	b.Write(payload)
	if err := h.conn.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
		return err
	}
	_, err := h.conn.Write(b.Bytes())
	return err
}

// Read reads the answer to a request into answer, which may be nil.
func (h *HTTP) Read(answer any) error {
	resp, err := http.ReadResponse(h.r, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	h.last = resp.Close
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return &StatusError{resp.StatusCode, string(body)}
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(body, answer)
}

// Do makes a request and reads its answer.
func (h *HTTP) Do(method, path, token string, body, answer any) error {
	err := h.Write(method, path, token, body)
	if err == nil {
		err = h.Read(answer)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// Ask asks for an event stream, of which nothing is read yet.
func (h *HTTP) Ask(path, token string) error {
	if err := h.Write(http.MethodGet, path, token, nil); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

// Follow reads the event stream that was asked for and hands the data of each event to
// see, until it returns false. The stream's end, or the deadline, is an error.
func (h *HTTP) Follow(deadline time.Time, see func(data []byte) (more bool)) error {
	if err := h.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	resp, err := http.ReadResponse(h.r, nil) // whose Body is not closed: that would wait for the end of the stream
	if err == nil && resp.StatusCode != http.StatusOK {
		err = &StatusError{Status: resp.StatusCode}
	}
	if err != nil {
		return fmt.Errorf("event stream: %w", err)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 0, readBuffer), maxMessage)
	for lines.Scan() {
		if data, found := bytes.CutPrefix(lines.Bytes(), []byte("data:")); found && !see(data) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("event stream: %w", err)
	}
	return fmt.Errorf("event stream: %w", io.EOF)
}

// Interrupt makes whoever reads return at once.
func (h *HTTP) Interrupt() { _ = h.conn.SetReadDeadline(time.Now()) } // it may be closed already

// Package testclient is a member of Sixseat for tests: signs in, waits for a film,
// enters a room and chats, over the same addresses and frames as any client. It keeps
// no rule of the product, so that it shows what the product really does; what it is told
// must stand in the product's documents (pkg/apitest).
//
// The journeys of infra/onebox use it, and whatever else tests the running system.
package testclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Member is a signed-in member who talks to the system at Base.
type Member struct {
	matchapi.Member
	Base string // like http://127.0.0.1:8080
}

// SignIn makes a new member.
func SignIn(ctx context.Context, base, nickname string) (*Member, error) {
	m := &Member{Base: base}
	return m, m.Call(ctx, http.MethodPost, "/match/members", matchapi.NewMember{Nickname: nickname}, &m.Member)
}

// StatusError is an answer that was not a success.
type StatusError struct {
	Status int
	Body   string
}

// Error implements error.
func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Body) }

// Call makes a request with the member's token and reads its JSON answer into answer,
// which may be nil. Any status but a success is a *StatusError.
func (m *Member) Call(ctx context.Context, method, path string, body, answer any) error {
	resp, err := m.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %w", method, path, &StatusError{resp.StatusCode, string(data)})
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

func (m *Member) request(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		payload = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, m.Base+path, payload)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if m.Token != "" {
		req.Header.Set("Authorization", "Bearer "+m.Token)
	}
	return apitest.Client.Do(req)
}

// Join puts the member into the queue for a film.
func (m *Member) Join(ctx context.Context, movieID string) (matchapi.State, error) {
	var state matchapi.State
	err := m.Call(ctx, http.MethodPut, "/match/queue", matchapi.Join{MovieID: movieID}, &state)
	return state, err
}

// Enter shows a ticket to chat-service.
func (m *Member) Enter(ctx context.Context, ticket string) (chatapi.Room, error) {
	var room chatapi.Room
	err := m.Call(ctx, http.MethodPost, "/chat/rooms", chatapi.Ticket{Ticket: ticket}, &room)
	return room, err
}

// History reads a room's messages from the first to the last, page by page.
func (m *Member) History(ctx context.Context, roomID string) ([]chatapi.Message, error) {
	var all []chatapi.Message
	for after := int64(0); ; after = all[len(all)-1].Seq {
		var page chatapi.Messages
		path := fmt.Sprintf("/chat/rooms/%s/messages?after=%d&limit=200", roomID, after)
		if err := m.Call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		if all = append(all, page.Items...); !page.HasMore {
			return all, nil
		}
	}
}

// websocketURL is where the member's sockets go.
func (m *Member) websocketURL() string { return "ws" + strings.TrimPrefix(m.Base, "http") + "/chat/ws" }

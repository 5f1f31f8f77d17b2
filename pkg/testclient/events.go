package testclient

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/sixseat/sixseat/pkg/matchapi"
)

// Watch reads the member's event stream and hands every state to see, until see
// returns false, the stream ends (io.EOF is no error) or ctx ends.
func (m *Member) Watch(ctx context.Context, see func(matchapi.State) bool) error {
	resp, err := m.request(ctx, http.MethodGet, "/match/queue/events", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("event stream: %w", &StatusError{Status: resp.StatusCode})
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		data, found := strings.CutPrefix(lines.Text(), "data:")
		if !found {
			continue
		}
		var state matchapi.State
		if err := json.Unmarshal([]byte(data), &state); err != nil {
			return fmt.Errorf("event stream: %w", err)
		}
		if !see(state) {
			return nil
		}
	}
	return ctx.Err()
}

// Match joins the queue for a film and waits on the event stream until there is a room.
func (m *Member) Match(ctx context.Context, movieID string) (matchapi.State, error) {
	state, err := m.Join(ctx, movieID)
	for err == nil && state.State != matchapi.Matched {
		err = m.Watch(ctx, func(s matchapi.State) bool {
			state = s
			return s.State != matchapi.Matched
		})
	}
	return state, err
}

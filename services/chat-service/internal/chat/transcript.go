package chat

import (
	"context"
	"fmt"
	"sync"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
)

// Transcript hands a member who is inside of a room all that was said there until now, page
// by page. What show returns ends it.
func (s *Service) Transcript(ctx context.Context, roomID string, member token.Member, show func(Room, []Message) error) error {
	room, err := s.within(ctx, roomID, member)
	if err != nil {
		return err
	}
	if err := s.readers.begin(member.ID); err != nil {
		return err
	}
	defer s.readers.end(member.ID)
	for read := int64(0); read < room.LastSeq; {
		page, err := s.transcriptPage(ctx, room, read)
		if err != nil {
			return err
		}
		if err := show(room, page); err != nil {
			return err
		}
		read += int64(len(page))
	}
	return nil
}

// within returns a room that the member is inside of, without who is online.
func (s *Service) within(ctx context.Context, roomID string, member token.Member) (Room, error) {
	ctx, cancel := context.WithTimeout(ctx, transcriptStep)
	defer cancel()
	if err := s.inside(ctx, roomID, member); err != nil {
		return Room{}, err
	}
	return s.store.Room(ctx, roomID)
}

func (s *Service) transcriptPage(ctx context.Context, room Room, after int64) ([]Message, error) {
	ctx, cancel := context.WithTimeout(ctx, transcriptStep)
	defer cancel()
	limit := min(MaxPage, room.LastSeq-after)
	page, _, err := s.store.Messages(ctx, room.RoomID, Page{After: &after, Limit: int(limit)})
	if err == nil && len(page) == 0 {
		err = fmt.Errorf("room %s has nothing after seq %d, and its last is %d", room.RoomID, after, room.LastSeq)
	}
	return page, err
}

// readers are the members who read a transcript on this node now.
type readers struct {
	mu  sync.Mutex // guards who
	who map[string]bool
}

func (r *readers) begin(memberID string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.who[memberID]:
		return fault.New(fault.TooMany, "You are reading a transcript already: one at a time.").WithRetry(transcriptRetry)
	case len(r.who) >= maxTranscripts:
		return fault.New(fault.Unavailable, "Too many transcripts are read now.").WithRetry(transcriptRetry)
	}
	r.who[memberID] = true
	return nil
}

func (r *readers) end(memberID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.who, memberID)
}

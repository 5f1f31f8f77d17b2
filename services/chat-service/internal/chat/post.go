package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"
)

// Draft is a message as a member sent it, before it was looked at.
type Draft struct {
	RoomID string
	Body   []byte // the JSON object
	Key    string // the idempotency key
	HasKey bool   // an empty key is an error, a missing one is not
}

// draftBody lists every field that a Message has, because a client may send them all;
// only type, comment and imageId count. A field that a Message does not have is refused.
type draftBody struct {
	Type    string `json:"type"`
	Comment string `json:"comment"`
	ImageID string `json:"imageId"`

	RoomID         any `json:"roomId"`
	Seq            any `json:"seq"`
	MessageID      any `json:"messageId"`
	IdempotencyKey any `json:"idempotencyKey"`
	MemberID       any `json:"memberId"`
	CreatedBy      any `json:"createdBy"`
	CreatedAt      any `json:"createdAt"`
	Image          any `json:"image"`
}

// Compose checks a draft and makes the Post of it: its id is given here, once. Bad
// fields are a fault of kind Invalid that names them all. With a good key a bad body is
// the Post's Fault instead: if the key is known, its first receipt is the answer.
func Compose(d Draft, author token.Member, now time.Time) (Post, error) {
	if n := utf8.RuneCountInString(d.Key); d.HasKey && (n < 1 || n > MaxKey || strings.ContainsRune(d.Key, 0)) {
		return Post{}, fault.BadField(chatapi.HeaderIdempotencyKey, "must have 1 to 64 characters, none of them U+0000")
	}
	body, err := readBody(d.Body)
	if err != nil && !d.HasKey {
		return Post{}, err
	}
	p := Post{ID: messageID(d.RoomID, author.ID, d.Key), RoomID: d.RoomID, MemberID: author.ID, Nickname: author.Nickname, Key: d.Key, At: wire.At(now).Time}
	if err != nil {
		p.Fault = err // and nothing of the body, which may hold what no database takes
		return p, nil
	}
	p.Type, p.Comment = body.Type, body.Comment
	if body.Type == chatapi.Image {
		p.Picture = &chatapi.Picture{ImageID: body.ImageID} // the rest is known when it was looked at
	}
	return p, nil
}

func readBody(data []byte) (draftBody, error) {
	var body draftBody
	if err := wire.Decode(data, &body); err != nil {
		return body, err
	}
	var bad []fault.Field
	n := utf8.RuneCountInString(body.Comment)
	switch {
	case body.Type == chatapi.Image: // a picture may speak for itself
		if n > MaxComment {
			bad = append(bad, fault.Field{Field: "comment", Reason: "must have at most 2,000 characters"})
		}
		if !isID(body.ImageID) {
			bad = append(bad, fault.Field{Field: "imageId", Reason: "must be the id of a picture that you have uploaded to this room"})
		}
	default:
		if body.Type != chatapi.Text {
			bad = append(bad, fault.Field{Field: "type", Reason: "must be TEXT or IMAGE"})
		}
		if n < 1 || n > MaxComment {
			bad = append(bad, fault.Field{Field: "comment", Reason: "must have 1 to 2,000 characters"})
		}
		if body.ImageID != "" {
			bad = append(bad, fault.Field{Field: "imageId", Reason: "goes with IMAGE alone"})
		}
	}
	if len(bad) > 0 {
		return body, fault.BadFields(bad)
	}
	return body, nil
}

// messageID names a message before it is stored: with a key always the same for this
// member and room (RFC 9562 section 5.5), without one a new id (section 5.7).
func messageID(roomID, memberID, key string) string {
	if key == "" {
		return uuid.Must(uuid.NewV7()).String()
	}
	return derivedID(roomID, memberID, "key:"+key)
}

// NoticeID names the ENTER or LEAVE of a member, which each happen once.
func NoticeID(roomID, memberID, typ string) string { return derivedID(roomID, memberID, "notice:"+typ) }

func derivedID(roomID, memberID, what string) string {
	room := uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:sixseat:room:"+roomID))
	return uuid.NewSHA1(room, []byte(memberID+"\x00"+what)).String()
}

// Message is the post as it is shown once it has its seq.
func (p Post) Message(seq int64) Message {
	return Message{
		RoomID: p.RoomID, Seq: seq, MessageID: p.ID, IdempotencyKey: p.Key, MemberID: p.MemberID,
		Type: p.Type, Comment: p.Comment, CreatedBy: p.Nickname, CreatedAt: wire.At(p.At), Image: p.Picture,
	}
}

// Package awspictures keeps members' pictures in S3, or in what speaks its API. Its
// neighbour awsarchive keeps transcripts in the same bucket.
//
// What a member uploads lies below uploads/ until it is sent, and there a lifecycle rule
// removes it after a day. What was sent lies below pictures/, cleaned; nobody but us can
// write there. So a room never shows what was not looked at. What no message has in the end is
// removed by package orphans.
package awspictures

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"

	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/wire"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
	"github.com/sixseat/sixseat/services/chat-service/internal/picture"
)

// Pictures implements chat.Pictures.
type Pictures struct {
	client  *s3.Client
	sign    *s3.PresignClient
	bucket  string
	now     func() time.Time
	log     *slog.Logger
	counted counters
	last    answer // of S3, see ready
}

// New keeps pictures in a bucket, which browsers reach at public, if that is not where the
// client does.
func New(client *s3.Client, bucket, public string, now func() time.Time, log *slog.Logger) *Pictures {
	sign := s3.NewPresignClient(client, s3.WithPresignClientFromClientOptions(func(o *s3.Options) {
		if public != "" {
			o.BaseEndpoint = &public
		}
	}))
	return &Pictures{client: client, sign: sign, bucket: bucket, now: now, log: log, counted: newCounters()}
}

// uploadKey has the member in it, so that nobody sends another's upload. A member's id is
// whatever match-service made it: encoded, it is one step of a path.
func uploadKey(roomID, memberID, imageID string) *string {
	return aws.String("uploads/" + roomID + "/" + base64.RawURLEncoding.EncodeToString([]byte(memberID)) + "/" + imageID)
}

func pictureKey(roomID, imageID string) *string {
	return aws.String("pictures/" + roomID + "/" + imageID)
}

// Offer implements chat.Pictures. Type, length and "not there yet" are part of the
// signature: S3 itself refuses any other upload, and a second one.
func (p *Pictures) Offer(ctx context.Context, roomID, memberID string, n chatapi.NewPicture) (chatapi.Offer, error) {
	if err := p.ready(ctx); err != nil {
		p.counted.refused()
		return chatapi.Offer{}, err
	}
	id := uuid.Must(uuid.NewV7()).String()
	until := p.now().Add(uploadFor)
	req, err := p.sign.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &p.bucket, Key: uploadKey(roomID, memberID, id), ContentType: &n.ContentType, ContentLength: &n.Bytes, IfNoneMatch: aws.String("*"),
	}, s3.WithPresignExpires(uploadFor))
	if err != nil {
		return chatapi.Offer{}, p.away(fmt.Errorf("sign an upload: %w", err))
	}
	return chatapi.Offer{ImageID: id, Upload: chatapi.Upload{URL: req.URL, Headers: toSend(req.SignedHeader)}, ExpiresAt: wire.At(until)}, nil
}

// toSend leaves out the headers that every client sends by itself.
func toSend(signed http.Header) map[string]string {
	headers := map[string]string{}
	for name, values := range signed {
		if name = http.CanonicalHeaderKey(name); name != "Host" && name != "Content-Length" {
			headers[name] = values[0]
		}
	}
	return headers
}

// Accept implements chat.Pictures. The upload stays as it is and cannot be replaced, so that
// doing it twice, after an answer that was lost, makes the same picture.
func (p *Pictures) Accept(ctx context.Context, roomID, memberID, imageID string, before func(context.Context) error) (chatapi.Picture, error) {
	start := time.Now()
	var objection error // of before, of which S3 knows nothing: it is not counted
	kept, err := p.accept(ctx, roomID, memberID, imageID, func(ctx context.Context) error {
		objection = before(ctx)
		return objection
	})
	if objection == nil {
		p.counted.count(start, err)
	}
	return kept, err
}

func (p *Pictures) accept(ctx context.Context, roomID, memberID, imageID string, before func(context.Context) error) (chatapi.Picture, error) {
	contentType, data, err := p.read(ctx, uploadKey(roomID, memberID, imageID))
	if err != nil {
		return chatapi.Picture{}, err
	}
	clean, err := picture.Clean(contentType, data)
	if err != nil {
		return chatapi.Picture{}, fault.BadField("imageId", err.Error())
	}
	if err := before(ctx); err != nil {
		return chatapi.Picture{}, err
	}
	if err := p.write(ctx, pictureKey(roomID, imageID), contentType, clean.Data); err != nil {
		return chatapi.Picture{}, err
	}
	return chatapi.Picture{ImageID: imageID, ContentType: contentType, Bytes: int64(len(clean.Data)), Width: clean.Width, Height: clean.Height}, nil
}

// Remove implements orphans.Objects. Nobody waits for it, and what it may not do others may: its
// failure closes no place to members.
func (p *Pictures) Remove(ctx context.Context, roomID, imageID string) error {
	if _, err := p.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &p.bucket, Key: pictureKey(roomID, imageID)}); err != nil {
		return p.unavailable(fmt.Errorf("remove a picture: %w", err))
	}
	return nil
}

func (p *Pictures) read(ctx context.Context, key *string) (contentType string, data []byte, err error) {
	out, err := p.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.bucket, Key: key})
	if missing(err) {
		return "", nil, fault.BadField("imageId", "must be the id of a picture that you have uploaded to this room")
	}
	if err != nil {
		return "", nil, p.away(fmt.Errorf("read an upload: %w", err))
	}
	defer out.Body.Close()
	if data, err = io.ReadAll(io.LimitReader(out.Body, chat.MaxPicture+1)); err != nil {
		return "", nil, p.away(fmt.Errorf("read an upload: %w", err))
	}
	if len(data) > chat.MaxPicture {
		return "", nil, fault.BadField("imageId", fmt.Sprintf("has more than %d octets", chat.MaxPicture))
	}
	return aws.ToString(out.ContentType), data, nil
}

// write leaves alone what is there: another SEND has written the same.
func (p *Pictures) write(ctx context.Context, key *string, contentType string, data []byte) error {
	_, err := p.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &p.bucket, Key: key, ContentType: &contentType, Body: bytes.NewReader(data), IfNoneMatch: aws.String("*"),
	})
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "PreconditionFailed" {
		return nil
	}
	if err != nil {
		return p.away(fmt.Errorf("keep a picture: %w", err))
	}
	return nil
}

// Link implements chat.Pictures.
func (p *Pictures) Link(ctx context.Context, roomID, imageID string) (url string, err error) {
	url, err = p.link(ctx, roomID, imageID)
	p.counted.link(err)
	return url, err
}

func (p *Pictures) link(ctx context.Context, roomID, imageID string) (string, error) {
	key := pictureKey(roomID, imageID)
	_, err := p.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.bucket, Key: key})
	if missing(err) {
		return "", chat.NoSuchPicture()
	}
	if err != nil {
		return "", p.away(fmt.Errorf("look for a picture: %w", err))
	}
	req, err := p.sign.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &p.bucket, Key: key}, s3.WithPresignExpires(linkFor))
	if err != nil {
		return "", p.away(fmt.Errorf("sign a link: %w", err))
	}
	return req.URL, nil
}

// missing reports whether S3 has nothing under that key. GET and HEAD say it differently.
func missing(err error) bool {
	var key *types.NoSuchKey
	var found *types.NotFound
	return errors.As(err, &key) || errors.As(err, &found)
}

// away is unavailable, and remembers it for those who ask for a place.
func (p *Pictures) away(err error) error {
	away := p.unavailable(err)
	if !errors.Is(err, context.Canceled) { // which is a member who hung up
		p.last.remember(p.now().Add(askEvery), away)
	}
	return away
}

// unavailable says of all errors that pictures cannot be reached. That S3 lets us do nothing, or
// has no such bucket, does not pass by itself: somebody has to see it.
func (p *Pictures) unavailable(err error) error {
	var refused smithy.APIError
	if errors.As(err, &refused) && slices.Contains(forGood, refused.ErrorCode()) {
		p.log.Error("S3 refuses pictures", "bucket", p.bucket, "err", err)
	}
	return fault.New(fault.Unavailable, "Pictures cannot be reached now; text goes on.").WithRetry(retryAway).Wrap(err)
}

// forGood are S3's answers that only a change of settings, role or key ends. HEAD has no body,
// and so no better words than Forbidden and, for a bucket, NotFound.
var forGood = []string{
	"AccessDenied", "AllAccessDisabled", "Forbidden", "NoSuchBucket", "NotFound", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
	"PermanentRedirect", "MovedPermanently", "AuthorizationHeaderMalformed", // it is in another region
	"KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException",
}

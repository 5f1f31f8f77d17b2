package testclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/chatapi"
)

// Upload brings a picture to where it is kept, for a SEND with its id.
func (m *Member) Upload(ctx context.Context, roomID, contentType string, data []byte) (imageID string, err error) {
	var offer chatapi.Offer
	what := chatapi.NewPicture{ContentType: contentType, Bytes: int64(len(data))}
	if err := m.Call(ctx, http.MethodPost, "/chat/rooms/"+roomID+"/images", what, &offer); err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, offer.Upload.URL, bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	for name, value := range offer.Upload.Headers {
		req.Header.Set(name, value)
	}
	_, err = answered(http.DefaultClient.Do(req))
	return offer.ImageID, err
}

// Show sends a picture that was uploaded, and returns when it is stored.
func (m *Member) Show(ctx context.Context, roomID, imageID, caption string) error {
	body, err := json.Marshal(map[string]string{"type": chatapi.Image, "imageId": imageID, "comment": caption})
	if err != nil {
		return err
	}
	s, err := m.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Drop() }()
	headers := map[string]string{"destination": chatapi.ChatPrefix + roomID, "receipt": "r"}
	if err := s.Send(ctx, Frame{Command: "SEND", Headers: headers, Body: string(body)}); err != nil {
		return err
	}
	f, err := s.Next(ctx)
	if err == nil && f.Command != "RECEIPT" {
		err = errors.New("show a picture: got " + f.Command + " " + f.Body)
	}
	return err
}

// Picture is one that was sent in a room. The member's token does not go where it is kept: Go
// would take it along to another port of the same host.
func (m *Member) Picture(ctx context.Context, roomID, imageID string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Base+"/chat/rooms/"+roomID+"/images/"+imageID, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+m.Token)
	resp, err := apitest.Client.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		return nil, fmt.Errorf("GET %s: %w", req.URL.Path, &StatusError{Status: resp.StatusCode})
	}
	there, err := http.NewRequestWithContext(ctx, http.MethodGet, resp.Header.Get("Location"), nil)
	if err != nil {
		return nil, err
	}
	return answered(http.DefaultClient.Do(there))
}

// answered is the body of a success.
func answered(resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = &StatusError{resp.StatusCode, string(data)}
	}
	return data, err
}

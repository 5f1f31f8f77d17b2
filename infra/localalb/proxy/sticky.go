package proxy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"time"
)

// Names of the cookies; each has a twin that browsers send across sites, too (user
// guide, sticky-sessions).
const (
	targetCookie = "AWSALB"
	groupCookie  = "AWSALBTG"
	crossSite    = "CORS" // at the end of the twin's name
)

// sealer writes and reads what stickiness cookies say. Like ALB's they are encrypted,
// so nobody can rest on what is in them. The key lives as long as the process: after a
// restart clients are strangers.
type sealer struct {
	aead cipher.AEAD
}

func newSealer() (*sealer, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails, says its documentation
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead}, nil
}

// seal says value to whoever opens it for the same purpose before until.
func (s *sealer) seal(purpose, value string, until time.Time) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(until.UnixNano()))
	plain = append(plain, value...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(purpose)))
}

var errSeal = errors.New("not sealed here")

func (s *sealer) open(purpose, text string, now time.Time) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", errSeal
	}
	plain, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil || len(plain) < 8 {
		return "", errSeal
	}
	if until := time.Unix(0, int64(binary.BigEndian.Uint64(plain))); !now.Before(until) {
		return "", errSeal
	}
	return string(plain[8:]), nil
}

// wish gives what the first cookie of this name that can be read says; "" is nothing.
func (s *sealer) wish(r *http.Request, name, purpose string) string {
	for _, n := range []string{name, name + crossSite} {
		for _, c := range r.CookiesNamed(n) {
			if value, err := s.open(purpose, c.Value, time.Now()); err == nil {
				return value
			}
		}
	}
	return ""
}

// stick adds the cookie and its twin to an answer; each answer begins the duration
// anew.
func (s *sealer) stick(h http.Header, name, purpose, value string, duration time.Duration) {
	now := time.Now()
	c := http.Cookie{
		Name: name, Value: s.seal(purpose, value, now.Add(duration)),
		Path: "/", Expires: now.Add(cookieLifetime),
	}
	h.Add("Set-Cookie", c.String())
	c.Name, c.SameSite, c.Secure = name+crossSite, http.SameSiteNoneMode, true
	h.Add("Set-Cookie", c.String())
}

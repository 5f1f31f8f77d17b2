package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/wire"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// newMember signs a new member in. Members are not stored: the token says who one is.
func (a api) newMember(c *gin.Context) error {
	var body matchapi.NewMember
	if err := wire.DecodeBody(c.Writer, c.Request, maxBody, &body); err != nil {
		return err
	}
	nickname, err := match.Nickname(body.Nickname)
	if err != nil {
		return err
	}
	if err := a.Limits.newMember(c.Request); err != nil {
		return err
	}
	return a.signIn(c, http.StatusCreated, match.Member{ID: a.NewID(), Nickname: nickname})
}

// newToken gives a member a fresh token, also when the old one has just ended.
func (a api) newToken(c *gin.Context) error {
	raw, err := token.Bearer(c.GetHeader("Authorization"))
	if err != nil {
		return err
	}
	m, err := a.Verifier.Renewable(c.Request.Context(), raw)
	if err != nil {
		return err
	}
	return a.signIn(c, http.StatusOK, match.Member{ID: m.ID, Nickname: m.Nickname})
}

func (a api) signIn(c *gin.Context, status int, m match.Member) error {
	raw, expires, err := a.Signer.Member(m.ID, m.Nickname)
	if err != nil {
		return err
	}
	a.Verifier.Issued(raw, token.Member{ID: m.ID, Nickname: m.Nickname, ExpiresAt: expires})
	return answer(c, status, matchapi.Member{
		MemberID: m.ID, Nickname: m.Nickname, Token: raw, ExpiresAt: wire.At(expires),
	})
}

// keys publishes the public keys that verify tokens and tickets.
func (a api) keys(c *gin.Context) error {
	c.Header("Cache-Control", keysMaxAge)
	c.JSON(http.StatusOK, a.Signer.KeySet())
	return nil
}

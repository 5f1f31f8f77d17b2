// Package httpapi is chat-service's HTTP side: which path does what, what a request
// may say, and how an answer looks. Rules about rooms are chat's.
//
// It is the only package that knows gin.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/chatapi"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/tracing"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

// Chat is what members can do over HTTP.
type Chat interface {
	Enter(ctx context.Context, member token.Member, t token.Ticket) (room chat.Room, created bool, err error)
	Leave(ctx context.Context, roomID string, member token.Member) error
	Rooms(ctx context.Context, member token.Member) ([]chat.RoomOf, error)
	Room(ctx context.Context, roomID string, member token.Member) (chat.Room, error)
	Offer(ctx context.Context, roomID string, member token.Member, p chatapi.NewPicture) (chatapi.Offer, error)
	Picture(ctx context.Context, roomID, imageID string, member token.Member) (url string, err error)
	History(ctx context.Context, roomID string, member token.Member, p chat.Page) ([]chat.Message, bool, error)
	Transcript(ctx context.Context, roomID string, member token.Member, show func(chat.Room, []chat.Message) error) error
}

type api struct {
	chat   Chat
	tokens *token.Verifier
	log    *slog.Logger
}

// New makes the handler of the public listener.
func New(c Chat, gateway http.Handler, tokens *token.Verifier, health *service.Health, origins service.Origins, traces *tracing.Tracing, log *slog.Logger) http.Handler {
	return origins.Guard(router(&api{chat: c, tokens: tokens, log: log}, gateway, health, traces))
}

// router has all routes, on one screen; pkg/apidocs describes each of them.
func router(a *api, gateway http.Handler, health *service.Health, traces *tracing.Tracing) *gin.Engine {
	r := engine(a, traces)

	r.GET("/chat/healthz", gin.WrapF(health.Alive))
	r.GET("/chat/ws", gin.WrapH(gateway))
	r.GET("/ws", gin.WrapH(gateway)) // the original system's address, on this service's own port

	rooms := r.Group("/chat/rooms")
	rooms.POST("", a.member(a.enter))
	rooms.GET("", a.member(a.list))
	rooms.GET("/:roomId", a.member(a.room))
	rooms.GET("/:roomId/messages", a.member(a.history))
	rooms.GET("/:roomId/transcript", a.signedIn(a.transcript))
	rooms.HEAD("/:roomId/transcript", a.member(a.transcript))
	rooms.POST("/:roomId/images", a.member(a.offer))
	rooms.GET("/:roomId/images/:imageId", a.member(a.picture))
	rooms.DELETE("/:roomId/members/me", a.member(a.leave))

	docs := gin.WrapH(apidocs.Chat(http.HandlerFunc(a.notFound)))
	for _, path := range []string{"/chat/docs", "/chat/docs/*file"} {
		r.GET(path, docs)
		r.HEAD(path, docs)
	}
	return r
}

func engine(a *api, traces *tracing.Tracing) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(func(c *gin.Context) { service.Route(c.Request, c.FullPath()) })
	r.Use(traces.Middleware()...)
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false // a redirect would lose a POST's body
	r.NoRoute(gin.WrapF(a.notFound))
	r.NoMethod(func(c *gin.Context) {
		service.Fail(c.Writer, c.Request, a.log, fault.New(fault.MethodNotAllowed, "This address does not take %s.", c.Request.Method))
	})
	return r
}

func (a *api) notFound(w http.ResponseWriter, r *http.Request) {
	service.Fail(w, r, a.log, fault.New(fault.NotFound, "There is nothing at this address."))
}

// answer writes what belongs to one member and must not be kept by caches.
func answer(c *gin.Context, status int, body any) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(status, body)
	return nil
}

// member lets a handler run for a signed-in member, for as long as a request may take.
func (a *api) member(handle func(*gin.Context, token.Member) error) gin.HandlerFunc {
	unbounded := a.signedIn(handle)
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), service.RequestTimeout)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		unbounded(c)
	}
}

// signedIn is the same for a handler that bounds its steps itself. Errors are written as
// problems.
func (a *api) signedIn(handle func(*gin.Context, token.Member) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		m, err := a.tokens.FromRequest(c.Request)
		if err == nil {
			err = handle(c, m)
		}
		if err != nil {
			service.Fail(c.Writer, c.Request, a.log, err)
		}
	}
}

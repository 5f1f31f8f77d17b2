package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/pkg/token"
	"github.com/sixseat/sixseat/pkg/tracing"
	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// Matcher is the queue, see match.Service.
type Matcher interface {
	Join(ctx context.Context, m match.Member, wish matchapi.Join) (match.State, error)
	Read(ctx context.Context, m match.Member) (match.State, error)
	Leave(ctx context.Context, m match.Member) (matchapi.Left, error)
	Rooms(ctx context.Context, memberID string) ([]match.Match, error)
}

// Films is the catalogue, see catalogue.Catalogue.
type Films interface {
	Page(ctx context.Context, q catalogue.Query) (matchapi.Movies, error)
	Movie(ctx context.Context, id string) (matchapi.Movie, error)
}

// Watchers tells streams what changes, see match.Watchers.
type Watchers interface {
	Watch(memberID string) (news <-chan match.News, stop func())
}

// Parts are what the API is made of.
type Parts struct {
	Matcher  Matcher
	Films    Films
	Watchers Watchers
	Streams  *Streams
	Signer   *token.Signer
	Verifier *token.Verifier
	Limits   Limits
	Health   *service.Health
	Page     func(notFound http.Handler) http.Handler // the web pages at /match/
	Origins  service.Origins
	Traces   *tracing.Tracing // nil: none
	Now      func() time.Time
	NewID    func() string
	Log      *slog.Logger
}

type api struct {
	Parts
}

// New makes the handler of the public listener.
func New(p Parts) http.Handler { return p.Origins.Guard(router(p)) }

// router has every route there is; pkg/apidocs describes each of them.
func router(p Parts) *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // no banner; its debug log is not ours
	a, r := api{p}, gin.New()
	r.Use(func(c *gin.Context) { service.Route(c.Request, c.FullPath()) })
	r.Use(p.Traces.Middleware()...)
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	r.NoRoute(gin.WrapF(a.notFound))
	r.NoMethod(gin.WrapF(a.notAllowed))

	r.GET("/match/healthz", gin.WrapF(p.Health.Alive))

	r.POST("/match/members", a.handle(a.newMember))
	r.POST("/match/members/me/token", a.handle(a.newToken))

	r.GET("/match/movies", a.handle(a.movies))
	r.GET("/match/movies/:movieId", a.handle(a.movie))

	r.PUT("/match/queue", a.handle(a.join))
	r.GET("/match/queue", a.handle(a.state))
	r.DELETE("/match/queue", a.handle(a.leave))
	r.GET("/match/queue/events", a.stream(a.events))

	r.GET("/match/rooms", a.handle(a.rooms))
	r.GET("/match/.well-known/jwks.json", a.handle(a.keys))

	page := gin.WrapH(p.Page(http.HandlerFunc(a.notFound)))
	r.GET("/match", func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, "/match/") })
	for _, path := range []string{"/match/", "/match/console", "/match/assets/*file"} {
		r.GET(path, page)
		r.HEAD(path, page)
	}
	docs := gin.WrapH(apidocs.Match(http.HandlerFunc(a.notFound)))
	for _, path := range []string{"/match/docs", "/match/docs/*file"} {
		r.GET(path, docs)
		r.HEAD(path, docs)
	}
	return r
}

// handle gives a handler the time that an answer may take.
func (a api) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return a.stream(func(c *gin.Context) error {
		ctx, cancel := context.WithTimeout(c.Request.Context(), service.RequestTimeout)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		return h(c)
	})
}

// stream turns the error of a handler, which may take any time, into a problem.
func (a api) stream(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			service.Fail(c.Writer, c.Request, a.Log, err)
		}
	}
}

func (a api) notFound(w http.ResponseWriter, r *http.Request) {
	fault.Write(w, r, fault.New(fault.NotFound, "There is nothing at this address."))
}

// notAllowed needs no Allow of its own: gin has set it (RFC 9110 section 15.5.6).
func (a api) notAllowed(w http.ResponseWriter, r *http.Request) {
	fault.Write(w, r, fault.New(fault.MethodNotAllowed, "This address does not take %s.", r.Method))
}

// member is who asks, by the token of the request.
func (a api) member(c *gin.Context) (match.Member, error) {
	m, err := a.Verifier.FromRequest(c.Request)
	return match.Member{ID: m.ID, Nickname: m.Nickname}, err
}

// answer writes what belongs to one member and must not be kept by caches.
func answer(c *gin.Context, status int, body any) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(status, body)
	return nil
}

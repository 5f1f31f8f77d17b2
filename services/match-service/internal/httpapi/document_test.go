package httpapi

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/service"
)

func TestRouter_hasTheRoutesOfItsDocument(t *testing.T) {
	r := router(Parts{
		Health: service.NewHealth(nil), Page: func(notFound http.Handler) http.Handler { return notFound }, Log: slog.New(slog.DiscardHandler),
	})
	var routes []string
	for _, route := range r.Routes() {
		routes = append(routes, route.Method+" "+route.Path)
	}
	apitest.Routes(t, apidocs.MatchOpenAPI, routes)
}

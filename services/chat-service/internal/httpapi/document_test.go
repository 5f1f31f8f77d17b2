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
	r := router(&api{log: slog.New(slog.DiscardHandler)}, http.NotFoundHandler(), service.NewHealth(nil), nil)
	var routes []string
	for _, route := range r.Routes() {
		routes = append(routes, route.Method+" "+route.Path)
	}
	apitest.Routes(t, apidocs.ChatOpenAPI, routes)
}

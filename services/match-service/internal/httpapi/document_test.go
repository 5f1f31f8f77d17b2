package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
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

func TestDocument_hasTheNumbersOfTheDomain(t *testing.T) {
	for pointer, want := range map[string]int{
		"Join/properties/alsoMovieIds/maxItems": match.MaxAlso,
		"Waiting/properties/movieIds/maxItems":  1 + match.MaxAlso,
		"Waiting/properties/seats/const":        matchapi.Seats,
		"MatchRoom/properties/seats/maxItems":   matchapi.Seats,
		"MatchRoom/properties/seats/minItems":   matchapi.Seats,
		"Matched/properties/seat/maximum":       matchapi.Seats,
	} {
		if got := fmt.Sprint(apitest.Value(t, apidocs.MatchOpenAPI, "/components/schemas/"+pointer)); got != fmt.Sprint(want) {
			t.Errorf("%s is %s, want %d", pointer, got, want)
		}
	}
}

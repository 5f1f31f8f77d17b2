package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/sixseat/sixseat/pkg/apidocs"
	"github.com/sixseat/sixseat/pkg/apitest"
	"github.com/sixseat/sixseat/pkg/service"

	"github.com/sixseat/sixseat/services/chat-service/internal/chat"
)

func TestRouter_hasTheRoutesOfItsDocument(t *testing.T) {
	r := router(&api{log: slog.New(slog.DiscardHandler)}, http.NotFoundHandler(), service.NewHealth(nil), nil)
	var routes []string
	for _, route := range r.Routes() {
		routes = append(routes, route.Method+" "+route.Path)
	}
	apitest.Routes(t, apidocs.ChatOpenAPI, routes)
}

func TestDocuments_haveTheNumbersOfTheDomain(t *testing.T) {
	const limit = "/paths/~1chat~1rooms~1{roomId}~1messages/get/parameters/3/schema/"
	for _, c := range []struct {
		document, pointer string
		want              int
	}{
		{apidocs.ChatOpenAPI, limit + "maximum", chat.MaxPage},
		{apidocs.ChatOpenAPI, limit + "default", chat.DefaultPage},
		{apidocs.ChatOpenAPI, "/components/schemas/Messages/properties/items/maxItems", chat.MaxPage},
		{apidocs.ChatOpenAPI, "/components/schemas/NewPicture/properties/bytes/maximum", chat.MaxPicture},
		{apidocs.ChatOpenAPI, "/components/schemas/Message/properties/comment/maxLength", chat.MaxComment},
		{apidocs.ChatAsyncAPI, "/components/schemas/Draft/properties/comment/maxLength", chat.MaxComment},
		{apidocs.ChatAsyncAPI, "/components/messages/Say/headers/properties/idempotency-key/maxLength", chat.MaxKey},
	} {
		if got := fmt.Sprint(apitest.Value(t, c.document, c.pointer)); got != fmt.Sprint(c.want) {
			t.Errorf("%s%s is %s, want %d", c.document, c.pointer, got, c.want)
		}
	}
}

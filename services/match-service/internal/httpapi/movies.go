package httpapi

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
)

func (a api) movies(c *gin.Context) error {
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return fault.BadField("query", err.Error())
	}
	q, err := catalogue.ParseQuery(values)
	if err != nil {
		return err
	}
	page, err := a.Films.Page(c.Request.Context(), q)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, page)
}

func (a api) movie(c *gin.Context) error {
	m, err := a.Films.Movie(c.Request.Context(), c.Param("movieId"))
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, m)
}

package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
)

func (a api) movies(c *gin.Context) error {
	q, err := catalogue.ParseQuery(c.Request.URL.Query())
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

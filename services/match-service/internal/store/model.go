package store

import (
	"strings"
	"time"

	"github.com/sixseat/sixseat/services/match-service/internal/catalogue"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

// wait is a row of waits. Times are Unix milliseconds.
type wait struct {
	Turn         int64   `gorm:"column:turn" json:"-"`
	JoinID       string  `gorm:"column:join_id" json:"join_id"`
	MemberID     string  `gorm:"column:member_id" json:"member_id"`
	Nickname     string  `gorm:"column:nickname" json:"nickname"`
	MovieID      string  `gorm:"column:movie_id" json:"movie_id"`
	AlsoMovieIDs string  `gorm:"column:also_movie_ids" json:"also_movie_ids"`
	JoinedAt     int64   `gorm:"column:joined_at" json:"joined_at"`
	AskedAt      int64   `gorm:"column:asked_at" json:"asked_at"`
	Outcome      *string `gorm:"column:outcome" json:"-"`
}

func newWait(a match.Ask, joinedAt time.Time) wait {
	return wait{
		JoinID: a.JoinID, MemberID: a.Member.ID, Nickname: a.Member.Nickname, MovieID: a.Films[0],
		AlsoMovieIDs: strings.Join(a.Films[1:], " "), JoinedAt: joinedAt.UnixMilli(), AskedAt: a.At.UnixMilli(),
	}
}

func (w wait) domain() match.Wait {
	return match.Wait{
		Turn: w.Turn, JoinID: w.JoinID, Member: match.Member{ID: w.MemberID, Nickname: w.Nickname},
		Films:    append([]string{w.MovieID}, strings.Fields(w.AlsoMovieIDs)...),
		JoinedAt: time.UnixMilli(w.JoinedAt).UTC(), AskedAt: time.UnixMilli(w.AskedAt).UTC(),
	}
}

func (w wait) matched() bool { return w.Outcome != nil && *w.Outcome == match.OutcomeMatched }

// standing is where the member stands whose latest wait this is; m is the seat in which it
// ended, if it did.
func (w wait) standing(m *match.Match) match.Standing {
	st := match.Standing{Wait: w.domain(), Match: m}
	if w.Outcome != nil {
		st.Outcome = *w.Outcome
	}
	return st
}

func domainWaits(rows []wait) []match.Wait {
	waits := make([]match.Wait, len(rows))
	for i, r := range rows {
		waits[i] = r.domain()
	}
	return waits
}

// room is a row of rooms.
type room struct {
	RoomID    string `gorm:"column:room_id" json:"room_id"`
	MovieID   string `gorm:"column:movie_id" json:"movie_id"`
	Title     string `gorm:"column:title" json:"title"`
	CreatedAt int64  `gorm:"column:created_at" json:"created_at"`
}

// seat is a row of seats.
type seat struct {
	RoomID     string  `gorm:"column:room_id" json:"room_id"`
	Seat       int     `gorm:"column:seat" json:"seat"`
	Generation int     `gorm:"column:generation" json:"generation"`
	MemberID   string  `gorm:"column:member_id" json:"member_id"`
	Nickname   string  `gorm:"column:nickname" json:"nickname"`
	JoinID     string  `gorm:"column:join_id" json:"join_id"`
	GivenAt    int64   `gorm:"column:given_at" json:"given_at"`
	EnteredAt  *int64  `gorm:"column:entered_at" json:"-"`
	Outcome    *string `gorm:"column:outcome" json:"-"`
}

// movie is a row of movies.
type movie struct {
	MovieID        string `gorm:"column:movie_id;primaryKey"`
	Title          string `gorm:"column:title"`
	ReleaseYear    int    `gorm:"column:release_year"`
	Director       string `gorm:"column:director"`
	Genre          string `gorm:"column:genre"`
	RunningTimeMin int    `gorm:"column:running_time_min"`
	RatingTenths   int    `gorm:"column:rating_tenths"`
	Votes          int    `gorm:"column:votes"`
	TitleKey       string `gorm:"column:title_key"`
	GenreKey       string `gorm:"column:genre_key"`
	Search         string `gorm:"column:search"`
}

func newMovie(f catalogue.Film) movie {
	return movie{
		MovieID: f.ID, Title: f.Title, ReleaseYear: f.Year, Director: f.Director, Genre: f.Genre,
		RunningTimeMin: f.Minutes, RatingTenths: f.RatingTenths, Votes: f.Votes,
		TitleKey: catalogue.Title.Key(f), GenreKey: catalogue.Fold(f.Genre),
		// No search holds a line break, so none can match across the two.
		Search: catalogue.Fold(f.Title) + "\n" + catalogue.Fold(f.Director),
	}
}

func (m movie) domain() catalogue.Film {
	return catalogue.Film{
		ID: m.MovieID, Title: m.Title, Year: m.ReleaseYear, Director: m.Director, Genre: m.Genre,
		Minutes: m.RunningTimeMin, RatingTenths: m.RatingTenths, Votes: m.Votes,
	}
}

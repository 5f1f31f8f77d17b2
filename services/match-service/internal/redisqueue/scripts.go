package redisqueue

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

//go:embed *.lua
var luaFiles embed.FS

// scripts are called by their hash (EVALSHA); a server that does not know it, after a
// restart or a fail-over, is sent the text.
type scripts struct {
	join, touch, leave, settle, register, putBack, sweep, compare *redis.Script // begin with constants and begin.lua
	counts, advance                                               *redis.Script // stand alone
}

func newScripts(l match.Limits) scripts {
	text := func(files ...string) (all string) {
		for _, f := range files {
			all += lua(f)
		}
		return all
	}
	begin, shared := constants(l)+lua("begin"), text("common", "pop", "view")
	step := func(files ...string) *redis.Script { return redis.NewScript(begin + shared + text(files...)) }
	return scripts{
		join: step("join"), leave: step("leave"), settle: step("room", "settle"),
		touch:    redis.NewScript(begin + lua("unknown") + shared + lua("touch")),
		register: step("room", "register"), putBack: step("putback"), sweep: step("sweep"), compare: step("compare"),
		counts: redis.NewScript(lua("counts")), advance: redis.NewScript(lua("advance")),
	}
}

// lua is the text of one embedded file.
func lua(name string) string {
	text, err := luaFiles.ReadFile(name + ".lua")
	if err != nil { // the name of a file that is not there is a bug, seen by every test
		panic("redisqueue: " + err.Error())
	}
	return string(text)
}

// constants are the limits as Lua locals, so that they are written down once, in Go.
func constants(l match.Limits) string {
	ms := time.Duration.Milliseconds
	return fmt.Sprintf("local SEATS, LOOK, DUE = %d, %d, %d\n", matchapi.Seats, match.MaxAbsentees, match.MaxDue) +
		fmt.Sprintf("local PRESENT, KEPT, ALSO, NOSHOW = %d, %d, %d, %d\n", ms(l.Present), ms(l.Kept), ms(l.AlsoAfter), ms(l.NoShowAfter)) +
		fmt.Sprintf("local CLAIM, PAUSE, KEEP, YOUNG = %d, %d, %d, %d\n", ms(match.ClaimAfter), ms(match.PauseAfter), ms(keepEnded), ms(match.Young)) +
		fmt.Sprintf("local REFILL, FEED, AUDIT = %d, %d, %d\n", ms(match.RefillFor), ms(match.FeedEvery), ms(match.AuditEvery)) +
		fmt.Sprintf("local FEEDLAG, RATE, STALE = %d, %d, %d\n", ms(matchapi.FeedLag), ms(match.RateMemory), ms(match.RateForgotten))
}

// run runs a step that begins with begin.lua.
func (q *Queue) run(ctx context.Context, s *redis.Script, args ...any) (reply, error) {
	argv := append([]any{q.now().UnixMilli(), q.newID()}, args...)
	text, err := q.send(ctx, &step{s, argv})
	if err != nil {
		return reply{}, translate(fmt.Errorf("queue step: %w", err))
	}
	return read(text)
}

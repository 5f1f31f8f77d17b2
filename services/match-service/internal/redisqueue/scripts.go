package redisqueue

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sixseat/sixseat/pkg/matchapi"
	"github.com/sixseat/sixseat/services/match-service/internal/match"
)

var (
	//go:embed common.lua
	commonLua string
	//go:embed join.lua
	joinLua string
	//go:embed touch.lua
	touchLua string
	//go:embed leave.lua
	leaveLua string
	//go:embed settle.lua
	settleLua string
	//go:embed putback.lua
	putBackLua string
	//go:embed sweep.lua
	sweepLua string
	//go:embed counts.lua
	countsLua string
)

// scripts are called by their hash (EVALSHA); redis.Script sends the text when the
// server does not know it, after a restart or a fail-over.
type scripts struct {
	join, touch, leave, settle, putBack, sweep, counts *redis.Script
}

func newScripts(l match.Limits) scripts {
	head := constants(l) + commonLua
	return scripts{
		join: redis.NewScript(head + joinLua), touch: redis.NewScript(head + touchLua),
		leave: redis.NewScript(head + leaveLua), settle: redis.NewScript(head + settleLua),
		putBack: redis.NewScript(head + putBackLua), sweep: redis.NewScript(head + sweepLua),
		counts: redis.NewScript(countsLua),
	}
}

// constants are the limits as Lua locals, so that they are written down once, in Go.
func constants(l match.Limits) string {
	ms := time.Duration.Milliseconds
	return fmt.Sprintf("local SEATS, LOOK, DUE = %d, %d, %d\n", matchapi.Seats, match.MaxAbsentees, match.MaxDue) +
		fmt.Sprintf("local PRESENT, KEPT, ALSO = %d, %d, %d\n", ms(l.Present), ms(l.Kept), ms(l.AlsoAfter)) +
		fmt.Sprintf("local CLAIM, PAUSE, KEEP = %d, %d, %d\n", ms(match.ClaimAfter), ms(match.PauseAfter), ms(keepEnded))
}

// run runs a step that begins with common.lua.
func (q *Queue) run(ctx context.Context, s *redis.Script, args ...any) (reply, error) {
	argv := append([]any{q.now().UnixMilli(), q.newID()}, args...)
	text, err := s.Run(ctx, q.rdb, []string{q.base}, argv...).Text()
	if err != nil {
		return reply{}, translate(fmt.Errorf("queue step: %w", err))
	}
	var r reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return reply{}, fmt.Errorf("read the answer of a queue step: %w", err)
	}
	if err := r.decodeRoom(); err != nil {
		return reply{}, err
	}
	return r, nil
}

package main

import "testing"

func TestRefuse_keepsTheArrows(t *testing.T) {
	for _, c := range []struct {
		from, to string
		refused  bool
	}{
		{"services/chat-service", project + "services/chat-service/app", false},
		{"services/chat-service", project + "services/chat-service/internal/chat", true},
		{"services/chat-service/internal/chat", project + "services/chat-service/internal/store", true},
		{"services/chat-service/internal/chat", project + "pkg/fault", false},
		{"services/chat-service/internal/chat", "gorm.io/gorm", true},
		{"services/chat-service/internal/store", "gorm.io/gorm/clause", false},
		{"services/chat-service/internal/hub", "github.com/gin-gonic/gin", true},
		{"services/match-service/internal/redisqueue", "github.com/redis/go-redis/v9", false},
		{"services/match-service/internal/match", "github.com/redis/go-redis/v9", true},
		{"services/match-service/internal/httpapi", project + "services/chat-service/app", true},
		{"services/match-service/app", project + "pkg/embedded", true},
		{"infra/onebox/box", project + "pkg/embedded", false},
		{"services/match-service/internal/match", "github.com/prometheus/client_golang/prometheus", true},
		{"services/chat-service/internal/hub", "github.com/prometheus/client_golang/prometheus", false},
		{"docker/integration", project + "pkg/chatter", false},
		{"docker/integration", project + "services/chat-service/app", true},
		{"pkg/token", project + "infra/localalb/rules", true},
		{"infra/capacity/internal/scene", project + "pkg/token", false},
		{"infra/capacity/internal/scene", project + "infra/capacity/internal/pace", false},
		{"infra/capacity", project + "services/chat-service/app", true},
	} {
		if got := refuse(c.from, c.to); (got != "") != c.refused {
			t.Errorf("refuse(%s, %s) = %q, want refused %v", c.from, c.to, got, c.refused)
		}
	}
}

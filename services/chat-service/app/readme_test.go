package app_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/service"

	"github.com/sixseat/sixseat/services/chat-service/app"
)

func TestREADME_listsEverySettingAsItIs(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := service.Settings[app.Config]()
	if err != nil {
		t.Fatal(err)
	}
	if table := service.Table(settings); !strings.Contains(string(readme), table) {
		t.Errorf("put this table into services/chat-service/README.md:\n%s", table)
	}
}

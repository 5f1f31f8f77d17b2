package app_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/service"
	"github.com/sixseat/sixseat/services/match-service/app"
)

func TestReadme_listsEverySetting(t *testing.T) {
	settings, err := service.Settings[app.Config]()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if table := service.Table(settings); !strings.Contains(string(readme), table) {
		t.Errorf("README.md must contain this table:\n%s", table)
	}
}

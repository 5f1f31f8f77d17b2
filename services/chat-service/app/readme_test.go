package app

import (
	"os"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/service"
)

func TestReadme_hasTheConfigurationTable(t *testing.T) {
	settings, err := service.Settings[Config]()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		if s.Help == "" {
			t.Errorf("%s has no help tag in config.go", s.Name)
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if table := service.Table(settings); !strings.Contains(string(readme), table) {
		t.Errorf("put this table into services/chat-service/README.md in place of the old one:\n%s", table)
	}
}

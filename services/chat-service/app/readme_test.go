package app

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/pkg/fault"
	"github.com/sixseat/sixseat/pkg/service"
)

func TestReadme_hasTheCloseCodes(t *testing.T) {
	table := "| code | what happened | what to do |\n| --- | --- | --- |\n"
	for _, c := range fault.CloseCodes {
		table += fmt.Sprintf("| %d | %s | %s |\n", c.Code, c.Means, c.Advises)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), table) {
		t.Errorf("put this table into services/chat-service/README.md in place of the old one:\n%s", table)
	}
}

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

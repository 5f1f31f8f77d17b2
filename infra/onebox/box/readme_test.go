package box_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sixseat/sixseat/infra/onebox/box"
	"github.com/sixseat/sixseat/pkg/service"
)

func TestREADME_listsEverySettingAsItIs(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := service.Settings[box.Config]()
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(service.Table(settings), "| --- | --- | --- |\n")
	if !strings.Contains(string(readme), rows) {
		t.Errorf("put these rows into README.md:\n%s", rows)
	}
}

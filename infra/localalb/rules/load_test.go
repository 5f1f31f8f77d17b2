package rules

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoad_aFileThatIsTooLongIsAnErrorThatNamesIt(t *testing.T) {
	for size, want := range map[int]string{maxFileBytes: "", maxFileBytes + 1: "read big.tf: more than"} {
		_, err := Load(fstest.MapFS{"big.tf": {Data: bytes.Repeat([]byte("\n"), size)}})
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%d bytes: %v, want %q", size, err, want)
		}
	}
}

func TestLoadDir_followsAModuleBesideTheFolder(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"stack/main.tf":   "module \"x\" {\n source = \"../service\"\n}\n",
		"service/main.tf": "module \"y\" {\n source = \"../stack\"\n}\nresource \"aws_lb\" \"hidden\" {\n}\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := LoadDir(filepath.Join(root, "stack"))
	if want := filepath.Join(root, "service", "main.tf") + ":4: aws_lb is in a module"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s…", err, want)
	}
}

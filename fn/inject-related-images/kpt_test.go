package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheREADMEsKptfileInjects renders a package with the Kptfile that the README shows, as it is.
func TestTheREADMEsKptfileInjects(t *testing.T) {
	need(t, "kpt")
	readme, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## kpt\n")
	_, kptfile, _ := strings.Cut(section, "```yaml\n")
	kptfile, _, ok := strings.Cut(kptfile, "```")
	if !ok {
		t.Fatal("README.md has no Kptfile")
	}
	dir := filepath.Join(t.TempDir(), "package")
	copyTree(t, filepath.Join(repository(t), "examples/kpt/package"), dir)
	if err := os.WriteFile(filepath.Join(dir, "Kptfile"), []byte(kptfile), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("kpt", "fn", "render", dir, "--allow-exec").CombinedOutput(); err != nil {
		t.Fatalf("kpt fn render: %v\n%s\nwith\n%s", err, out, kptfile)
	}
	templates, err := os.ReadFile(filepath.Join(dir, "templates.yaml"))
	if err != nil || !strings.Contains(string(templates), "quay.io/acme/udi@sha256:03cead9794ae") {
		t.Errorf("got %v and no injected image in\n%s", err, templates)
	}
}

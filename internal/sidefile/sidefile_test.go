package sidefile_test

import (
	"os"
	"path/filepath"
	"testing"

	"inject-related-images/internal/sidefile"
)

// TestAFileThatTheProcessWritesToIsAppendedTo opens a log as a parent of the process would, under another name.
func TestAFileThatTheProcessWritesToIsAppendedTo(t *testing.T) {
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	write := func(text string) {
		if _, err := log.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("before ")
	if err := os.Link(log.Name(), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"log", "link"} {
		file, err := sidefile.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		write("between ")
		if err := file.Write("7 "); err != nil {
			t.Error(err)
		}
	}
	write("after")
	if got, err := os.ReadFile(log.Name()); err != nil || string(got) != "before between 7 between 7 after" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestAFileThatIsOnlyReadIsWrittenOver has a descriptor of the file that nothing can be written to.
func TestAFileThatIsOnlyReadIsWrittenOver(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	file, err := sidefile.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Write("7"); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "7" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDiscardLeavesAFileAsItWas(t *testing.T) {
	dir := t.TempDir()
	old, target, link := filepath.Join(dir, "old"), filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(old, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{old, link, target, filepath.Join(dir, "new")} {
		file, err := sidefile.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Discard(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if content, err2 := os.ReadFile(old); err != nil || err2 != nil || len(entries) != 2 || string(content) != "before" {
		t.Errorf("got %v, %v, and %q, %v", entries, err, content, err2)
	}
}

package tree

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAFileThatIsNoMoreWhatWasReadIsLeftAlone changes the folder of a file between reading and writing.
func TestAFileThatIsNoMoreWhatWasReadIsLeftAlone(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"the folder is another one": func(dir string) error {
			if err := os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "old")); err != nil {
				return err
			}
			return os.Symlink("b", filepath.Join(dir, "a"))
		},
		"the file is another one": func(dir string) error {
			return os.Rename(filepath.Join(dir, "b/x.yaml"), filepath.Join(dir, "a/x.yaml"))
		},
		"the file is gone": func(dir string) error { return os.Remove(filepath.Join(dir, "a/x.yaml")) },
	} {
		dir := t.TempDir()
		for _, folder := range []string{"a", "b"} {
			if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, folder, "x.yaml"), []byte(folder), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		root, err := openRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		var r reader
		f := file{root: root, name: "a/x.yaml", show: "a/x.yaml"}
		text, was, err := r.read(f)
		if err != nil || text != "a" {
			t.Fatalf("%s: read %q, %v", name, text, err)
		}
		if err := change(dir); err != nil {
			t.Fatal(err)
		}
		if err := rewriteFile(f, "new", was); err == nil {
			t.Errorf("%s: it was replaced", name)
		}
		r.close()
		if err := root.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

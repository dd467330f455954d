package files

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"inject-related-images/internal/replace"
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
		was, err := r.read(f)
		if err != nil || was.Text != "a" {
			t.Fatalf("%s: read %q, %v", name, was.Text, err)
		}
		if err := change(dir); err != nil {
			t.Fatal(err)
		}
		if err := rewriteFile(t.Context(), new(replace.Writer), f, "new", was); err == nil {
			t.Errorf("%s: it was replaced", name)
		}
		r.close()
		if err := root.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilesAreListedInTheOrderOfTheirNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/x.yaml", "a.b/y.yaml", "a-b.yaml", "a/b/c/d/z.json", "a/b.yml", ".git/config.yaml", "a/.git/x.yaml", "b/readme.md", "z.yaml", "a/external_images.txt"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link.yaml": "z.yaml", "b/link": "../a/b"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for path, want := range map[string][]string{
		".":                                 {"a/b/c/d/z.json", "a/b.yml", "a/external_images.txt", "a/x.yaml", "a-b.yaml", "a.b/y.yaml", "z.yaml"},
		"b/link/../b/..":                    {"b/b/c/d/z.json", "b/b.yml", "b/external_images.txt", "b/x.yaml"}, // the system says that it is a
		"./a/":                              {"a/b/c/d/z.json", "a/b.yml", "a/external_images.txt", "a/x.yaml"},
		"../" + filepath.Base(dir) + "/a.b": {"../" + filepath.Base(dir) + "/a.b/y.yaml"},
		dir + "/a.b":                        {dir + "/a.b/y.yaml"},
	} {
		files := list{ctx: t.Context()}
		files.add([]string{path})
		var got []string
		for _, f := range files.files {
			got = append(got, f.show)
			var r reader
			if _, err := r.read(f); err != nil {
				t.Errorf("%s: %s in %s: %v", path, f.name, f.root.Name(), err)
			}
			r.close()
		}
		if !slices.Equal(got, want) || files.errs != nil {
			t.Errorf("%s: got %q, %v, want %q", path, got, files.errs, want)
		}
		if links := files.links; path == "." && links != 2 {
			t.Errorf("got %d symbolic links, want 2", links)
		}
		files.close()
	}
}

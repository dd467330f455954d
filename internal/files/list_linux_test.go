package files

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestAFolderThatIsMountedTwiceIsListedOnce needs root that may mount.
func TestAFolderThatIsMountedTwiceIsListedOnce(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "a/x.yaml"), "a: 1\n")
	if err := os.Link(filepath.Join(dir, "a/x.yaml"), filepath.Join(dir, "a/y.yaml")); err != nil { // another file
		t.Fatal(err)
	}
	if err := syscall.Mount(filepath.Join(dir, "a"), filepath.Join(dir, "b"), "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(filepath.Join(dir, "b"), 0) })
	files := list{ctx: t.Context()}
	defer files.close()
	if errs := files.add([]string{dir}); errs != nil || len(files.files) != 2 {
		t.Errorf("got %d files, %v, want the 2 of a", len(files.files), errs)
	}
}

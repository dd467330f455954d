package replace

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestImmutableFilesAreTold needs root, and a file system with such flags.
func TestImmutableFilesAreTold(t *testing.T) {
	for _, name := range []string{file, "."} {
		s := newScene(t)
		path := filepath.Join(s.dir, name)
		if out, err := exec.Command("chattr", "+i", path).CombinedOutput(); err != nil {
			t.Skipf("chattr: %v, %s", err, out)
		}
		t.Cleanup(func() { _ = exec.Command("chattr", "-i", path).Run() })
		err := new(Writer).Replace(t.Context(), s.folder, file, "new", s.read)
		if err == nil || !strings.Contains(err.Error(), "chattr -i") {
			t.Errorf("%s: got %v, want it to say that it is immutable", name, err)
		}
		s.holds("old")
	}
}

// TestAFileThatIsMountedIsTold needs root that may mount.
func TestAFileThatIsMountedIsTold(t *testing.T) {
	s := newScene(t)
	path, other := filepath.Join(s.dir, file), filepath.Join(t.TempDir(), "other")
	s.check(os.WriteFile(other, []byte("mounted"), 0o644))
	if err := syscall.Mount(other, path, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(path, 0) })
	var err error
	s.read, err = look(s.folder, file)
	s.check(err)
	err = new(Writer).Replace(t.Context(), s.folder, file, "new", s.read)
	if err == nil || !strings.Contains(err.Error(), "mounted by itself") {
		t.Errorf("got %v, want it to say that it is mounted", err)
	}
	s.holds("mounted")
}

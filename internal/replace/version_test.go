package replace

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	s := newScene(t)
	for name, turn := range map[string]func(path string) error{
		"a link":   func(path string) error { return os.Symlink(file, path) },
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a socket": func(path string) error {
			listener, err := net.Listen("unix", path)
			if err == nil {
				t.Cleanup(func() { listener.Close() })
			}
			return err
		},
	} {
		s.check(turn(filepath.Join(s.dir, name)))
		if f, _, err := OpenRegular(s.folder, name); !errors.Is(err, errIrregular) {
			t.Errorf("%s: got %v, %v, want %v", name, f, err, errIrregular)
		}
		if f, _, err := Open(s.folder, name); name != "a link" && !errors.Is(err, errIrregular) {
			t.Errorf("%s: got %v, %v, want %v", name, f, err, errIrregular)
		}
	}
}

package access_test

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"inject-related-images/internal/access"
)

// What belongs to other users is told by the scenes in fn/inject-related-images: they run the program as somebody else.

func TestAReadOnlyMountIsNoMatterOfOwners(t *testing.T) {
	err := access.Write(t.TempDir(), &fs.PathError{Op: "open", Path: "reg/a.yaml", Err: syscall.EROFS}, ", or do otherwise")
	want := "open reg/a.yaml: read-only file system: mount it read-write (in Kubernetes without readOnly), or do otherwise"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestOnlyRefusalsAreExplained(t *testing.T) {
	for _, err := range []error{nil, fs.ErrNotExist, syscall.ENOSPC} {
		if got := access.Write("/", err, ", or do otherwise"); got != err {
			t.Errorf("Write(%v): got %v", err, got)
		}
	}
}

func TestAnExplainedErrorIsStillTheError(t *testing.T) {
	for _, err := range []error{syscall.EACCES, syscall.EPERM} {
		if got := access.Read("/no/such/file", err); !errors.Is(got, fs.ErrPermission) || !strings.Contains(got.Error(), ": the folder / belongs to user ") {
			t.Errorf("Read(%v): got %v, want it explained by the nearest folder that there is", err, got)
		}
	}
}

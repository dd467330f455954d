// Package access explains why a file could not be read or written. The files of a container's
// workspace often belong to another user than the one that the container runs as, and "permission
// denied" tells neither.
package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Read returns err, which says why the file or folder at path could not be read. If permission was
// denied, it adds who owns the file, who asks, and what to do.
func Read(path string, err error) error {
	return explain(path, err, "read", "")
}

// Write does the same for a file or folder that could not be written. otherwise is what the user
// could do instead, or empty.
func Write(path string, err error, otherwise string) error {
	if errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: mount it read-write (in Kubernetes without readOnly)%s", err, otherwise)
	}
	return explain(path, err, "write", otherwise)
}

// Replace does the same for the file old in the folder dir, which could not be replaced by a new
// file of the same owner. If old belongs to another user, the error says that and not what failed
// first: permission to write to the folder would not be enough.
func Replace(old fs.FileInfo, dir string, err error, otherwise string) error {
	stat, ok := old.Sys().(*syscall.Stat_t)
	var pathError *fs.PathError
	chown := false
	if errors.As(err, &pathError) { // it names a temporary file, which the user does not know
		chown, err = pathError.Op == "chown", pathError.Err
	}
	var linkError *os.LinkError
	if errors.As(err, &linkError) {
		err = linkError.Err
	}
	if !ok || !errors.Is(err, fs.ErrPermission) || !chown && int(stat.Uid) == os.Getuid() {
		return Write(dir, err, otherwise)
	}
	return fmt.Errorf("%w: it belongs to %s, mode %s, and this process is %s, to whom a new file would belong: "+
		"run as that user and group (in Kubernetes securityContext.runAsUser and runAsGroup)%s",
		err, owner(old), old.Mode(), process(), otherwise)
}

func explain(path string, err error, verb, otherwise string) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	path, info := nearest(path)
	if info == nil {
		return err
	}
	it := "it"
	if info.IsDir() {
		it = "the folder " + path
	}
	advice := fmt.Sprintf(
		"run as that user (in Kubernetes securityContext.runAsUser), or as a group that may %s it (fsGroup)",
		verb,
	)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) == os.Getuid() {
		advice = fmt.Sprintf("allow its owner to %s it, by chmod", verb)
	}
	return fmt.Errorf(
		"%w: %s belongs to %s, mode %s, and this process is %s: %s%s",
		err,
		it,
		owner(info),
		info.Mode(),
		process(),
		advice,
		otherwise,
	)
}

// nearest returns path, or the nearest folder above it that exists for this process: that is the
// one that refuses.
func nearest(path string) (string, fs.FileInfo) {
	for {
		info, err := os.Stat(path)
		if err == nil {
			return path, info
		}
		parent := filepath.Dir(path)
		if parent == path {
			return path, nil
		}
		path = parent
	}
}

// owner says who owns a file.
func owner(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "an unknown user"
	}
	return fmt.Sprintf("user %d and group %d", stat.Uid, stat.Gid)
}

// process says who this process is.
func process() string {
	return fmt.Sprintf("user %d and group %d", os.Getuid(), os.Getgid())
}

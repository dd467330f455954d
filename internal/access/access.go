// Package access explains why a file could not be read or written. The files of a container's workspace often belong to another
// user than the one that the container runs as, and "permission denied" tells neither.
package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Read returns err, which says why the file or folder at path could not be read. Where that is for want of permission it adds who
// owns what is there, who asks, and what to do.
func Read(path string, err error) error {
	return explain(path, err, "read", "")
}

// Write does the same for what could not be written. otherwise is what else could be done, or empty.
func Write(path string, err error, otherwise string) error {
	if errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: have it mounted to be written to (in Kubernetes without readOnly)%s", err, otherwise)
	}
	return explain(path, err, "write", otherwise)
}

// Replace does the same for a file, old, in whose place no new one of the same owner could be put, in the folder dir. Where the file
// is another's, that is what is to be told, whatever came first: leave to write to the folder would not do.
func Replace(old fs.FileInfo, dir string, err error, otherwise string) error {
	stat, ok := old.Sys().(*syscall.Stat_t)
	var pathError *fs.PathError
	chown := false
	if errors.As(err, &pathError) { // which names a temporary file
		chown, err = pathError.Op == "chown", pathError.Err
	}
	if !ok || !errors.Is(err, fs.ErrPermission) || !chown && int(stat.Uid) == os.Getuid() {
		return Write(dir, err, otherwise)
	}
	return fmt.Errorf("%w: it belongs to %s, mode %s, and this process is %s, to whom a new file would belong: "+
		"run as that user and group (in Kubernetes securityContext.runAsUser and runAsGroup)%s", err, owner(old), old.Mode(), process(), otherwise)
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
	advice := fmt.Sprintf("run as that user (in Kubernetes securityContext.runAsUser), or as a group that may %s it (fsGroup)", verb)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) == os.Getuid() {
		advice = fmt.Sprintf("give its owner leave to %s it, by chmod", verb)
	}
	return fmt.Errorf("%w: %s belongs to %s, mode %s, and this process is %s: %s%s", err, it, owner(info), info.Mode(), process(), advice, otherwise)
}

// nearest returns path, or the folder above it that can be seen: that is the one which refuses.
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

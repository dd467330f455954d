package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"

	"inject-related-images/internal/access"
)

var errChanged = errors.New("somebody else has changed it since it was read: run again")

// rewriteFile puts content in the place of a file that was read, if it is still the same.
func rewriteFile(f file, content string, read fs.FileInfo) error {
	info, err := f.root.Lstat(f.name)
	if err != nil || !isUnchanged(read, info) {
		return errChanged
	}
	err = replace(f.root, f.name, content, info, read)
	return access.Replace(info, filepath.Join(f.root.Name(), path.Dir(f.name)), err,
		", or write to another folder with --to")
}

// copyFile makes a file in output, with its folders, unless it is there with that content. A copy
// may belong to who makes it.
func copyFile(output *root, f file, content string) error {
	if is, err := output.ReadFile(f.name); err == nil && string(is) == content {
		return nil
	}
	for dir := path.Dir(f.name); dir != "."; dir = path.Dir(dir) {
		if info, err := output.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a symbolic link there, and none is followed: remove it, or choose another folder", dir)
		}
	}
	info, err := f.root.Lstat(f.name)
	if err != nil || !info.Mode().IsRegular() {
		return errChanged
	}
	err = output.MkdirAll(path.Dir(f.name), 0o777)
	if err == nil {
		err = replace(output, f.name, content, info, nil)
	}
	return access.Write(filepath.Join(output.Name(), path.Dir(f.name)), err, "")
}

// replace puts content in the place of the file name in root, or makes it, atomically: a reader
// sees the old file or the new one. Its mode is that of like, and its owner as well, or of a copy,
// if he cannot be, whoever this process is. What is not a copy must still be what was read.
func replace(root *root, name, content string, like, read fs.FileInfo) (err error) {
	dir, err := root.OpenRoot(path.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	pending, err := renameio.NewPendingFile(
		path.Base(name),
		renameio.WithRoot(dir),
		renameio.WithStaticPermissions(like.Mode().Perm()),
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pending.Cleanup()) }()
	if err := keepOwner(pending.File, like); err != nil && read != nil {
		return err
	}
	if like.Mode()&^fs.ModePerm != 0 { // set-user-ID and its kind, which a new owner takes away
		if err := pending.Chmod(like.Mode()); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(pending, content); err != nil {
		return err
	}
	if is, err := dir.Lstat(path.Base(name)); read != nil && (err != nil || !isUnchanged(read, is)) {
		return errChanged
	}
	return pending.CloseAtomicallyReplace()
}

func keepOwner(f *os.File, like fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	is, ok1 := info.Sys().(*syscall.Stat_t)
	want, ok2 := like.Sys().(*syscall.Stat_t)
	if !ok1 || !ok2 || is.Uid == want.Uid && is.Gid == want.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}

package replace

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// swap exchanges the file in the stage and the target. The error is errors.ErrUnsupported where
// that cannot be done, or may not: renaming says then whether it is this call that is refused.
func (e exchange) swap() error {
	err := unix.Renameat2(int(e.lock.Fd()), e.entry, int(e.directory.Fd()), e.target, unix.RENAME_EXCHANGE)
	if err == unix.EINVAL || err == unix.EPERM {
		return errors.ErrUnsupported
	}
	return err
}

// isOpenForWriting tells whether any process has a file open for writing: then the system gives
// nobody a lease on it. It gives none either on files of others, to whom is not root, and on some
// file systems; then the answer is no. The lease ends when the file is closed.
func isOpenForWriting(f *os.File) bool {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	return err == unix.EAGAIN
}

// isImmutable tells whether nobody may change a file, whatever its mode says: chattr +i, or +a.
func isImmutable(folder *os.Root, name string) bool {
	directory, err := folder.Open(".")
	if err != nil {
		return false
	}
	defer directory.Close()
	var stat unix.Statx_t
	err = unix.Statx(int(directory.Fd()), name, unix.AT_SYMLINK_NOFOLLOW, 0, &stat)
	return err == nil && stat.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
}

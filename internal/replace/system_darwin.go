package replace

import (
	"errors"

	"golang.org/x/sys/unix"
)

// swap exchanges the file in the stage and the target. The error is errors.ErrUnsupported where
// that cannot be done.
func (e exchange) swap() error {
	err := unix.RenameatxNp(int(e.lock.Fd()), e.entry, int(e.directory.Fd()), e.target, unix.RENAME_SWAP)
	if err == unix.EINVAL {
		return errors.ErrUnsupported
	}
	return err
}

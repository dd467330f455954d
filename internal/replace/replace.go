// Package replace puts new text in the place of files so that nothing is lost: not what somebody
// else writes at the same moment, and nothing at all when the process is killed.
//
// The new text is written to a folder beside the file, the stage, and synced. Then the two files are
// exchanged, which the system does in one step: who reads the file sees the old text
// or the new one. What was displaced is compared with what was read. If it is something else,
// somebody has changed the file since: the two are exchanged back, and the caller is told.
//
// Where the system or the file system cannot exchange files, the file is compared first and then
// renamed over. What somebody writes between these two system calls is lost.
package replace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ErrChanged says that a file is no longer what was read. It was left as it is.
var ErrChanged = errors.New("another process has changed it since it was read: run inject again")

// Writer replaces files, several at a time. It waits while another process writes in the same folder,
// until the context ends. Its zero value is ready to use.
type Writer struct{ stages stages }

// Replace puts text in the place of the file name in a folder, if that is still the version that
// was read; otherwise the error is ErrChanged. Owner, mode, extended attributes and access control
// list are kept, or it is an error. Other names of the file, hard links, keep the old text.
func (w *Writer) Replace(ctx context.Context, folder *os.Root, name, text string, read Version) error {
	s, err := w.stages.open(ctx, folder)
	if err != nil {
		return err
	}
	defer w.stages.close(s)
	old, info, err := OpenRegular(s.folder, name)
	if err != nil {
		return changedIfGone(err)
	}
	defer old.Close()
	if !read.IsCurrent(info) {
		return ErrChanged
	}
	unfinished, written, err := s.write(name, text, old, true)
	if err != nil {
		return err
	}
	e := exchange{stage: s.stage, target: name, entry: entryOf(unfinished, read.Text, text), old: old, read: read}
	if err := s.Rename(unfinished, e.entry); err != nil {
		return err
	}
	return e.replace(Version{written, text})
}

// Copy makes the file name in a folder, or replaces one that is there, with the text, mode and
// access control list of the file like. Its owner and attributes are kept where that is possible.
func (w *Writer) Copy(ctx context.Context, folder *os.Root, name, text string, like *os.File) error {
	s, err := w.stages.open(ctx, folder)
	if err != nil {
		return err
	}
	defer w.stages.close(s)
	unfinished, _, err := s.write(name, text, like, false)
	if err != nil {
		return err
	}
	return s.moveTo(unfinished, name)
}

// changedIfGone returns ErrChanged for the error that there is no such file.
func changedIfGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrChanged
	}
	return err
}

// exchange is that of a file in a stage and the target, the file that it is to replace.
type exchange struct {
	*stage
	target string
	entry  string   // the file in the stage
	old    *os.File // the target as it was read
	read   Version
}

// replace exchanges the file that was written and the target.
func (e exchange) replace(written Version) error {
	if now, err := e.folder.Lstat(e.target); err != nil {
		return changedIfGone(err)
	} else if !e.read.IsCurrent(now) {
		return ErrChanged
	}
	err := e.swap()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return e.compareAndRename()
	case err != nil:
		return changedIfGone(whyRefused(e.folder, e.target, err))
	}
	if isOpenForWriting(e.old) { // else it stays what it is while it is read
		return e.giveBack(written, ErrOpen)
	}
	if err := e.checkRead(e.Root, e.entry); err != nil {
		return e.giveBack(written, err)
	}
	_ = e.Remove(e.entry) // if not, a later run does
	return nil
}

// ErrOpen says that the file was left as it is, since what another process is about to write to the
// old file would be lost.
var ErrOpen = errors.New("another process has it open for writing: run again when that is done")

// checkRead returns nil if the file name in a folder has the text that was read. It may be another
// file: in an overlay the one that was read gets another number when it is moved.
func (e exchange) checkRead(folder *os.Root, name string) error {
	info, err := folder.Lstat(name)
	if err != nil {
		return changedIfGone(err)
	}
	now := Version{Info: info}
	if os.SameFile(info, e.read.Info) {
		now.Text, err = ReadAll(e.old)
	} else {
		now, err = look(folder, name)
	}
	if err == nil && !e.read.isAlike(now) {
		err = ErrChanged
	}
	return err
}

// compareAndRename puts the file that was written in the place of the target, where files cannot be
// exchanged.
func (e exchange) compareAndRename() error {
	if err := e.checkRead(e.folder, e.target); err != nil {
		return err
	}
	return whyRefused(e.folder, e.target, e.moveTo(e.entry, e.target))
}

// whyRefused explains an error that the mode of a file or folder does not.
func whyRefused(folder *os.Root, name string, err error) error {
	switch {
	case errors.Is(err, syscall.EPERM) && (isImmutable(folder, name) || isImmutable(folder, ".")):
		return errors.New("operation not permitted: the file or its folder is immutable, or append-only: " +
			"allow changes by chattr -i or -a")
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%w: it is mounted by itself, and cannot be replaced: mount its folder instead", err)
	}
	return err
}

// giveBack puts the file that was displaced back to where it was, and returns why. What it finds
// there must be what the last exchange has put there; otherwise somebody has put another file there
// in the meantime, which is newer: then that is put back, and so on.
func (e exchange) giveBack(put Version, why error) error {
	for {
		displaced, _ := look(e.Root, e.entry)
		err := e.swap()
		if errors.Is(err, fs.ErrNotExist) { // somebody has removed what was put there
			return errors.Join(e.Remove(e.entry), why)
		}
		if err != nil {
			return e.renameBack(put, why, err)
		}
		found, err := look(e.Root, e.entry)
		switch {
		case err == nil && found.is(put):
			return errors.Join(e.Remove(e.entry), why)
		case err != nil || os.SameFile(found.Info, put.Info):
			return e.kept(why)
		}
		put = displaced
	}
}

// renameBack does what giveBack does, where files cannot be exchanged any more, for the reason err.
func (e exchange) renameBack(put Version, why, err error) error {
	if there, lookErr := look(e.folder, e.target); lookErr == nil && there.is(put) {
		if err = e.moveTo(e.entry, e.target); err == nil {
			return why
		}
	}
	return e.kept(fmt.Errorf("%w, and it could not be put back: %w", why, err))
}

// kept says where a file is that another process has written and whose place has been taken. It is
// left in the stage, and no later run removes it.
func (e exchange) kept(why error) error {
	return fmt.Errorf("%w; %w", why, keptError{e.path(e.entry)})
}

// keptError names a file that only the user can remove.
type keptError struct{ file string }

func (e keptError) Error() string {
	return fmt.Sprintf("%s holds what another process wrote at the same moment: compare it, and remove it", e.file)
}

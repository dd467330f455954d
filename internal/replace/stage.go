package replace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// stagePrefix begins the names of stages. The number of the user follows, since nobody else can
	// take one over.
	stagePrefix = ".inject-related-images-"

	// patience is how long to wait for another process that writes in the same folder.
	patience = time.Minute
)

// IsStage tells whether a folder with this name holds only what is being written.
func IsStage(name string) bool {
	user, ok := strings.CutPrefix(name, stagePrefix)
	_, err := strconv.ParseUint(user, 10, 32)
	return ok && err == nil
}

// stage is a folder for the files that are to replace others in the folder that it is in. One
// process at a time has it, and so no two runs exchange the same file. The lock is on the folder and
// not on what is in it, which is exchanged.
type stage struct {
	*os.Root
	folder    *os.Root
	directory *os.File // the folder
	name      string
	lock      *os.File // the stage
}

// errBusy says that another process has had the stage for too long.
var errBusy = fmt.Errorf("another run has been writing in its folder for %s: run again", patience)

// newStage makes the stage in a folder, or takes over that of a process that has ended. The context
// may end before another process does.
func newStage(ctx context.Context, folder *os.Root) (*stage, error) {
	name := stagePrefix + strconv.Itoa(os.Geteuid())
	for deadline := time.Now().Add(patience); ; {
		err := folder.Mkdir(name, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, whyRefused(folder, ".", err)
		}
		isNew := err == nil
		s, err := lockStage(folder, name, isNew)
		if err == nil && !isNew {
			err = s.takeOver()
		}
		switch {
		case err == nil:
			return s, nil
		case errors.Is(err, syscall.EWOULDBLOCK) && ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.Is(err, syscall.EWOULDBLOCK) && time.Now().After(deadline):
			return nil, errBusy
		case errors.Is(err, syscall.EWOULDBLOCK):
			time.Sleep(time.Millisecond)
		case !errors.Is(err, fs.ErrNotExist): // it has just been removed
			return nil, err
		}
	}
}

// takeOver empties a stage that a process has left. That of another user is removed, and the error
// is fs.ErrNotExist: he could change what is in it. If it cannot be had, it is closed.
func (s *stage) takeOver() error {
	if kept := s.clear(); len(kept) > 0 {
		s.unlock()
		return errors.Join(kept...)
	}
	if info, err := s.lock.Stat(); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) == os.Geteuid() {
			return nil
		}
	}
	defer s.unlock()
	if s.folder.Remove(s.name) != nil {
		return inTheWay(filepath.Join(s.folder.Name(), s.name))
	}
	return fs.ErrNotExist
}

func inTheWay(path string) error {
	return fmt.Errorf("%s is in the way, which is no folder of this user: remove it", path)
}

// lockStage locks the stage name in a folder. The error is syscall.EWOULDBLOCK if another process
// has locked it, and fs.ErrNotExist if there is none any more. A new one is nobody else's even where
// the file system has no locks.
func lockStage(folder *os.Root, name string, isNew bool) (*stage, error) {
	info, err := folder.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, inTheWay(filepath.Join(folder.Name(), name))
	}
	root, err := folder.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	s := &stage{Root: root, folder: folder, name: name}
	if s.directory, err = folder.Open("."); err == nil {
		s.lock, err = root.Open(".")
	}
	if err == nil {
		err = syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err == nil || isNew && errors.Is(err, errors.ErrUnsupported) {
		err = s.isStillThere()
	}
	if err != nil {
		s.unlock()
		return nil, err
	}
	return s, nil
}

// isStillThere returns fs.ErrNotExist if the stage was removed before it was locked.
func (s *stage) isStillThere() error {
	there, err := s.folder.Lstat(s.name)
	if err != nil {
		return err
	}
	locked, err := s.lock.Stat()
	if err == nil && !os.SameFile(there, locked) {
		err = fs.ErrNotExist
	}
	return err
}

// close removes the stage, unless there is something in it that must be kept.
func (s *stage) close() {
	if s.folder.Remove(s.name) != nil { // what failed has left something in it
		s.clear()
		_ = s.folder.Remove(s.name)
	}
	s.unlock()
}

func (s *stage) unlock() {
	_ = s.lock.Close() // which unlocks it
	_ = s.directory.Close()
	_ = s.Root.Close()
}

// clear removes what is in the stage. It returns an error for each file that must be kept.
func (s *stage) clear() (kept []error) {
	entries, err := fs.ReadDir(s.FS(), ".")
	if err != nil {
		return []error{err}
	}
	for _, entry := range entries {
		if !s.isOurs(entry.Name()) {
			kept = append(kept, keptError{s.path(entry.Name())})
		} else if err := s.Remove(entry.Name()); err != nil {
			kept = append(kept, err)
		}
	}
	return kept
}

// entryOf names a finished file in a stage, beside its name as an unfinished one, by the text that
// was read and the one that is written. So a later run can tell both, which it may remove, from what
// another process wrote and this one displaced just before it was killed.
func entryOf(unfinished, read, written string) string {
	return unfinished + "-" + sum(read) + "-" + sum(written)
}

// isOurs tells whether a file in the stage is one that may be removed.
func (s *stage) isOurs(entry string) bool {
	_, sums, finished := strings.Cut(entry, "-")
	if !finished {
		return true
	}
	found, err := look(s.Root, entry)
	return err == nil && strings.Contains(sums, sum(found.Text))
}

// sum returns what tells a text from others, and is short enough for the name of a file.
func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:32]
}

// path returns the path of a file in the stage, for messages.
func (s *stage) path(entry string) string { return filepath.Join(s.folder.Name(), s.name, entry) }

// moveTo moves a file out of the stage, over the file name in the folder.
func (s *stage) moveTo(entry, name string) error {
	return s.folder.Rename(path.Join(s.name, entry), name)
}

// write writes an unfinished file for the file name, with what the file like has besides its text,
// and syncs it.
func (s *stage) write(name, text string, like *os.File, keepAll bool) (entry string, info fs.FileInfo, err error) {
	entry = sum(name)
	f, err := s.OpenFile(entry, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.WriteString(f, text); err != nil {
		return "", nil, err
	}
	if err := keepAttributes(f, like, keepAll); err != nil {
		return "", nil, err
	}
	if err := f.Sync(); err != nil {
		return "", nil, err
	}
	info, err = f.Stat()
	return entry, info, err
}

// Stages returns the names of the stages in a folder.
func Stages(folder *os.Root) ([]string, error) {
	entries, err := fs.ReadDir(folder.FS(), ".")
	var names []string
	for _, entry := range entries {
		if IsStage(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// Sweep removes a stage in a folder, if the process has ended that made it. The error names files
// that must be kept.
func Sweep(folder *os.Root, name string) error {
	s, err := lockStage(folder, name, false)
	if err != nil {
		return nil // it is in use, or another user's
	}
	defer s.close()
	return errors.Join(s.clear()...)
}

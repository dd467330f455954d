package replace

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// Version is a file as it was read.
type Version struct {
	Info fs.FileInfo
	Text string
}

// IsCurrent tells whether the file that is there now may still be the version, as far as can be
// told without reading it again.
func (v Version) IsCurrent(now fs.FileInfo) bool {
	return os.SameFile(v.Info, now) && v.Info.Size() == now.Size() && v.Info.ModTime().Equal(now.ModTime())
}

// isAlike tells whether another version has the same text, and is not open to others.
func (v Version) isAlike(other Version) bool {
	a, ok1 := v.Info.Sys().(*syscall.Stat_t)
	b, ok2 := other.Info.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && v.Text == other.Text && a.Mode == b.Mode && a.Uid == b.Uid && a.Gid == b.Gid
}

// is tells whether another version is the same file, with the same text.
func (v Version) is(other Version) bool { return os.SameFile(v.Info, other.Info) && v.isAlike(other) }

var errIrregular = errors.New("the file has become something other than a regular file: run again")

// Open opens a file for reading, and does not wait for one that has become a pipe. It may follow a
// symbolic link, to a file that is also below the folder.
func Open(folder *os.Root, name string) (*os.File, fs.FileInfo, error) {
	f, err := folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) { // a socket
		err = errIrregular
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil {
		_ = f.Close() // it was not written to
		return nil, nil, err
	}
	return f, info, nil
}

// OpenRegular does the same, and follows no symbolic link.
func OpenRegular(folder *os.Root, name string) (*os.File, fs.FileInfo, error) {
	there, err := folder.Lstat(name)
	if err == nil && !there.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil {
		return nil, nil, err
	}
	f, info, err := Open(folder, name)
	if err == nil && !os.SameFile(there, info) {
		_ = f.Close() // it was not written to
		return nil, nil, ErrChanged
	}
	return f, info, err
}

// look reads a file that others may have written. Of one that cannot be read it returns what is
// known.
func look(folder *os.Root, name string) (Version, error) {
	var v Version
	f, info, err := OpenRegular(folder, name)
	if err != nil {
		v.Info, _ = folder.Lstat(name)
		return v, err
	}
	defer f.Close()
	open := isOpenForWriting(f)
	v.Info = info
	v.Text, err = ReadAll(f)
	if err == nil && open {
		err = ErrOpen
	}
	return v, err
}

// ReadAll returns the text of a file from its beginning.
func ReadAll(f *os.File) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	var text strings.Builder
	_, err := io.Copy(&text, f)
	return text.String(), err
}

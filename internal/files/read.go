package files

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// reader reads files, one after the other. Those that follow each other are mostly in one folder,
// which is opened once for them.
type reader struct {
	folder *os.Root
	of     *root
	dir    string // of the folder in its root
	text   bytes.Buffer
}

// isUnchanged tells whether a file that was read as read says is still the same, with the same
// content.
func isUnchanged(read, now fs.FileInfo) bool {
	return os.SameFile(read, now) && read.Size() == now.Size() && read.ModTime().Equal(now.ModTime())
}

func (r *reader) close() {
	if r.folder != nil {
		_ = r.folder.Close() // it was only read from
	}
}

// open opens the file below its root. It does not wait for a file that has become a pipe.
func (r *reader) open(f file) (*os.File, error) {
	dir, name := path.Split(f.name)
	if r.folder == nil || f.root != r.of || dir != r.dir {
		r.close()
		var err error
		if r.folder, err = f.root.OpenRoot(path.Clean(dir)); err != nil {
			r.folder = nil
			return nil, err
		}
		r.of, r.dir = f.root, dir
	}
	return r.folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// read returns what is in the file, and which version of it that is.
func (r *reader) read(f file) (string, fs.FileInfo, error) {
	opened, err := r.open(f)
	if err != nil {
		return "", nil, f.error(err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("the file has become something else than a regular file: run again")
	}
	if err != nil {
		return "", nil, f.error(err)
	}
	r.text.Reset()
	if _, err := r.text.ReadFrom(opened); err != nil {
		return "", nil, f.error(err)
	}
	return r.text.String(), info, nil
}

package files

import (
	"bytes"
	"io/fs"
	"os"
	"path"

	"inject-related-images/internal/replace"
)

// reader reads files, one after the other. Those that follow each other are mostly in one folder,
// which is opened once for them.
type reader struct {
	folder *os.Root
	of     *root
	dir    string // of the folder in its root
	text   bytes.Buffer
}

func (r *reader) close() {
	if r.folder != nil {
		_ = r.folder.Close() // it was only read from
	}
}

// open opens the file below its root. That it is no symbolic link is seen when it is to be written.
func (r *reader) open(f file) (*os.File, fs.FileInfo, error) {
	dir, name := path.Split(f.name)
	if r.folder == nil || f.root != r.of || dir != r.dir {
		r.close()
		var err error
		if r.folder, err = f.root.OpenRoot(path.Clean(dir)); err != nil {
			r.folder = nil
			return nil, nil, err
		}
		r.of, r.dir = f.root, dir
	}
	return replace.Open(r.folder, name)
}

// read returns what is in the file.
func (r *reader) read(f file) (replace.Version, error) {
	opened, info, err := r.open(f)
	if err != nil {
		return replace.Version{}, f.error(err)
	}
	defer opened.Close()
	r.text.Reset()
	if _, err := r.text.ReadFrom(opened); err != nil {
		return replace.Version{}, f.error(err)
	}
	return replace.Version{Info: info, Text: r.text.String()}, nil
}

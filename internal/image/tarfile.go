package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// tarFile is a tarball whose files can be read in any order.
type tarFile struct {
	*os.File
	files map[string]*io.SectionReader
	links map[string]string // docker's older archives have a layer that comes twice so
}

// openTar lists what is in a tarball. The error says why a file is none.
func openTar(file string) (*tarFile, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	t := &tarFile{opened, map[string]*io.SectionReader{}, map[string]string{}}
	if err := t.list(); err != nil {
		_ = opened.Close() // it was only read from
		return nil, err
	}
	return t, nil
}

func (t *tarFile) list() error {
	entries := tar.NewReader(t.File)
	for {
		header, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, tar.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("it is no tar archive, or it is cut off or compressed (decompress it by gunzip): %w", err)
		case err != nil:
			return err
		case len(t.files)+len(t.links) > maxEntries:
			return fmt.Errorf("it has more than %d entries, which is the limit", maxEntries)
		}
		name := path.Clean(header.Name)
		switch header.Typeflag {
		case tar.TypeReg:
			offset, err := t.Seek(0, io.SeekCurrent)
			if err != nil {
				return err
			}
			t.files[name] = io.NewSectionReader(t.File, offset, header.Size)
		case tar.TypeSymlink:
			t.links[name] = path.Join(path.Dir(name), header.Linkname)
		case tar.TypeLink:
			t.links[name] = path.Clean(header.Linkname)
		}
	}
}

func (t *tarFile) has(name string) bool { return t.files[name] != nil }

// open returns a file of the tarball, and its size.
func (t *tarFile) open(name string) (io.ReadCloser, int64, error) {
	file := t.files[name]
	if file == nil {
		file = t.files[t.links[name]]
	}
	if file == nil {
		return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(io.NewSectionReader(file, 0, file.Size())), file.Size(), nil
}

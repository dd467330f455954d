package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/google/renameio/v2"

	"inject-related-images/internal/locate"
)

// file is a file of a PATH.
type file struct {
	root *os.Root // the folder PATH, or the folder of the file PATH
	name string   // in root, with slashes
	show string   // as messages name it: with PATH in front
	text bool     // it may hold references; else it is only copied
}

// list gathers the files of PATHs in their order, each once: folders with all that is below them, in lexical order.
type list struct {
	files   []file
	roots   []*os.Root
	errs    []error
	links   int             // symbolic links that were not followed
	seen    map[string]bool // absolute names
	exclude os.FileInfo     // a folder to pass over, or nil
	copies  bool            // list files that hold no references as well
}

func (l *list) add(paths []string) {
	l.seen = map[string]bool{}
	for _, p := range paths {
		if err := l.addPath(p); err != nil {
			l.errs = append(l.errs, err)
		}
	}
}

func (l *list) close() {
	for _, root := range l.roots {
		_ = root.Close() // it was only read from
	}
}

func (l *list) open(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err == nil {
		l.roots = append(l.roots, root)
	}
	return root, err
}

func (l *list) addPath(p string) error {
	info, err := os.Lstat(p)
	if err != nil {
		return err
	}
	if target, err := os.Stat(p); err == nil && target.IsDir() {
		root, err := l.open(p)
		if err != nil {
			return err
		}
		return fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
			return l.visit(root, p, name, entry, err)
		})
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: it is no regular file or folder (%s): name the file itself", p, info.Mode().Type())
	}
	root, err := l.open(filepath.Dir(p))
	if err != nil {
		return err
	}
	l.append(file{root, filepath.Base(p), filepath.ToSlash(filepath.Clean(p)), true})
	return nil
}

func (l *list) visit(root *os.Root, p, name string, entry fs.DirEntry, err error) error {
	show := path.Join(filepath.ToSlash(p), name)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", show, err))
		return fs.SkipDir
	}
	switch {
	case entry.IsDir():
		if info, err := entry.Info(); entry.Name() == ".git" || err == nil && l.exclude != nil && os.SameFile(info, l.exclude) {
			return fs.SkipDir
		}
	case entry.Type()&fs.ModeSymlink != 0:
		l.links++
	case entry.Type().IsRegular():
		if text := holdsText(name); text || l.copies {
			l.append(file{root, name, show, text})
		}
	}
	return nil
}

func (l *list) append(f file) {
	absolute, err := filepath.Abs(filepath.FromSlash(f.show))
	if err != nil || !l.seen[absolute] {
		l.seen[absolute] = true
		l.files = append(l.files, f)
	}
}

// holdsText tells whether a file of a folder may hold references, by its name.
func holdsText(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) || locate.IsList(name)
}

func (f file) read() (string, fs.FileInfo, error) {
	opened, err := f.root.Open(f.name)
	if err != nil {
		return "", nil, f.error(err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return "", nil, f.error(err)
	}
	data := make([]byte, 0, info.Size()+512)
	for {
		n, err := opened.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return string(data), info, nil
		}
		if err != nil {
			return "", nil, f.error(err)
		}
		data = slices.Grow(data, 512)
	}
}

// error names the file as the user knows it; the errors of os.Root name it from the root.
func (f file) error(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("%s: %w", f.show, err)
}

// replace puts content in the place of the file name in root, or makes it, atomically: a reader sees the old file or the new
// one. Mode and owner are those of like.
func replace(root *os.Root, name, content string, like fs.FileInfo) (err error) {
	dir, err := root.OpenRoot(path.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	pending, err := renameio.NewPendingFile(path.Base(name), renameio.WithRoot(dir), renameio.WithStaticPermissions(like.Mode().Perm()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pending.Cleanup()) }()
	if err := keepOwner(pending.File, like); err != nil {
		return err
	}
	if _, err := io.WriteString(pending, content); err != nil {
		return err
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
	if err := f.Chown(int(want.Uid), int(want.Gid)); err != nil {
		return fmt.Errorf("it belongs to user %d and group %d, which this process (user %d) cannot keep: run as that user",
			want.Uid, want.Gid, os.Getuid())
	}
	return nil
}

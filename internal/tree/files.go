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

	"inject-related-images/internal/access"
	"inject-related-images/internal/locate"
)

// file is a file of a PATH.
type file struct {
	root *root  // the folder PATH, or the folder of the file PATH
	name string // in root, with slashes
	show string // as messages name it: with PATH in front
	text bool   // it may hold references; else it is only copied
	real string // its absolute name, without symbolic links
}

// root is a folder below which files are read and written.
type root struct {
	*os.Root
	real string // its absolute name, without symbolic links
}

func openRoot(dir string) (*root, error) {
	opened, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	real, err := filepath.Abs(dir)
	if err == nil {
		if resolved, err := filepath.EvalSymlinks(real); err == nil {
			real = resolved
		}
	}
	return &root{opened, real}, nil
}

// list gathers the files of PATHs in their order, each once: folders with all that is below them, in lexical order.
type list struct {
	files   []file
	roots   map[string]*root // by folder
	errs    []error
	links   int             // symbolic links that were not followed
	seen    map[string]bool // files, by their names without symbolic links
	exclude os.FileInfo     // a folder to pass over, or nil
	copies  bool            // list files that hold no references as well
}

func (l *list) add(paths []string) {
	l.seen, l.roots = map[string]bool{}, map[string]*root{}
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

func (l *list) open(dir string) (*root, error) {
	if r := l.roots[dir]; r != nil {
		return r, nil
	}
	r, err := openRoot(dir)
	if err == nil {
		l.roots[dir] = r
	}
	return r, err
}

func (l *list) addPath(p string) error {
	info, err := os.Lstat(p)
	if err != nil {
		return access.Read(p, err)
	}
	if target, err := os.Stat(p); err == nil && target.IsDir() {
		root, err := l.open(p)
		if err != nil {
			return access.Read(p, err)
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
		return access.Read(filepath.Dir(p), err)
	}
	l.append(file{root: root, name: filepath.Base(p), show: filepath.ToSlash(filepath.Clean(p)), text: true})
	return nil
}

func (l *list) visit(root *root, p, name string, entry fs.DirEntry, err error) error {
	show := path.Join(filepath.ToSlash(p), name)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", show, access.Read(show, err)))
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
			l.append(file{root: root, name: name, show: show, text: text})
		}
	}
	return nil
}

// append adds a file, unless it is there already. For copies it is added all the same: it is to be in the copy of each path.
func (l *list) append(f file) {
	f.real = filepath.Join(f.root.real, f.name)
	if !l.seen[f.real] || l.copies {
		l.seen[f.real] = true
		l.files = append(l.files, f)
	}
}

// holdsText tells whether a file of a folder may hold references, by its name.
func holdsText(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) || locate.IsList(name)
}

// reader reads files, one after the other. Those that follow each other are mostly in one folder, which is opened once for them.
type reader struct {
	folder *os.Root
	of     *root
	dir    string // of the folder in its root
	buffer []byte
}

func (r *reader) close() {
	if r.folder != nil {
		_ = r.folder.Close() // it was only read from
	}
}

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
	return r.folder.Open(name)
}

func (r *reader) read(f file) (string, fs.FileInfo, error) {
	opened, err := r.open(f)
	if err != nil {
		return "", nil, f.error(err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return "", nil, f.error(err)
	}
	r.buffer = slices.Grow(r.buffer[:0], int(info.Size())+1)
	for {
		n, err := opened.Read(r.buffer[len(r.buffer):cap(r.buffer)])
		r.buffer = r.buffer[:len(r.buffer)+n]
		switch {
		case errors.Is(err, io.EOF):
			return string(r.buffer), info, nil
		case err != nil:
			return "", nil, f.error(err)
		}
		r.buffer = slices.Grow(r.buffer, 512)
	}
}

// error names the file as the user knows it; the errors of os.Root name it from the root.
func (f file) error(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("%s: %w", f.show, access.Read(filepath.Join(f.root.Name(), f.name), err))
}

// replace puts content in the place of the file name in root, or makes it, atomically: a reader sees the old file or the new
// one. Its mode is that of like, and its owner as well, or of a copy, if he cannot be, whoever this process is. What is not a copy
// must still be the file that was read.
func replace(root *root, name, content string, like fs.FileInfo, isCopy bool) (err error) {
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
	if err := keepOwner(pending.File, like); err != nil && !isCopy {
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
	if is, err := dir.Lstat(path.Base(name)); !isCopy && (err != nil || !os.SameFile(is, like) || !is.ModTime().Equal(like.ModTime())) {
		return errors.New("somebody else has changed it since it was read: run again")
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

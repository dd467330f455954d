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
	real string   // its absolute name, without symbolic links
}

// list gathers the files of PATHs in their order, each once: folders with all that is below them, in lexical order.
type list struct {
	files   []file
	roots   map[string]*os.Root // by folder
	errs    []error
	links   int             // symbolic links that were not followed
	seen    map[string]bool // files, by their names without symbolic links
	exclude os.FileInfo     // a folder to pass over, or nil
	copies  bool            // list files that hold no references as well
}

func (l *list) add(paths []string) {
	l.seen, l.roots = map[string]bool{}, map[string]*os.Root{}
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
	if root := l.roots[dir]; root != nil {
		return root, nil
	}
	root, err := os.OpenRoot(dir)
	if err == nil {
		l.roots[dir] = root
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
	l.append(file{root: root, name: filepath.Base(p), show: filepath.ToSlash(filepath.Clean(p)), text: true})
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
			l.append(file{root: root, name: name, show: show, text: text})
		}
	}
	return nil
}

// append adds a file, unless it is there already. For copies it is added all the same: it is to be in the copy of each path.
func (l *list) append(f file) {
	f.real = realName(f.root, f.name)
	if !l.seen[f.real] || l.copies {
		l.seen[f.real] = true
		l.files = append(l.files, f)
	}
}

// realName returns the absolute name of a file below root without symbolic links.
func realName(root *os.Root, name string) string {
	dir, err := filepath.Abs(root.Name())
	if err == nil {
		if resolved, err := filepath.EvalSymlinks(dir); err == nil {
			dir = resolved
		}
	}
	return filepath.Join(dir, name)
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
// one. The mode is that of like; the owner stays that of the file that was there, and of a new one is who runs this.
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
	if old, err := dir.Lstat(path.Base(name)); err == nil {
		if err := keepOwner(pending.File, old); err != nil {
			return err
		}
	}
	if like.Mode()&^fs.ModePerm != 0 { // set-user-ID and its kind, which a new owner takes away
		if err := pending.Chmod(like.Mode()); err != nil {
			return err
		}
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

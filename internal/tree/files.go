package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"

	"inject-related-images/internal/access"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/parallel"
)

// file is a file of a PATH.
type file struct {
	root *root  // the folder PATH, or the folder of the file PATH
	name string // in root, with slashes
	show string // as messages name it: with PATH in front
	text bool   // it may hold references; else it is only copied
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
	seen    map[string]bool // files, by their absolute names without symbolic links; nil where none can come twice
	exclude os.FileInfo     // a folder to pass over, or nil
	copies  bool            // list files that hold no references as well
}

func (l *list) add(paths []string) {
	l.roots = map[string]*root{}
	if len(paths) > 1 || l.copies {
		l.seen = map[string]bool{}
	}
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
		l.addFolder(root, filepath.ToSlash(p))
		return nil
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

// folder is a folder of a PATH, and what is in it, in lexical order.
type folder struct {
	name    string // in its root
	entries []fs.DirEntry
	folders []*folder // those of entries that are to be gone into, in their order
	err     error
}

// read reads the folder. One that is excluded has nothing in it. What is read are names, by name: files are read below the root, whatever
// has become of their folders.
func (f *folder) read(root *root, exclude os.FileInfo) {
	name := filepath.Join(root.Name(), f.name)
	if exclude != nil {
		if info, err := os.Lstat(name); err == nil && os.SameFile(info, exclude) {
			return
		}
	}
	f.entries, f.err = os.ReadDir(name)
	for _, entry := range f.entries {
		if entry.IsDir() && entry.Name() != ".git" {
			f.folders = append(f.folders, &folder{name: path.Join(f.name, entry.Name())})
		}
	}
}

// addFolder adds the files of the folder p, and of those below it. The folders of each depth are read by as many processors as there are.
func (l *list) addFolder(root *root, p string) {
	top := &folder{name: "."}
	for level := []*folder{top}; len(level) > 0; {
		parallel.Each(len(level), 1, func(indices iter.Seq[int]) {
			for i := range indices {
				level[i].read(root, l.exclude)
			}
		})
		var below []*folder
		for _, f := range level {
			below = append(below, f.folders...)
		}
		level = below
	}
	l.visit(root, p, top)
}

func (l *list) visit(root *root, p string, f *folder) {
	show := path.Join(p, f.name)
	if f.err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", show, access.Read(show, f.err)))
	}
	prefix, below := show+"/", len(show+"/")-len(f.name+"/")
	switch {
	case show == ".":
		prefix, below = "", 0
	case f.name == ".":
		below = len(prefix)
	}
	folders := f.folders
	for _, entry := range f.entries {
		switch {
		case entry.IsDir():
			if len(folders) > 0 && path.Base(folders[0].name) == entry.Name() {
				l.visit(root, p, folders[0])
				folders = folders[1:]
			}
		case entry.Type()&fs.ModeSymlink != 0:
			l.links++
		case entry.Type().IsRegular():
			if text := holdsText(entry.Name()); text || l.copies {
				show := prefix + entry.Name()
				l.append(file{root: root, name: show[below:], show: show, text: text})
			}
		}
	}
}

// append adds a file, unless it is there already. For copies it is added all the same: it is to be in the copy of each path.
func (l *list) append(f file) {
	if l.seen != nil {
		real := filepath.Join(f.root.real, f.name)
		if l.seen[real] && !l.copies {
			return
		}
		l.seen[real] = true
	}
	l.files = append(l.files, f)
}

// holdsText tells whether a file of a folder may hold references, by its name.
func holdsText(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) || locate.IsList(name)
}

// error names the file as the user knows it; the errors of os.Root name it from the root.
func (f file) error(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("%s: %w", f.show, access.Read(filepath.Join(f.root.Name(), f.name), err))
}

package files

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

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

// folder is a folder of a PATH, and what is in it.
type folder struct {
	name  string // in its root
	show  string // as messages name it
	items []item // in lexical order
	links int    // symbolic links, which are not followed
	err   error
}

// item is a file of a folder, or a folder.
type item struct {
	file   file
	folder *folder
}

// read reads the folder. One that is excluded has nothing in it. What is read are names, by name: files are read below the root, whatever
// has become of their folders.
func (f *folder) read(root *root, l *list) {
	name := root.Name() // not cleaned: what .. is behind a link is the system's to say
	if f.name != "." {
		name += "/" + f.name
	}
	if l.exclude != nil {
		if info, err := os.Lstat(name); err == nil && os.SameFile(info, l.exclude) {
			return
		}
	}
	var entries []fs.DirEntry
	entries, f.err = os.ReadDir(name)
	f.items = make([]item, 0, len(entries))
	above, prefix := below(f.name), below(f.show)
	for _, entry := range entries {
		show := prefix + entry.Name()
		name := show[len(prefix)-len(above):] // with the end of prefix, which above is
		switch {
		case entry.IsDir() && entry.Name() != ".git":
			f.items = append(f.items, item{folder: &folder{name: name, show: show}})
		case entry.Type()&fs.ModeSymlink != 0:
			f.links++
		case entry.Type().IsRegular():
			if text := holdsText(name); text || l.copies {
				f.items = append(f.items, item{file: file{root: root, name: name, show: show, text: text}})
			}
		}
	}
}

// below returns what the names of what is in a folder begin with.
func below(folder string) string {
	if folder == "." || strings.HasSuffix(folder, "/") {
		return strings.TrimPrefix(folder, ".")
	}
	return folder + "/"
}

// addFolder adds the files of the folder p, and of those below it. The folders of each depth are read by as many processors as there are.
func (l *list) addFolder(root *root, p string) {
	top, items := &folder{name: ".", show: path.Clean(p)}, 0
	for level := []*folder{top}; len(level) > 0; {
		parallel.Each(len(level), 1, func(indices iter.Seq[int]) {
			for i := range indices {
				level[i].read(root, l)
			}
		})
		var next []*folder
		for _, f := range level {
			items += len(f.items)
			for _, item := range f.items {
				if item.folder != nil {
					next = append(next, item.folder)
				}
			}
		}
		level = next
	}
	l.files = slices.Grow(l.files, items)
	l.visit(top)
}

func (l *list) visit(f *folder) {
	if f.err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", f.show, access.Read(f.show, f.err)))
	}
	l.links += f.links
	for _, item := range f.items {
		if item.folder != nil {
			l.visit(item.folder)
		} else {
			l.append(item.file)
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

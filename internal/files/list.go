package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/replace"
	"inject-related-images/internal/skip"
)

// file is a file of a PATH.
type file struct {
	root *root  // the folder PATH, or the folder of the file PATH
	name string // in root, with slashes
	show string // as messages name it: with PATH in front
	text bool   // it may hold references; else it is only copied

	named bool // it is a PATH itself
}

// path returns the path that the system knows the file by.
func (f file) path() string { return filepath.Join(f.root.Name(), f.name) }

// root is a folder below which files are read and written.
type root struct {
	*os.Root
	resolved string // its absolute name, without symbolic links
}

func openRoot(dir string) (*root, error) {
	opened, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &root{opened, resolve(dir)}, nil
}

// resolve returns the absolute name of a file or folder, without symbolic links where it exists.
func resolve(name string) string {
	absolute, err := filepath.Abs(name)
	if err == nil {
		if resolved, err := filepath.EvalSymlinks(absolute); err == nil {
			absolute = resolved
		}
	}
	return absolute
}

// list gathers the files of PATHs in their order, each once: folders with all that is below them,
// in lexical order.
type list struct {
	ctx     context.Context // when it ends, listing does
	files   []file
	roots   map[string]*root // by folder
	errs    []error          // of what is below folders
	texts   int              // files that may hold references, also those that come twice
	byPath  []int            // the same of each path; -1 if it could not be opened
	links   int              // symbolic links that were not followed
	seen    map[entryID]bool // files that are listed
	exclude os.FileInfo      // the folder of the output, which is no part of the input, or nil
	copies  bool             // list files that hold no references as well
	named   map[string]bool  // PATHs, by their absolute names without symbolic links
	skip    skip.Skipper     // what the user does not want looked at
	passed  passed           // what is not looked at

	excluded string         // the folder PATH in which that of the output was passed over, or ""
	stages   map[place]bool // folders in which something may be left of a process that was killed
	within   folder         // of the file that was added last
}

// entryID is a file by the name that it has in a folder. One folder may be mounted in several places.
type entryID struct {
	folder identity
	name   string
}

// folder is a folder below a root, and which one it is.
type folder struct {
	place
	identity
}

// add adds the files of paths. It returns why paths could not be opened.
func (l *list) add(paths []string) (unopened []error) {
	l.roots, l.named = map[string]*root{}, map[string]bool{}
	for _, p := range paths {
		l.named[resolve(p)] = true
	}
	l.seen, l.stages = map[entryID]bool{}, map[place]bool{}
	for _, p := range paths {
		before := l.texts
		err := l.addPath(p)
		l.byPath = append(l.byPath, l.texts-before)
		if err != nil {
			unopened = append(unopened, err)
			l.byPath[len(l.byPath)-1] = -1
		}
	}
	return unopened
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
		return readError(p, p, err)
	}
	if target, err := os.Stat(p); err == nil && target.IsDir() {
		root, err := l.open(p)
		if err != nil {
			return readError(p, p, err)
		}
		return l.addFolder(root, filepath.ToSlash(p))
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: found %s, which is not opened: name a file or a folder", quote.Name(p), kindOf(info.Mode()))
	}
	root, err := l.open(filepath.Dir(p))
	if err != nil {
		return readError(p, filepath.Dir(p), err)
	}
	f := file{root: root, name: filepath.Base(p), show: filepath.ToSlash(filepath.Clean(p)), text: true, named: true}
	var r reader
	defer r.close()
	opened, _, err := r.open(f)
	if err != nil {
		return f.error(err)
	}
	l.append(f)
	l.stages[place{root, "."}] = true
	return opened.Close()
}

// kindOf names what is neither a file nor a folder.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link to a file"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// addFolder adds the files below the folder p. It lists them by their names; they are read below
// the root, whatever has become of their folders. The error is that of the folder p itself.
func (l *list) addFolder(root *root, p string) error {
	w := walk{list: l, root: root, show: path.Clean(p)}
	return fs.WalkDir(os.DirFS(root.Name()), ".", w.visit)
}

// walk goes through the files below a folder PATH.
type walk struct {
	*list
	root   *root
	show   string // PATH
	closed string // the folder that is passed over, of those whose files are copied
}

func (w *walk) visit(name string, entry fs.DirEntry, err error) error {
	show := path.Join(w.show, name)
	switch {
	case w.ctx.Err() != nil:
		return fs.SkipAll
	case err != nil && name == ".":
		return readError(show, show, err)
	case err != nil:
		w.errs = append(w.errs, readError(show, show, err))
	case name == ".":
	case entry.IsDir():
		return w.enter(name, entry)
	case entry.Type()&fs.ModeSymlink != 0:
		w.links++
	case entry.Type().IsRegular():
		if text := w.looksAt(name); text || w.copies {
			w.append(file{root: w.root, name: name, show: show, text: text, named: text && w.isNamed(name)})
		}
	}
	return nil
}

// enter returns fs.SkipDir for a folder whose files are not listed: git's own, which belongs to no
// registry, and others that are passed over, unless they are copied.
func (w *walk) enter(name string, folder fs.DirEntry) error {
	if replace.IsStage(folder.Name()) {
		w.stages[place{w.root, path.Dir(name)}] = true
		return fs.SkipDir
	}
	if w.isExcluded(folder) {
		w.excluded = w.show
		return fs.SkipDir
	}
	if w.isClosed(name) {
		return skipIf(folder.Name() == ".git")
	}
	skips, isHidden := w.skip.Skips(name, true), strings.HasPrefix(folder.Name(), ".")
	switch {
	case !skips && !isHidden:
		return nil
	case w.isNamed(name): // it is looked at by itself
	case skips:
		w.passed.skippedFolders++
	default:
		w.passed.hidden = append(w.passed.hidden, path.Join(w.show, name))
	}
	w.closed = name
	return skipIf(!w.copies || folder.Name() == ".git")
}

func skipIf(skip bool) error {
	if skip {
		return fs.SkipDir
	}
	return nil
}

// isNamed tells whether a file or folder is also a PATH.
func (w *walk) isNamed(name string) bool { return w.named[filepath.Join(w.root.resolved, name)] }

// isClosed tells whether a file or folder is in one that is passed over.
func (w *walk) isClosed(name string) bool {
	return w.closed != "" && strings.HasPrefix(name, w.closed+"/")
}

// looksAt tells whether a file may hold references that the user wants to know of.
func (w *walk) looksAt(name string) bool {
	switch {
	case w.isClosed(name):
		return false
	case w.skip.Skips(name, false):
		if holdsText(name) {
			w.passed.skippedFiles++
		}
		return false
	}
	return holdsText(name)
}

// isExcluded tells whether a folder is the one of the output.
func (l *list) isExcluded(folder fs.DirEntry) bool {
	if l.exclude == nil {
		return false
	}
	info, err := folder.Info()
	return err == nil && os.SameFile(info, l.exclude)
}

// append adds a file, unless it is there already. For copies it is added all the same: it is to be
// in the copy of each path.
func (l *list) append(f file) {
	if f.text {
		l.texts++
	}
	if e, ok := l.entryOf(f); ok {
		if l.seen[e] && !l.copies {
			return
		}
		l.seen[e] = true
	}
	l.files = append(l.files, f)
}

// entryOf returns false for a file whose folder is not known.
func (l *list) entryOf(f file) (entryID, bool) {
	if p := (place{f.root, path.Dir(f.name)}); p != l.within.place {
		info, err := os.Stat(filepath.Dir(f.path()))
		if err != nil {
			return entryID{}, false
		}
		id, ok := identityOf(info)
		if !ok {
			return entryID{}, false
		}
		l.within = folder{p, id}
	}
	return entryID{l.within.identity, path.Base(f.name)}, true
}

// holdsText tells whether a file of a folder may hold references, by its name.
func holdsText(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) || locate.IsList(name) ||
		locate.IsKustomization(name)
}

// error says why the file could not be read.
func (f file) error(err error) error {
	return readError(f.show, f.path(), err)
}

// readError says why the file or folder at path could not be read, and names it as the user knows
// it: errors of os name the system call, and those of os.Root name the file from the root.
func readError(show, path string, err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("%s: %w", quote.Name(show), access.Read(path, err))
}

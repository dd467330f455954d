package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"inject-related-images/internal/access"
	"inject-related-images/internal/image"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/replace"
)

// contents are what a source holds.
type contents struct {
	documents []olm.Document // CSVs; of what was named itself all objects that are no catalog's
	blobs     []olm.Blob     // of a file-based catalog
	isFolder  bool

	isCatalog bool   // there are documents of a catalog, of whatever schema
	stray     string // where an object has neither a schema nor a kind, or ""
}

// open returns the contents of a path.
func (o Opener) open(path string) (contents, error) {
	if path == Stdin && o.Stdin == nil {
		return contents{}, fmt.Errorf("%s is not open", stdin)
	}
	if path == Stdin {
		return o.stream(stdin, o.Stdin)
	}
	if a, ok, err := image.ParseAddress(path); ok || err != nil {
		if err != nil {
			return contents{}, err
		}
		return o.image(a)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return contents{}, explain(path, access.Read(path, err))
	case info.IsDir():
		return o.folder(path)
	case info.Mode().IsRegular():
		if a, ok := image.ArchiveAt(path); ok {
			return o.image(a)
		}
	}
	return o.file(path, true)
}

// folder returns the CSVs and the catalog in a folder.
func (o Opener) folder(folder string) (contents, error) {
	names, err := list(folder)
	if err != nil {
		return contents{}, err
	}
	found, errs := make([]contents, len(names)), make([]error, len(names))
	parallel.Each(len(names), 1, func(indices iter.Seq[int]) {
		for i := range indices {
			found[i], errs[i] = o.file(names[i], false)
		}
	})
	all := contents{isFolder: true}
	for _, c := range found {
		all.documents, all.blobs = append(all.documents, c.documents...), append(all.blobs, c.blobs...)
	}
	return all, errors.Join(errs...)
}

// list returns the files in a folder that may hold a CSV, by their names.
func list(folder string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		file := filepath.Join(folder, name)
		if err != nil {
			return access.Read(file, err)
		}
		if entry.IsDir() && replace.IsStage(entry.Name()) {
			return fs.SkipDir
		}
		if entry.Type().IsRegular() && isText(name) {
			names = append(names, file)
		}
		return nil
	})
	return names, err
}

// isText tells by its name whether a file is YAML or JSON.
func isText(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name))
}

// file returns the contents of a file. Of one that was not named itself, but is in a folder that
// was, documents that mention neither a CSV nor a catalog are not parsed: they may be of any form.
func (o Opener) file(name string, wasNamed bool) (contents, error) {
	flags := os.O_RDONLY
	if !wasNamed { // nobody need write to what has become a pipe since the folder was listed
		flags |= syscall.O_NONBLOCK
	}
	f, err := os.OpenFile(name, flags, 0)
	if err != nil {
		return contents{}, access.Read(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return contents{}, access.Read(name, err)
	}
	switch isRegular := info.Mode().IsRegular(); {
	case !isRegular && wasNamed: // a pipe can be read once
		return o.stream(name, f)
	case !isRegular:
		return contents{}, fmt.Errorf("%s: the file has become something other than a regular file: run again", name)
	}
	r := reading{name: name, wasNamed: wasNamed, pkg: o.Package, again: func(p piece) func() (piece, error) {
		size := int64(len(p.text))
		p.text = ""
		return func() (piece, error) { return readAgain(name, p, size) }
	}}
	return r.all(f)
}

// readAgain returns a piece of a file with its text.
func readAgain(name string, p piece, size int64) (piece, error) {
	f, err := os.Open(name)
	if err != nil {
		return p, access.Read(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, p.offset, size))
	if err != nil {
		return p, access.Read(name, err)
	}
	p.text = string(text)
	return p, nil
}

// stream returns the contents of what can be read only once.
func (o Opener) stream(name string, from io.Reader) (contents, error) {
	r := reading{name: name, wasNamed: true, pkg: o.Package, again: hold}
	return r.all(from)
}

// hold returns a piece that is kept in memory.
func hold(p piece) func() (piece, error) { return func() (piece, error) { return p, nil } }

// sourceError is about a source as a whole.
type sourceError struct{ message string }

func (e *sourceError) Error() string { return e.message }

// within returns err with the name of the source, if it is about all of that.
func within(name string, err error) error {
	if whole := (*sourceError)(nil); errors.As(err, &whole) || errors.Is(err, olm.ErrChoice) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// name is what errors call a path.
func name(path string) string {
	if path == Stdin {
		return stdin
	}
	return path
}

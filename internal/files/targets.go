package files

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"inject-related-images/internal/quote"
	"inject-related-images/internal/replace"
)

// identity tells a file or folder from all others, however it is called.
type identity struct{ device, inode uint64 }

// identityOf returns false where the system does not say.
func identityOf(info fs.FileInfo) (identity, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, false
	}
	return identity{uint64(stat.Dev), stat.Ino}, true
}

// checkTargets finds files that would be written over one another, over a file that is read, or
// over other inputs, and files that would be passed over since they are in the output.
func checkTargets(files *list, output *root, inputs []string) error {
	if err := checkTargetsApart(files.files, output); err != nil {
		return err
	}
	read := map[identity]string{}
	for _, f := range files.files {
		if info, err := os.Lstat(f.path()); err == nil {
			add(read, info, f.show)
		}
	}
	for _, name := range inputs {
		for _, stat := range []func(string) (fs.FileInfo, error){os.Lstat, os.Stat} { // a link and what it leads to
			if info, err := stat(name); err == nil {
				add(read, info, name)
			}
		}
	}
	for _, f := range files.files {
		info, err := output.Lstat(f.name)
		if err != nil {
			continue // it is not there yet
		}
		id, _ := identityOf(info)
		if name, ok := read[id]; ok {
			return fmt.Errorf("%s would be written over %s, which is one of the files to read: choose another folder, "+
				"or leave it out to rewrite the files in place", quote.Name(f.show), quote.Name(name))
		}
	}
	if files.excluded != "" {
		return checkCopies(files, output)
	}
	return nil
}

func add(names map[identity]string, info fs.FileInfo, name string) {
	if id, ok := identityOf(info); ok {
		names[id] = name
	}
}

// checkTargetsApart finds files that would be written to one place, or where another must have a
// folder.
func checkTargetsApart(files []file, output *root) error {
	from := map[string]file{}
	for _, f := range files {
		target := filepath.Join(output.resolved, f.name)
		if other, ok := from[target]; ok {
			return fmt.Errorf("%s and %s would both be written to %s: write them to folders of their own",
				quote.Name(other.show), quote.Name(f.show), quote.Name(target))
		}
		from[target] = f
	}
	for target, f := range from {
		for dir := filepath.Dir(target); len(dir) > 1 && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if other, ok := from[dir]; ok {
				return fmt.Errorf(
					"%s would be written as the file %s, which must be a folder for %s: write them to folders of their own",
					quote.Name(other.show),
					quote.Name(dir),
					quote.Name(f.show),
				)
			}
		}
	}
	return nil
}

// checkCopies finds files of the output, which is in one of the paths, that are not the copies of an
// earlier run: they would be passed over.
func checkCopies(files *list, output *root) error {
	targets := map[string]bool{}
	for _, f := range files.files {
		targets[f.name] = true
	}
	stray := ""
	err := fs.WalkDir(output.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || replace.IsStage(entry.Name())):
			return fs.SkipDir
		case entry.Type().IsRegular() && !targets[name]:
			stray = name
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return readError(output.Name(), output.Name(), err)
	}
	if stray != "" {
		return fmt.Errorf("%s is in %s, and would not be read: it is in the folder to write to, "+
			"and no copy of another file: choose another folder",
			quote.Name(filepath.Join(output.Name(), filepath.FromSlash(stray))), quote.Name(files.excluded))
	}
	return nil
}

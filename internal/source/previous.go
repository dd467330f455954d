package source

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"

	"inject-related-images/internal/access"
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/parallel"
)

// previousFile is a file with earlier releases.
type previousFile struct {
	path     string // that was given: the file, or the folder that it is in
	file     string
	releases []olm.Release
	ignorant error // why a release in it knows nothing
	err      error
}

// Previous returns the releases of all CSVs at paths: files, or folders with any number of them. In
// their place a file may hold the operator's Deployment. Releases without variables know nothing
// and are left out: operators began to list their images at some time. Files are read side by side.
func Previous(names catalog.Names, paths ...string) ([]olm.Release, error) {
	var all []previousFile
	for _, path := range paths {
		files, err := previousFiles(path)
		if err != nil {
			return nil, fmt.Errorf("previous: %w", err)
		}
		all = append(all, files...)
	}
	parallel.Each(len(all), 1, func(indices iter.Seq[int]) {
		for i := range indices {
			all[i].read(names)
		}
	})
	var releases []olm.Release
	var errs []error
	for _, path := range paths {
		found, err := releasesAt(path, all)
		releases, errs = append(releases, found...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("previous: %w", err)
	}
	return releases, nil
}

// releasesAt returns the releases of the files at a path, of which there must be one.
func releasesAt(path string, files []previousFile) ([]olm.Release, error) {
	none := fmt.Errorf("%s: no %s found: give a CSV file, or a folder with CSVs", path, olm.Kind)
	var found []olm.Release
	var errs []error
	for _, f := range files {
		if f.path != path {
			continue
		}
		found, errs = append(found, f.releases...), append(errs, f.err)
		if f.ignorant != nil {
			none = f.ignorant
		}
	}
	err := errors.Join(errs...)
	if err == nil && len(found) == 0 {
		err = none
	}
	return found, err
}

// previousFiles returns the files at path, which are not read yet.
func previousFiles(path string) ([]previousFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, access.Read(path, err)
	}
	if !info.IsDir() {
		return []previousFile{{path: path, file: path}}, nil
	}
	names, err := list(path)
	var files []previousFile
	for _, name := range names {
		files = append(files, previousFile{path: path, file: name})
	}
	return files, err
}

// read reads the releases of the file: those of the CSVs, and if it was given itself, those of
// Deployments.
func (f *previousFile) read(names catalog.Names) {
	var documents []olm.Document
	if f.path == f.file {
		if documents, f.err = open(f.file); f.err != nil {
			return
		}
		documents = slices.DeleteFunc(documents, func(d olm.Document) bool { return !olm.IsSource(d.Node) })
	} else if documents, f.err = csvsOf(f.file); f.err != nil {
		return
	}
	for _, d := range documents {
		release, err := olm.Open(d)
		if err == nil {
			err = release.Read(names)
		}
		switch {
		case errors.Is(err, olm.ErrNoVariables):
			f.ignorant = err
		case err != nil:
			f.err = errors.Join(f.err, err)
		default:
			f.releases = append(f.releases, release)
		}
	}
}

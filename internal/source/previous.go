package source

import (
	"errors"
	"fmt"
	"iter"
	"os"

	"inject-related-images/internal/access"
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/image"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/quote"
)

// previousFile is a file with earlier releases.
type previousFile struct {
	path     string // that was given: the file, or the folder that it is in
	file     string
	releases previousReleases
	blobs    []olm.Blob
	err      error
}

// previousReleases are releases of which those that know nothing are left out.
type previousReleases struct {
	known    []olm.Release
	ignorant error // why one of the others knows nothing
}

// Previous returns the releases of all CSVs at paths: files, stdin, or folders with any number of
// them. In their place a file may hold the operator's Deployment; of a file-based catalog, in a file
// or a folder, the bundles of the default channel are previous ones, of o.Bundle and those before
// it if it is there. Releases without variables know nothing and are left out: operators began to
// list their images at some time. Files are read side by side.
func (o Opener) Previous(names catalog.Names, paths ...string) ([]olm.Release, error) {
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
			o.read(&all[i], names)
		}
	})
	var releases []olm.Release
	var errs []error
	for _, path := range paths {
		found, err := o.releasesAt(path, all, names)
		releases, errs = append(releases, found...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("previous: %w", err)
	}
	return releases, nil
}

// releasesAt returns the releases of the files at a path, of which there must be one.
func (o Opener) releasesAt(path string, files []previousFile, names catalog.Names) ([]olm.Release, error) {
	var found previousReleases
	var blobs []olm.Blob
	var errs []error
	for _, f := range files {
		if f.path == path {
			found.add(f.releases)
			blobs, errs = append(blobs, f.blobs...), append(errs, f.err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(blobs) > 0 {
		bundles, err := o.bundles(blobs, names)
		if err != nil {
			return nil, within(quote.Name(name(path)), err)
		}
		found.add(bundles)
	}
	switch {
	case len(found.known) > 0:
		return found.known, nil
	case found.ignorant != nil:
		return nil, found.ignorant
	}
	none := fmt.Sprintf("no %s found: give a CSV file, or a folder with CSVs", olm.Kind)
	return nil, within(quote.Name(name(path)), &sourceError{none})
}

func (p *previousReleases) add(other previousReleases) {
	p.known = append(p.known, other.known...)
	if other.ignorant != nil {
		p.ignorant = other.ignorant
	}
}

// bundles returns the releases of a catalog.
func (o Opener) bundles(blobs []olm.Blob, names catalog.Names) (previousReleases, error) {
	p, err := olm.OpenPackage(blobs, o.Package)
	if err != nil {
		return previousReleases{}, err
	}
	entries, err := p.Until(o.Bundle)
	if err != nil {
		return previousReleases{}, err
	}
	each, errs := make([]previousReleases, len(entries)), make([]error, len(entries))
	parallel.Each(len(entries), 1, func(indices iter.Seq[int]) {
		for i := range indices {
			release, err := p.Open(entries[i])
			errs[i] = each[i].read(release, err, names)
		}
	})
	var all previousReleases
	for _, r := range each {
		all.add(r)
	}
	return all, errors.Join(errs...)
}

// previousFiles returns the files at path, which are not read yet.
func previousFiles(path string) ([]previousFile, error) {
	itself := []previousFile{{path: path, file: path}}
	if _, isImage, _ := image.ParseAddress(path); isImage || path == Stdin {
		return itself, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, explain(path, access.Read(path, err))
	}
	if !info.IsDir() {
		return itself, nil
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
func (o Opener) read(f *previousFile, names catalog.Names) {
	var found contents
	if f.path == f.file {
		found, f.err = o.open(f.file)
	} else {
		found, f.err = o.file(f.file, false)
	}
	f.blobs = found.blobs
	for _, d := range found.documents {
		if olm.IsSource(d.Node) {
			release, err := olm.Open(d)
			f.err = errors.Join(f.err, f.releases.read(release, err, names))
		}
	}
}

// read adds a release that was opened, unless there is an error.
func (p *previousReleases) read(r olm.Release, err error, names catalog.Names) error {
	if err == nil {
		err = r.Read(names)
	}
	switch {
	case errors.Is(err, olm.ErrNoVariables), errors.Is(err, olm.ErrNoCSV):
		p.ignorant = err
	case err != nil:
		return err
	default:
		p.known = append(p.known, r)
	}
	return nil
}

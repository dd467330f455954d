// Package source opens what the flags --csv, --previous, --mirrors and --map name, and hands its
// text to those who read it. Nothing else opens what a user gives beside the registries: another
// kind of source is another way to get documents.
//
// What --csv and --previous name is a file, a folder, stdin or an image, with CSVs, lists of them or
// file-based catalogs. It is read document by document, of which only those are kept that hold a
// CSV or can lead to one: an index of all operators has gigabytes.
package source

import (
	"fmt"
	"io"
	"os"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/image"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/quote"
)

// Stdin is the path that stands for stdin.
const Stdin = "-"

// stdin is what errors call it.
const stdin = "stdin"

// Opener opens CSVs.
type Opener struct {
	Stdin   io.Reader     // is read where the path is Stdin
	Images  *image.Client // opens images
	Package string        // of file-based catalogs; "" is the only one
	Bundle  string        // of the package; "" is the newest one
}

// CSVs opens the CSVs at paths: files, stdin, or bundle folders and bundle images that hold exactly
// one CSV each. In its place a file may hold the operator's Deployment, several of either, or a
// file-based catalog; a folder or an image may hold a catalog. The error is an olm.ErrChoice if the
// sources are fine, and which of them is meant cannot be told.
func (o Opener) CSVs(paths ...string) ([]olm.Release, error) {
	var releases []olm.Release
	for _, path := range paths {
		found, err := o.open(path)
		if err != nil {
			return nil, fmt.Errorf("csv: %w", err)
		}
		opened, err := o.releases(found)
		if err != nil {
			return nil, within("csv: "+quote.Name(name(path)), err)
		}
		releases = append(releases, opened...)
	}
	return releases, nil
}

// Parse opens the CSVs in a text, which errors call name: all that a file may hold.
func (o Opener) Parse(name, text string) ([]olm.Release, error) {
	found, err := o.stream(name, strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	releases, err := o.releases(found)
	if err != nil {
		err = within(quote.Name(name), err)
	}
	return releases, err
}

// releases opens what the truth is taken from: the CSVs, else the Deployments, else a bundle of the
// catalog, else the only document, of which package olm says what it is instead.
func (o Opener) releases(found contents) ([]olm.Release, error) {
	var csvs, deployments []olm.Document
	for _, d := range found.documents {
		switch {
		case olm.IsCSV(d.Node):
			csvs = append(csvs, d)
		case olm.IsSource(d.Node):
			deployments = append(deployments, d)
		}
	}
	switch {
	case len(csvs) > 1 && found.isFolder:
		return nil, &sourceError{fmt.Sprintf("%d CSVs found: %s: name one of them", len(csvs), positions(csvs))}
	case len(csvs) > 0:
		return openAll(csvs)
	case len(deployments) > 0:
		return openAll(deployments)
	case len(found.blobs) > 0:
		p, err := olm.OpenPackage(found.blobs, o.Package)
		if err != nil {
			return nil, err
		}
		r, err := p.Release(o.Bundle)
		return []olm.Release{r}, err
	case len(found.documents) == 1:
		return openAll(found.documents)
	}
	return nil, &sourceError{fmt.Sprintf("no %s found: give a CSV file or a bundle folder with one", olm.Kind)}
}

// openAll opens documents. Several were hardly picked one by one.
func openAll(documents []olm.Document) ([]olm.Release, error) {
	releases := make([]olm.Release, len(documents))
	for i, d := range documents {
		r, err := olm.Open(d)
		if err != nil {
			return nil, err
		}
		r.Listed = len(documents) > 1
		releases[i] = r
	}
	return releases, nil
}

// Mirrors returns the text of a file that says where mirrors are.
func Mirrors(file string) (string, error) { return readText("mirrors", file) }

// Map returns the text of a file that says which variables decide images.
func Map(file string) (string, error) { return readText("map", file) }

// readText returns the text of a file that an option names.
func readText(option, file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", option, access.Read(file, err))
	}
	return string(text), nil
}

// positions lists where documents begin.
func positions(documents []olm.Document) string {
	list := make([]string, len(documents))
	for i, d := range documents {
		list[i] = d.Where
	}
	return strings.Join(list, ", ")
}

// Package source opens what the flags --csv, --previous, --mirrors and --map name, and hands its
// text to those who read it. Nothing else opens what a user gives beside the registries: another
// kind of source, as a stream or a catalog of operators, is another way to get documents.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/yamltext"
)

// CSVs opens the CSVs at paths: files, or bundle folders that hold exactly one CSV each. In its
// place a file may hold the operator's Deployment.
func CSVs(paths ...string) ([]olm.Release, error) {
	var releases []olm.Release
	for _, path := range paths {
		documents, err := open(path)
		if err != nil {
			return nil, fmt.Errorf("csv: %w", err)
		}
		d, err := choose(documents)
		if err != nil {
			return nil, fmt.Errorf("csv: %s: %w", path, err)
		}
		release, err := olm.Open(d)
		if err != nil {
			return nil, err
		}
		releases = append(releases, release)
	}
	return releases, nil
}

// Parse opens the CSV in a text, which errors call name.
func Parse(name, text string) (olm.Release, error) {
	documents, err := parse(name, []byte(text))
	if err != nil {
		return olm.Release{}, err
	}
	d, err := choose(documents)
	if err != nil {
		return olm.Release{}, fmt.Errorf("%s: %w", name, err)
	}
	return olm.Open(d)
}

// Mirrors returns the text of a file that says where mirrors are.
func Mirrors(file string) (string, error) { return readText("mirrors", file) }

// Map returns the text of a file that says which variables decide images.
func Map(file string) (string, error) { return readText("map", file) }

// readText returns the text of a file that an option names.
func readText(option, file string) (string, error) {
	text, err := readFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", option, err)
	}
	return string(text), nil
}

// open returns the documents at path: those of a file, or the CSVs of a folder.
func open(path string) ([]olm.Document, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, access.Read(path, err)
	case info.IsDir():
		return openFolder(path)
	}
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text)
}

// openFolder returns the CSVs in a folder. Files that do not mention a CSV are not parsed: they may
// be of any form.
func openFolder(folder string) ([]olm.Document, error) {
	names, err := list(folder)
	if err != nil {
		return nil, err
	}
	found, errs := make([][]olm.Document, len(names)), make([]error, len(names))
	parallel.Each(len(names), 1, func(indices iter.Seq[int]) {
		for i := range indices {
			found[i], errs[i] = csvsOf(names[i])
		}
	})
	return slices.Concat(found...), errors.Join(errs...)
}

// list returns the files in a folder that may hold a CSV, by their names.
func list(folder string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		file := filepath.Join(folder, name)
		if err != nil {
			return access.Read(file, err)
		}
		if entry.Type().IsRegular() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
			names = append(names, file)
		}
		return nil
	})
	return names, err
}

// csvsOf returns the CSVs of a file.
func csvsOf(file string) ([]olm.Document, error) {
	text, err := readFile(file)
	if err != nil || !bytes.Contains(text, []byte(olm.Kind)) {
		return nil, err
	}
	documents, err := parse(file, text)
	return slices.DeleteFunc(documents, func(d olm.Document) bool { return !olm.IsCSV(d.Node) }), err
}

func readFile(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, access.Read(file, err)
	}
	return text, nil
}

// parse returns the documents of a file that are not empty.
func parse(file string, source []byte) ([]olm.Document, error) {
	text, err := yamltext.Parse(string(source), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var documents []olm.Document
	position := olm.InFile(file, text.Source)
	for _, node := range text.Docs {
		if node.Kind != yamltext.Scalar || node.Value != "" {
			documents = append(documents, olm.Document{Text: text, Node: node, Where: position(node.Offset), Position: position})
		}
	}
	return documents, nil
}

// choose returns the document that images are taken from: the only CSV, else the only Deployment,
// else the only document, of which package olm says what it is instead.
func choose(documents []olm.Document) (olm.Document, error) {
	var csvs, deployments []olm.Document
	for _, d := range documents {
		switch {
		case olm.IsCSV(d.Node):
			csvs = append(csvs, d)
		case olm.IsSource(d.Node):
			deployments = append(deployments, d)
		}
	}
	if len(csvs) > 1 {
		return olm.Document{}, fmt.Errorf("%d CSVs found: %s: name one of them", len(csvs), positions(csvs))
	}
	for _, candidates := range [][]olm.Document{csvs, deployments, documents} {
		if len(candidates) == 1 {
			return candidates[0], nil
		}
	}
	return olm.Document{}, fmt.Errorf("no %s found: give a CSV file or a bundle folder with one", olm.Kind)
}

// positions lists where documents begin.
func positions(documents []olm.Document) string {
	list := make([]string, len(documents))
	for i, d := range documents {
		list[i] = d.Where
	}
	return strings.Join(list, ", ")
}

// Package source opens what the flags --csv and --mirrors name, and hands its text to those who
// read it. Nothing else opens what a user gives beside the registries: another kind of source, as a
// stream or a catalog of operators, is another way to get documents.
package source

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
)

// Entries returns the images of the CSVs at paths: files, or bundle folders, that hold exactly one
// CSV each. In its place a file may hold the operator's Deployment. names are those of the
// variables.
func Entries(names catalog.Names, paths ...string) ([]catalog.Entry, error) {
	var entries []catalog.Entry
	for _, path := range paths {
		found, err := entriesAt(path, names)
		if err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	return entries, nil
}

func entriesAt(path string, names catalog.Names) ([]catalog.Entry, error) {
	documents, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	d, err := choose(documents)
	if err != nil {
		return nil, fmt.Errorf("csv: %s: %w", path, err)
	}
	return olm.Entries(d.file, d.text, d.node, names)
}

// Mirrors returns the text of a file that says where mirrors are.
func Mirrors(file string) (string, error) {
	text, err := readFile(file)
	if err != nil {
		return "", fmt.Errorf("mirrors: %w", err)
	}
	return string(text), nil
}

// document is a document of a file.
type document struct {
	file string
	text *yamltext.Text
	node *yamltext.Node
}

// open returns the documents at path: those of a file, or the CSVs of a folder.
func open(path string) ([]document, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, access.Read(path, err)
	case info.IsDir():
		return openBundle(path)
	}
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text)
}

// openBundle returns the CSVs in a folder. Files that do not mention a CSV are not parsed: they may
// be of any form.
func openBundle(folder string) ([]document, error) {
	var csvs []document
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		file := filepath.Join(folder, name)
		if err != nil {
			return access.Read(file, err)
		}
		if !entry.Type().IsRegular() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
			return nil
		}
		text, err := readFile(file)
		if err != nil || !bytes.Contains(text, []byte(olm.Kind)) {
			return err
		}
		documents, err := parse(file, text)
		csvs = append(csvs, slices.DeleteFunc(documents, func(d document) bool { return !olm.IsCSV(d.node) })...)
		return err
	})
	return csvs, err
}

func readFile(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, access.Read(file, err)
	}
	return text, nil
}

// parse returns the documents of a file that are not empty.
func parse(file string, source []byte) ([]document, error) {
	text, err := yamltext.Parse(string(source), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var documents []document
	for _, node := range text.Docs {
		if node.Kind != yamltext.Scalar || node.Value != "" {
			documents = append(documents, document{file, text, node})
		}
	}
	return documents, nil
}

// choose returns the document that images are taken from: the only CSV, else the only Deployment,
// else the only document, of which package olm says what it is instead.
func choose(documents []document) (document, error) {
	var csvs, deployments []document
	for _, d := range documents {
		switch {
		case olm.IsCSV(d.node):
			csvs = append(csvs, d)
		case olm.IsSource(d.node):
			deployments = append(deployments, d)
		}
	}
	if len(csvs) > 1 {
		return document{}, fmt.Errorf("%d CSVs found: %s: name one of them", len(csvs), positions(csvs))
	}
	for _, candidates := range [][]document{csvs, deployments, documents} {
		if len(candidates) == 1 {
			return candidates[0], nil
		}
	}
	return document{}, fmt.Errorf("no %s found: give a CSV file or a bundle folder with one", olm.Kind)
}

// positions lists where documents begin.
func positions(documents []document) string {
	list := make([]string, len(documents))
	for i, d := range documents {
		line, _ := yamltext.NewLines(d.text.Source).At(d.node.Offset)
		list[i] = fmt.Sprintf("%s:%d", d.file, line)
	}
	return strings.Join(list, ", ")
}

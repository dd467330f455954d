package olm

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/yamltext"
)

// Load returns the images of the CSVs at paths: files, or bundle folders that hold exactly one each. A file may also hold the
// operator's Deployment. names are those of the variables.
func Load(names catalog.Names, paths ...string) ([]catalog.Entry, error) {
	var entries []catalog.Entry
	for _, path := range paths {
		found, err := load(path, names)
		if err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	return entries, nil
}

func load(path string, names catalog.Names) ([]catalog.Entry, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("csv: %w", access.Read(path, err))
	}
	if !info.IsDir() {
		documents, err := read(path, "")
		if err != nil {
			return nil, fmt.Errorf("csv: %w", err)
		}
		return one(path, documents, names)
	}
	var csvs []document
	err = fs.WalkDir(os.DirFS(path), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return access.Read(filepath.Join(path, name), err)
		}
		if !entry.Type().IsRegular() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
			return nil
		}
		found, err := read(filepath.Join(path, name), Kind)
		for _, d := range found {
			if IsCSV(d.node) {
				csvs = append(csvs, d)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	return one(path, csvs, names)
}

// document is a document of a file.
type document struct {
	file string
	text *yamltext.Text
	node *yamltext.Node
}

// read returns the documents of file that are not empty, or none without parsing it where it does not mention a word.
func read(file, word string) ([]document, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, access.Read(file, err)
	}
	if !bytes.Contains(source, []byte(word)) {
		return nil, nil
	}
	text, err := yamltext.Parse(string(source))
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

// one returns the entries of the only CSV among documents, which were found at path.
func one(path string, documents []document, names catalog.Names) ([]catalog.Entry, error) {
	sources := slices.DeleteFunc(slices.Clone(documents), func(d document) bool { return !IsSource(d.node) })
	csvs := slices.DeleteFunc(slices.Clone(sources), func(d document) bool { return !IsCSV(d.node) })
	switch {
	case len(csvs) == 1:
		return Entries(csvs[0].file, csvs[0].text, csvs[0].node, names)
	case len(csvs) > 1:
		var files []string
		for _, d := range csvs {
			line, _ := yamltext.NewLines(d.text.Source).At(d.node.Offset)
			files = append(files, fmt.Sprintf("%s:%d", d.file, line))
		}
		return nil, fmt.Errorf("%s: it holds %d CSVs: %s: name one of them", path, len(csvs), strings.Join(files, ", "))
	case len(sources) == 1:
		return Entries(path, sources[0].text, sources[0].node, names)
	case len(documents) == 1:
		return Entries(path, documents[0].text, documents[0].node, names) // says what it is instead
	}
	return nil, errors.New(path + ": it holds no " + Kind + ": give a CSV file or a bundle folder with one")
}

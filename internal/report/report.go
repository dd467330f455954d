// Package report states findings: as results of a KRM function, as a table for people, as JSON and YAML for programs, and as a
// list of images for auditors. It decides nothing.
package report

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/rewrite"
)

// Format is a way to write findings or a catalog.
type Format string

// The formats.
const (
	FormatTable Format = "table"
	FormatJSON  Format = "json"
	FormatYAML  Format = "yaml"
	FormatList  Format = "list" // of findings only
)

// Findings writes the findings of files in a format. Programs get an array of objects with the keys file, document, path, line, column,
// image, status, proposed, entry, rule, candidates and message, all of them always. A list is every image that the files
// name, sorted, once. changes is for tables: it leaves out what is current. Each of the files has findings.
func Findings(w io.Writer, format Format, screen Screen, files [][]rewrite.Finding, changes bool) error {
	switch format {
	case FormatTable:
		return Table(w, screen, files, changes)
	case FormatList:
		images := map[string]bool{}
		for f := range all(files) {
			images[f.Image] = true
		}
		return writeLines(w, slices.Sorted(maps.Keys(images)))
	}
	findings := []*rewrite.Finding{} // none is [], not null
	return structured(w, format, slices.AppendSeq(findings, all(files)))
}

// all yields the findings of all files.
func all(files [][]rewrite.Finding) iter.Seq[*rewrite.Finding] {
	return func(yield func(*rewrite.Finding) bool) {
		for _, findings := range files {
			for i := range findings {
				if !yield(&findings[i]) {
					return
				}
			}
		}
	}
}

func writeLines(w io.Writer, lines []string) error {
	b := bufio.NewWriter(w) // keeps its error for Flush
	for _, line := range lines {
		_, _ = b.WriteString(line)
		_ = b.WriteByte('\n')
	}
	return b.Flush()
}

// structured writes v as JSON or YAML, by its JSON form.
func structured(w io.Writer, format Format, v any) error {
	b := &strings.Builder{}
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	text := []byte(b.String())
	if format == FormatYAML {
		var err error
		if text, err = yaml.JSONToYAML(text); err != nil {
			return err
		}
	}
	_, err := w.Write(text)
	return err
}

// entry is the form in which programs get an entry of the catalog.
type entry struct {
	Name     string `json:"name"`
	Scheme   string `json:"scheme"`
	Image    string `json:"image"`
	Registry string `json:"registry"` // plugin or devfile
	Tag      string `json:"tag"`      // of the original reference, of scheme registry
	Original string `json:"original"` // the original reference, of schemes sample and related-image
	Editor   string `json:"editor"`   // editor, version and component, of scheme editor
	Arch     string `json:"arch"`
	CSV      string `json:"csv"`
	Where    string `json:"where"`
	Note     string `json:"note"`
}

// Catalog writes what a catalog offers in a format: to programs an array of objects.
func Catalog(w io.Writer, format Format, screen Screen, c *catalog.Catalog) error {
	if format == FormatTable {
		return CatalogTable(w, screen, c.Entries())
	}
	entries := make([]entry, len(c.Entries()))
	for i, e := range c.Entries() {
		entries[i] = entry{
			e.Name, string(e.Scheme), e.Image.String(), string(e.Registry), e.Tag, e.Original.String(),
			e.Editor, e.Arch, e.CSV, e.Where, e.Note,
		}
	}
	return structured(w, format, entries)
}

// Package report states findings: as results of a KRM function, as a table for people, as JSON and YAML for programs, and as a
// list of images for auditors. It decides nothing.
package report

import (
	"bufio"
	"encoding/json"
	"io"
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

// Findings writes findings in a format. Programs get an array of objects with the keys file, document, path, line, column,
// image, status, proposed, entry, rule, candidates and message, all of them always. A list is every image that the files
// name, sorted, once. changes is for tables: it leaves out what is current.
func Findings(w io.Writer, format Format, screen Screen, findings []rewrite.Finding, changes bool) error {
	switch format {
	case FormatTable:
		return Table(w, screen, findings, changes)
	case FormatList:
		images := make([]string, 0, len(findings))
		for _, f := range findings {
			images = append(images, f.Image)
		}
		slices.Sort(images)
		return writeLines(w, slices.Compact(images))
	}
	if findings == nil {
		findings = []rewrite.Finding{}
	}
	return structured(w, format, findings)
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

// Package report writes findings and the entries of catalogs in the formats that people, programs
// and orchestrators read. It decides nothing.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
)

// Format is a way to write findings, entries of a catalog, or both.
type Format struct {
	Name     string
	Findings func(io.Writer, Findings) error // nil if the format has no form for findings
	Catalog  func(io.Writer, Catalog) error  // nil if it has none for entries
}

// formats is the table of formats.
var formats = []Format{
	{Table, findingsTable, catalogTable},
	{"json", findingsJSON, catalogJSON},
	{"yaml", findingsYAML, catalogYAML},
	{"list", findingsList, nil},
	{"line", findingsLines, nil},
}

// Table is the name of the format for people.
const Table = "table"

// FindingsFormats returns the names of the formats for findings.
func FindingsFormats() []string { return names(func(f Format) bool { return f.Findings != nil }) }

// CatalogFormats returns the names of the formats for entries of a catalog.
func CatalogFormats() []string { return names(func(f Format) bool { return f.Catalog != nil }) }

func names(has func(Format) bool) []string {
	var names []string
	for _, f := range formats {
		if has(f) {
			names = append(names, f.Name)
		}
	}
	return names
}

// FormatOf returns the format of that name, which must be one of those that can be chosen.
func FormatOf(name string, choice []string) (Format, error) {
	if !slices.Contains(choice, name) {
		return Format{}, fmt.Errorf("there is no format %q: choose one of %s", name, strings.Join(choice, ", "))
	}
	return formats[slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })], nil
}

// Findings are what a command found.
type Findings struct {
	Files       [][]engine.Finding // of each file that has some
	Counts      *policy.Counts
	OnlyChanges bool // tables leave out references that are current
	Screen      Screen
}

// all returns the findings of all files.
func (r Findings) all() []*engine.Finding {
	var all []*engine.Finding
	for _, findings := range r.Files {
		for i := range findings {
			all = append(all, &findings[i])
		}
	}
	return all
}

// Catalog is what CSVs offer.
type Catalog struct {
	Entries []catalog.Entry
	Screen  Screen
}

// Screen is what tables are written for.
type Screen struct {
	Width int  // in columns
	Color bool // for a terminal that shows colours
}

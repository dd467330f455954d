// Package report writes findings and the entries of catalogs in the formats that people, programs
// and orchestrators read. It decides nothing.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
)

// Format is a way to write findings. Most formats also write the entries of a catalog.
type Format struct {
	Name     string
	Counts   bool // the last line of findings says how many there are, in words
	findings func(io.Writer, Findings) error
	catalog  func(io.Writer, Catalog) error // nil if the format has no form for entries
}

// formats is the table of formats.
var formats = []Format{
	{Table, true, findingsTable, catalogTable},
	{Line, true, findingsLines, catalogLines},
	{"json", false, findingsJSON, catalogJSON},
	{"yaml", false, findingsYAML, catalogYAML},
	{"list", false, findingsList, nil},
}

// The names of the formats that are taken where none is asked for.
const (
	Table = "table" // on a terminal
	Line  = "line"  // elsewhere
)

// FindingsFormats returns the names of the formats for findings.
func FindingsFormats() []string { return names(func(Format) bool { return true }) }

// CatalogFormats returns the names of the formats for entries of a catalog.
func CatalogFormats() []string { return names(func(f Format) bool { return f.catalog != nil }) }

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
	Counts      *policy.Counts     // of all of them, whichever are shown
	Statuses    []engine.Status    // of those that are shown; nil is all
	OnlyChanges bool               // without Statuses, people are not shown references that are current
	Quiet       bool               // none are shown
	Note        string             // a last line for people, unless Quiet; or empty
	Screen      Screen
}

// WriteFindings writes findings, and how many there are, if the format has a line for that.
func (f Format) WriteFindings(w io.Writer, r Findings) error {
	if !r.Quiet {
		if err := f.findings(w, r); err != nil {
			return err
		}
	}
	if !f.Counts {
		return nil
	}
	last := r.Counts.Summary(len(r.Files), "file")
	if r.Note != "" && !r.Quiet {
		last += "\n" + r.Note
	}
	_, err := fmt.Fprintln(w, last)
	return err
}

// shown returns the findings that are shown.
func (r Findings) shown() []*engine.Finding {
	var shown []*engine.Finding
	for _, findings := range r.Files {
		for i := range findings {
			if r.Statuses == nil || slices.Contains(r.Statuses, findings[i].Status) {
				shown = append(shown, &findings[i])
			}
		}
	}
	return shown
}

// shownToPeople returns the findings that are shown by formats for people.
func (r Findings) shownToPeople() []*engine.Finding {
	return slices.DeleteFunc(r.shown(), func(f *engine.Finding) bool {
		return r.OnlyChanges && r.Statuses == nil && f.Status == engine.Current && f.Message == ""
	})
}

// Catalog is what CSVs offer.
type Catalog struct {
	Entries []Entry
	Screen  Screen
}

// WriteCatalog writes entries in one of CatalogFormats.
func (f Format) WriteCatalog(w io.Writer, c Catalog) error { return f.catalog(w, c) }

// Screen is what tables are written for.
type Screen struct {
	Width int  // in columns
	Color bool // for a terminal that shows colours
}

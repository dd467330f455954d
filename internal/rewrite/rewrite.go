// Package rewrite decides what every image reference must be, and makes it so.
//
// It is the engine behind both doors: text goes in with a catalog, findings and new text come out. Deciding and editing are
// apart: first every site has its finding, then the edits are made layer by layer, innermost first, and carried out through
// the scalars that hold the layers. A reference that cannot be edited safely is left alone and found Unreachable; when unsure,
// the text stays as it is. Every site has exactly one finding.
package rewrite

import (
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

// Status says how a reference stands to the CSV.
type Status string

// The statuses.
const (
	Stale       Status = "stale"       // the CSV says otherwise; injecting changes it
	Injected    Status = "injected"    // it was stale, and has been changed
	Current     Status = "current"     // it is what the CSV says
	Drifted     Status = "drifted"     // pinned to a digest that the CSV does not have, of a repository that it has
	Ambiguous   Status = "ambiguous"   // the CSV has several images for it
	Uncovered   Status = "uncovered"   // the CSV has no image for it
	Unreachable Status = "unreachable" // it cannot be edited without touching other text
)

// Finding is what was found out about one reference.
type Finding struct {
	File       string   `json:"file"`
	Document   int      `json:"document"` // from 0
	Path       string   `json:"path"`     // as in the KRM Functions Specification; empty in a list of lines
	Line       int      `json:"line"`     // of the reference's first character in the file, from 1
	Column     int      `json:"column"`   // in characters, from 1
	Image      string   `json:"image"`    // as it stands in the file
	Status     Status   `json:"status"`
	Proposed   string   `json:"proposed"`   // what the CSV says, when that is something else
	Entry      string   `json:"entry"`      // the variable, or other place in the CSV, that says it
	Rule       string   `json:"rule"`       // that decided: editor, tag, sample, related-image
	Candidates []string `json:"candidates"` // the images that the CSV has for it, when it is not clear which
	Message    string   `json:"message"`    // the reason for anything but stale, injected and current

	Unpinned bool `json:"-"` // the CSV's image is a tag
}

// Result is what became of a file.
type Result struct {
	Findings []Finding // of every site, in order
	Problems []locate.Problem
	Text     string            // the new text, or the old one where nothing changed
	Changes  []yamltext.Change // what changed in the old one
}

// File decides and rewrites the references of one file, YAML, JSON or a list by its slash-separated name, which findings give
// and which tells the kind of registry. The error says why the file does not parse.
func File(c *catalog.Catalog, name, source string) (Result, error) {
	var finder locate.Finder
	layer, err := finder.File(name, source)
	if err != nil {
		return Result{}, err
	}
	kind := catalog.RegistryOf(name)
	result := Sites(c, layer, finder.Sites, func(int) catalog.RegistryKind { return kind })
	result.Problems = finder.Problems
	lines := yamltext.NewLines(source)
	for i := range result.Findings {
		f := &result.Findings[i]
		f.File = name
		f.Line, f.Column = lines.At(finder.Sites[i].Offset())
	}
	return result, nil
}

// Sites decides the sites of a text, top, and rewrites it. Findings are in the order of sites; they have no file, line and
// column. kind tells the kind of the registry that the site of an index belongs to.
func Sites(c *catalog.Catalog, top *locate.Layer, sites []locate.Site, kind func(i int) catalog.RegistryKind) Result {
	findings := make([]Finding, len(sites))
	for i, s := range sites {
		findings[i] = decide(c, s, kind(i))
	}
	s := splicer{sites: sites, findings: findings, edits: map[*locate.Layer][]edit{}}
	s.plan()
	text, changes := s.run(top)
	return Result{Findings: findings, Text: text, Changes: changes}
}

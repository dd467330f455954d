// Package rewrite decides what every image reference must be, and makes it so.
//
// It is the engine behind both doors: text goes in with a catalog, findings and new text come out. Deciding and editing are
// apart: first every site has its finding, then the edits are made layer by layer, innermost first, and carried out through
// the scalars that hold the layers. A reference that cannot be edited safely is left alone and found Unreachable; when unsure,
// the text stays as it is. Every site has exactly one finding.
package rewrite

import (
	"strings"

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
	Rule       string   `json:"rule"`       // that decided: marker, placeholder, editor, tag, sample, related-image, alias, repository
	Candidates []string `json:"candidates"` // the images that the CSV has for it, when it is not clear which
	Message    string   `json:"message"`    // the reason for anything but stale, injected and current

	Unpinned bool `json:"-"` // the CSV's image is a tag
	Broken   bool `json:"-"` // it names a variable that does not say which image: it is an error, whatever else
}

// Rewriter decides references by a catalog.
type Rewriter struct {
	Catalog *catalog.Catalog
	Scope   locate.Scope
	Options Options

	// Memory may be nil. With it, the Rewriter is not for several goroutines at a time.
	Memory *Memory
}

// Memory is what File takes for a file after the other, whose Sites and Edits end with the next one. The zero Memory is ready.
type Memory struct {
	arena  yamltext.Arena
	finder locate.Finder
}

// Result is what became of a file.
type Result struct {
	Findings []Finding         // of every site, in order; they keep nothing of the source
	Sites    []locate.Site     // that the findings are of
	Problems []locate.Problem  // nor do these
	Text     string            // the new text, which lives as long as Sites, or the old one where nothing changed
	Changes  []yamltext.Change // what changed in the old one
	Edits    []yamltext.Edit   // and in the values of its scalars
}

// File decides and rewrites the references of one file, YAML, JSON or a list by its slash-separated name, which findings give
// and which tells the kind of registry. The error says why the file does not parse.
func (r Rewriter) File(name, source string) (Result, error) {
	memory := r.Memory
	if memory == nil {
		memory = new(Memory)
	}
	memory.arena.Reset()
	finder := &memory.finder
	finder.Reset(r.Scope)
	layer, err := finder.File(&memory.arena, name, source)
	if err != nil {
		return Result{}, err
	}
	kind := catalog.RegistryOf(name)
	result := r.Sites(layer, finder, func(*locate.Site) catalog.RegistryKind { return kind })
	lines := yamltext.NewLines(source)
	for i := range result.Findings {
		f := &result.Findings[i]
		f.File, f.Image, f.Proposed = name, finder.Keep(f.Image), finder.Keep(f.Proposed) // which may be parts of the source
		f.Line, f.Column = lines.At(result.Sites[i].Offset())
	}
	return result, nil
}

// Sites decides what the finder found in a text, top, and rewrites it. Findings have no file, line and column yet. kind tells
// the kind of the registry that a site belongs to. An image that stands at no known place, and of which the CSV has nothing, is
// left out: it may be the image of a brand, or a disk.
func (r Rewriter) Sites(top *locate.Layer, finder *locate.Finder, kind func(*locate.Site) catalog.RegistryKind) Result {
	s := splicer{sites: finder.Sites[:0], findings: make([]Finding, 0, len(finder.Sites))}
	d := decider{catalog: r.Catalog, options: r.Options}
	for i := range finder.Sites {
		site := &finder.Sites[i]
		site.Locked = finder.Locked(site)
		d.kind = kind(site)
		f := d.decide(site)
		if site.Known || f.Broken || f.Status != Uncovered || len(f.Candidates) > 0 {
			s.sites, s.findings = append(s.sites, *site), append(s.findings, f)
		}
	}
	s.markers = r.markers(s.sites, s.findings)
	result := Result{Sites: s.sites, Problems: finder.Problems}
	result.Text, result.Changes, result.Edits = s.apply(top)
	result.Findings = s.findings
	return result
}

// markers returns the comment that each site is to have: placeholders, and with Record all that is injected, leave the name of
// their variable behind, so that the next CSV finds it. Of none it is nil. Where no comment can stand, the finding says so.
func (r Rewriter) markers(sites []locate.Site, findings []Finding) []string {
	var markers []string
	for i := range sites {
		site, f := &sites[i], &findings[i]
		if f.Status != Stale || site.Marker != "" || site.Variable == "" && !r.Options.Record {
			continue
		}
		e := r.Catalog.Variable(f.Entry)
		if e == nil {
			continue // it is from another place of the CSV
		}
		name := r.Catalog.ShortName(e)
		if site.Variable != "" {
			name = site.Variable
		}
		if reason := site.Uncommented(); reason != "" {
			f.Message = strings.TrimPrefix(f.Message+"; the name of its variable is not kept: "+reason, "; ")
			continue
		}
		if markers == nil {
			markers = make([]string, len(sites))
		}
		markers[i] = locate.MarkerKey + " " + name
	}
	return markers
}

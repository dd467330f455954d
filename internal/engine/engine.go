// Package engine decides what every image reference in a text must be, and makes the edits that say
// so.
//
// A text goes in with a catalog; findings, changes and problems come out. Deciding and editing are
// apart: first every site has its finding, then the edits are made layer by layer, innermost first,
// and carried out through the scalars that hold the layers. A reference that cannot be edited
// safely is left alone and found Unreachable; when unsure, the text stays as it is. Every site has
// exactly one finding.
//
// The engine opens nothing and writes nothing. Packages krm, files and stream give it texts, and
// apply its changes.
package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

// Engine decides references by a catalog. It may be used by several goroutines at a time.
type Engine struct {
	Catalog  *catalog.Catalog
	Previous []Release // newest first
	Operator Operator
	Scope    locate.Scope
	Options  Options
}

// Operator names the objects that an operator itself is installed by.
type Operator struct {
	Packages    []string // that a Subscription of OLM names
	Deployments []string // of the CSV's install strategy
}

// Context is what the engine must be told of a text or an object, since neither says it.
type Context struct {
	Registry     catalog.RegistryKind // that it belongs to
	KeepsComment bool                 // what is written is read again with its comments, so that a marker can be left
}

// Input is the text of a file: YAML, JSON or, by its name, a list of references.
type Input struct {
	Context
	Name string // with slashes; findings give it
	Text string
}

// Objects are objects of a text that has been parsed. Only they are looked at.
type Objects struct {
	Text      *yamltext.Text
	Nodes     []*yamltext.Node
	Contexts  []Context      // of each node
	Protected *yamltext.Node // what must not be edited, or nil: an alias in an object can stand for a part of it
}

// Outcome is what was found in a text, and what is to be changed in it.
type Outcome struct {
	Findings []Finding // one for each reference, in order
	Changes  []yamltext.Change
	Problems []locate.Problem

	Templates int // how many texts are templates of other tools where a reference can stand
	Usage     Usage
}

// Decide decides the references of a text. The error says why the text does not parse.
func (e Engine) Decide(in Input) (Outcome, error) {
	found, err := e.Scope.Find(locate.Input{Name: in.Name, Source: in.Text, CommentsLost: !in.KeepsComment})
	if err != nil {
		return Outcome{}, err
	}
	defer found.Release()
	outcome, sites := e.decide(found, func(*locate.Site) catalog.RegistryKind { return in.Registry })
	lines := yamltext.NewLines(in.Text)
	for i := range outcome.Findings {
		f := &outcome.Findings[i]
		f.File = in.Name
		f.Line, f.Column = lines.At(sites[i].Offset())
	}
	return outcome, nil
}

// DecideObjects decides the references of objects. The Document of a finding or problem is the
// index of its object, its path begins at that, and it has no file, line and column.
func (e Engine) DecideObjects(in Objects) Outcome {
	input := locate.Input{Source: in.Text.Source, Text: in.Text, Protected: []*yamltext.Node{in.Protected}}
	input.Roots = make([]locate.Root, 0, len(in.Nodes)) // nil would be the whole text
	for i, node := range in.Nodes {
		input.Roots = append(input.Roots, locate.Root{
			Node: node.Resolve(), Document: i, CommentsLost: !in.Contexts[i].KeepsComment,
		})
	}
	found, _ := e.Scope.Find(input) // it fails only where it parses
	defer found.Release()
	outcome, _ := e.decide(found, func(s *locate.Site) catalog.RegistryKind { return in.Contexts[s.Document].Registry })
	return outcome
}

// decide decides what was found in a text, and makes the edits. It returns the site of each
// finding, too. An image that stands at no known place, and of which neither the CSV nor an earlier
// one has anything, is left out: it may be the image of a brand, or a disk.
func (e Engine) decide(found locate.Result, registry func(*locate.Site) catalog.RegistryKind) (Outcome, []locate.Site) {
	s := splicer{sites: found.Sites[:0], findings: make([]Finding, 0, len(found.Sites))}
	d := decider{catalog: e.Catalog, previous: e.Previous, operator: e.Operator, options: e.Options}
	d.matched = make([]bool, len(e.Options.Map))
	var deciding []*catalog.Entry // of each finding
	for i := range found.Sites {
		site := &found.Sites[i]
		d.kind = registry(site)
		f, entry := d.decide(site)
		if site.NotEdited {
			if f.Status == Stale {
				found.Problems = append(found.Problems, notEdited(site, f))
			}
			continue
		}
		if site.Known || f.Broken || f.Known || f.Rule != "" {
			s.sites, s.findings, deciding = append(s.sites, *site), append(s.findings, f), append(deciding, entry)
		}
	}
	s.markers = e.markers(s.sites, s.findings, deciding)
	changes := s.apply(found.Top)
	slices.SortStableFunc(changes, func(a, b yamltext.Change) int { return cmp.Compare(a.Start, b.Start) })
	for i := range s.findings {
		f := &s.findings[i]
		f.Image, f.Proposed = strings.Clone(f.Image), strings.Clone(f.Proposed)
	}
	usage := Usage{found.Fields, found.Exclude, d.matched}
	return Outcome{s.findings, changes, found.Problems, found.Templates, usage}, s.sites
}

// notEdited tells of an image that the CSV would change if it stood at a place for images.
func notEdited(s *locate.Site, f Finding) locate.Problem {
	return locate.Problem{Document: s.Document, Root: s.Root, Path: s.Path, Message: fmt.Sprintf(
		"%s is left alone, since the name beside it is no variable of the CSV: %s would make it %s "+
			"(name the path by the option fields to have it injected)", f.Image, f.Entry, f.Proposed)}
}

package engine

import (
	"fmt"
	"slices"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// Release is an earlier release of an operator.
type Release struct {
	CSV     string // its name
	Package string // the operator's name
	Next    string // the name of the operator's CSV that is the truth, or "" where there is none
	Catalog *catalog.Catalog
}

// knowledge is what the newest of the previous releases of an operator that knows a reference says of it.
type knowledge struct {
	Release
	entries []*catalog.Entry
	gone    []*catalog.Entry // those of them that have no successor
}

// byPrevious finds the reference in the newest of the previous releases that knows it, by a tag or by the digest that it was
// injected with, and carries that over to the CSV: a digest names its variable, if the CSV of that release is at hand
// (eclipse-che/che#19736). The successors of several variables, and of those of several operators, must agree.
func (d *decider) byPrevious(s *locate.Site, r imageref.Ref) catalog.Match {
	names := []imageref.Ref{r}
	for _, a := range d.options.Aliases {
		if original, ok := move(r, a.From, a.To); ok {
			names = append(names, original)
		}
	}
	var knew []knowledge
	var all []*catalog.Entry
	for _, release := range d.previous {
		if slices.ContainsFunc(knew, func(k knowledge) bool { return k.Package == release.Package }) {
			continue // a newer one knows it
		}
		found := release.find(s, d.kind, names)
		if len(found) > 0 {
			successors, gone := d.catalog.Successors(release.Catalog, found, release.Next)
			knew, all = append(knew, knowledge{release, found, gone}), append(all, successors...)
		}
	}
	if len(knew) > 0 {
		d.knew = knew
	}
	return catalog.MatchOf(all)
}

// find returns the variables that the release has for the first of a reference's names that it knows.
func (r Release) find(s *locate.Site, kind catalog.RegistryKind, names []imageref.Ref) []*catalog.Entry {
	for _, name := range names {
		found := r.Catalog.Find(catalog.Query{Ref: name, Kind: kind, Editor: (*catalog.EditorKey)(s.Editor)})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// renewedFrom returns the name of the CSV that knew the reference by a variable which has a successor.
func (d *decider) renewedFrom() string {
	i := slices.IndexFunc(d.knew, func(k knowledge) bool { return len(k.gone) < len(k.entries) })
	return d.knew[i].CSV
}

// disagreeing says that the reference stood for several variables, of which the CSV has different images.
func (d *decider) disagreeing(f Finding, a answer) Finding {
	f.Status, f.Rule, f.Candidates, f.Previous = Ambiguous, a.rule.name, images(a.Candidates), d.renewedFrom()
	for _, k := range d.knew {
		f.Message += fmt.Sprintf("in %s it was %s, ", k.CSV, names(k.entries))
	}
	f.Message += fmt.Sprintf("for which the CSV has %d images: %s", len(a.Candidates), names(a.Candidates))
	return f
}

// gone says which variables of the previous releases the reference was, that the CSV does not have any more.
func (d *decider) gone() string {
	text := ""
	for _, k := range d.knew {
		if len(k.gone) > 0 {
			text += fmt.Sprintf("; in %s it was %s, which the CSV does not have", k.CSV, names(k.gone))
		}
	}
	return text
}

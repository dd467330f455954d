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
	Catalog *catalog.Catalog
}

// knowledge is what the newest of the previous releases that knows a reference says of it.
type knowledge struct {
	release string           // the name of its CSV, or "" if none knows it
	entries []*catalog.Entry // of that release
	gone    []*catalog.Entry // those of them that have no successor
}

// byPrevious finds the reference in the newest of the previous releases that knows it, by a tag or by the digest that it was
// injected with, and carries that over to the CSV: a digest names its variable, if the CSV of that release is at hand
// (eclipse-che/che#19736). The successors of several variables must agree.
func (d *decider) byPrevious(s *locate.Site, r imageref.Ref) catalog.Match {
	names := []imageref.Ref{r}
	for _, a := range d.options.Aliases {
		if original, ok := move(r, a.From, a.To); ok {
			names = append(names, original)
		}
	}
	for _, release := range d.previous {
		for _, name := range names {
			found := release.Catalog.Find(catalog.Query{Ref: name, Kind: d.kind, Editor: (*catalog.EditorKey)(s.Editor)})
			if len(found) == 0 {
				continue
			}
			successors, gone := d.catalog.Successors(release.Catalog, found)
			d.knew = knowledge{release.CSV, found, gone}
			bad := slices.IndexFunc(successors, (*catalog.Entry).IsBad)
			switch {
			case bad >= 0:
				return catalog.Match{Bad: successors[bad]}
			case len(successors) == 0:
				return catalog.Match{}
			case len(successors) == 1:
				return catalog.Match{Entry: successors[0]}
			}
			return catalog.Match{Candidates: successors}
		}
	}
	return catalog.Match{}
}

// disagreeing says that the reference stood for several variables, of which the CSV has different images.
func (d *decider) disagreeing(f Finding, a answer) Finding {
	f.Status, f.Rule, f.Candidates, f.Previous = Ambiguous, a.rule.name, images(a.Candidates), d.knew.release
	f.Message = fmt.Sprintf("in %s it was %s, for which the CSV has %d images: %s",
		d.knew.release, names(d.knew.entries), len(a.Candidates), names(a.Candidates))
	return f
}

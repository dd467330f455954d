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

// knowledge is what the newest of the previous releases of an operator that knows a reference says
// of it.
type knowledge struct {
	Release
	entries []*catalog.Entry
	gone    []*catalog.Entry // those of them that have no successor
}

// byPrevious finds the reference among the variables of the newest of the previous releases that
// knows it, by a tag or by the digest that it was injected with, and carries that over to the CSV:
// a digest names its variable, if the CSV of that release is at hand (eclipse-che/che#19736). The
// successors of several variables, and of those of several operators, must agree.
func (d *decider) byPrevious(s *locate.Site, r imageref.Ref) catalog.Match {
	return d.carryOver(r, func(c *catalog.Catalog, name imageref.Ref) []*catalog.Entry {
		return c.Find(catalog.Query{Ref: name, Kind: d.kind, Editor: (*catalog.EditorKey)(s.Editor)})
	})
}

// byPreviousMarker finds the variable that a marker names in an earlier release, where the CSV has
// none of that name any more: a name that encodes a tag changes with that.
func (d *decider) byPreviousMarker(s *locate.Site) (answer, bool) {
	if s.Marker == "" || s.Variable != "" {
		return answer{}, false
	}
	m := d.carryOver(s.Ref, func(c *catalog.Catalog, _ imageref.Ref) []*catalog.Entry {
		if named := c.ByName(s.Marker); named.Entry != nil {
			return []*catalog.Entry{named.Entry}
		}
		return nil
	})
	return answer{m, rule{name: "previous"}, s.Ref}, m.Entry != nil
}

// byPreviousEvidence does the same for what was no variable's, but relatedImages had.
func (d *decider) byPreviousEvidence(_ *locate.Site, r imageref.Ref) catalog.Match {
	if len(d.knew) > 0 {
		return catalog.Match{}
	}
	return d.carryOver(r, (*catalog.Catalog).FindEvidence)
}

// carryOver finds the reference in the newest release of each operator that knows it, and returns
// what the CSV has in the place of what was found there.
func (d *decider) carryOver(r imageref.Ref, find func(*catalog.Catalog, imageref.Ref) []*catalog.Entry) catalog.Match {
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
		for _, name := range names {
			if found := find(release.Catalog, name); len(found) > 0 {
				successors, gone := d.catalog.Successors(release.Catalog, found, release.Next)
				knew, all = append(knew, knowledge{release, found, gone}), append(all, successors...)
				break
			}
		}
	}
	if len(knew) > 0 {
		d.knew = knew
	}
	return catalog.MatchOf(all)
}

// renewedFrom returns the name of the CSV that knew the reference by a variable which has a
// successor.
func (d *decider) renewedFrom() string {
	i := slices.IndexFunc(d.knew, func(k knowledge) bool { return len(k.gone) < len(k.entries) })
	return d.knew[i].CSV
}

// disagreeing says that the reference stood for several variables, of which the CSV has different
// images.
func (d *decider) disagreeing(f Finding, a answer) Finding {
	f.Status, f.Rule, f.Candidates, f.Previous = Ambiguous, a.rule.name, images(a.Candidates), d.renewedFrom()
	for _, k := range d.knew {
		f.Message += fmt.Sprintf("in %s it was %s, ", k.CSV, names(k.entries))
	}
	f.Message += fmt.Sprintf("for which the CSV has %d images: %s", len(a.Candidates), names(a.Candidates))
	return f
}

// gone returns the names of the variables that the reference was in previous releases, and that the
// CSV does not have any more, and says so.
func (d *decider) gone() (variables []string, message string) {
	for _, k := range d.knew {
		if len(k.gone) == 0 {
			continue
		}
		message += fmt.Sprintf("; in %s it was %s, which the CSV does not have", k.CSV, names(k.gone))
		for _, e := range k.gone {
			variables = append(variables, e.Name)
		}
	}
	return variables, message
}

// Before returns the newest release before the CSV of a name, or nil: of its operator, or else of
// one that is not there any more.
func (e Engine) Before(csv string) *catalog.Catalog {
	for _, next := range []string{csv, ""} {
		for _, r := range e.Previous {
			if r.Next == next {
				return r.Catalog
			}
		}
	}
	return nil
}

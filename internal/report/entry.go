package report

import (
	"cmp"
	"fmt"
	"slices"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
)

// Entry is an entry of a catalog, and what was found out about it beyond the CSV.
type Entry struct {
	catalog.Entry
	*Change         // nil: the release before is not known
	References *int `json:"references,omitempty"` // that it decides; nil: they were not looked for
}

// Change is what became of an entry since the release before.
type Change struct {
	Kind          catalog.ChangeKind `json:"change"`
	PreviousImage string             `json:"previous"`               // or value that is none; "" if it is new
	PreviousName  string             `json:"previousName,omitempty"` // where it is another, as with a new tag
	standsFor     string             // of what is gone
}

// Since returns the entry of a change. What is gone has no image any more.
func Since(c catalog.Change) Entry {
	e := Entry{Change: &Change{Kind: c.Kind()}}
	if c.Before != nil {
		e.PreviousImage = cmp.Or(c.Before.Image.String(), c.Before.Value)
	}
	switch {
	case c.After == nil:
		e.Entry, e.standsFor = *c.Before, c.Before.StandsFor()
		e.Image, e.Value = catalog.Entry{}.Image, ""
		return e
	case c.Before != nil && c.Before.Name != c.After.Name:
		e.PreviousName = c.Before.Name
	}
	e.Entry = *c.After
	return e
}

// IsGone tells whether the CSV does not have the entry any more.
func (e Entry) IsGone() bool { return e.Change != nil && e.Kind == catalog.Removed }

// change says what became of the entry, if that is known.
func (e Entry) change() string {
	if e.Change == nil {
		return ""
	}
	return string(e.Kind)
}

// was is the name before, in brackets, where that was another.
func (e Entry) was() string {
	if e.Change == nil || e.PreviousName == "" {
		return ""
	}
	return "(was " + quote.Name(e.PreviousName) + ")"
}

// text says what a reference must be for the entry to decide it.
func (e Entry) text() string {
	if e.IsGone() {
		return quote.Text(e.standsFor)
	}
	return quote.Text(e.StandsFor())
}

// images returns the images before and after a change, or one that there is or was.
func (e Entry) images() (before, after string) {
	switch {
	case e.IsGone():
		return "", e.PreviousImage
	case e.Change != nil && e.Kind == catalog.Changed:
		return e.PreviousImage, cmp.Or(e.Image.String(), e.Value)
	}
	return "", e.Image.String()
}

// known tells whether an entry has a change, and whether one has its references counted.
func (c Catalog) known() (changes, references bool) {
	for _, e := range c.Entries {
		changes, references = changes || e.Change != nil, references || e.References != nil
	}
	return changes, references
}

// summary says how many entries there are, and how many of them became what.
func (c Catalog) summary() string {
	images := slices.DeleteFunc(slices.Clone(c.Entries), func(e Entry) bool { return e.IsBad() })
	text := policy.Plural(len(images), "image")
	if changes, _ := c.known(); !changes {
		return text
	}
	counts := map[catalog.ChangeKind]int{}
	for _, e := range c.Entries {
		if e.Change != nil {
			counts[e.Kind]++
		}
	}
	var parts []string
	for _, kind := range []catalog.ChangeKind{catalog.Added, catalog.Removed, catalog.Changed, catalog.Unchanged} {
		if n := counts[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	return text + ": " + joined(", ", parts...)
}

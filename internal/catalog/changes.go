package catalog

// Change is what a release made of an entry.
type Change struct {
	Before *Entry // of the release before; nil: it is new
	After  *Entry // nil: it is gone
}

// Kind says what was changed.
func (c Change) Kind() ChangeKind {
	switch {
	case c.Before == nil:
		return Added
	case c.After == nil:
		return Removed
	case c.Before.sameValue(c.After):
		return Unchanged
	}
	return Changed
}

// ChangeKind says what a release changed.
type ChangeKind string

// The kinds of changes. Of what is unchanged the name may be another.
const (
	Added     ChangeKind = "added"
	Removed   ChangeKind = "removed"
	Changed   ChangeKind = "changed" // the image
	Unchanged ChangeKind = "unchanged"
)

// Changes returns what the CSV of a name changed since old, the release before it: a change for
// each of its entries in c, in their order, then one for each that is gone. Entries are told by
// name and image, then as successors.
func (c *Catalog) Changes(old *Catalog, csv string) []Change {
	before, after := map[*Entry]*Entry{}, map[*Entry]*Entry{} // of entries of c, of entries of old
	match := func(found, e *Entry) {
		if before[e] == nil && after[found] == nil && e.CSV == csv {
			before[e], after[found] = found, e
		}
	}
	for i := range old.entries {
		for _, e := range c.named(old.entries[i].Name) {
			if e.sameValue(&old.entries[i]) {
				match(&old.entries[i], e)
			}
		}
	}
	for i := range old.entries {
		if found := &old.entries[i]; after[found] == nil {
			for _, e := range c.successor(old, found, csv) {
				match(found, e)
			}
		}
	}
	var changes []Change
	for i := range c.entries {
		if e := &c.entries[i]; e.CSV == csv {
			changes = append(changes, Change{before[e], e})
		}
	}
	for i := range old.entries {
		if found := &old.entries[i]; after[found] == nil {
			changes = append(changes, Change{Before: found})
		}
	}
	return changes
}

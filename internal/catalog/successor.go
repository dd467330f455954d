package catalog

import (
	"slices"

	"inject-related-images/internal/imageref"
)

// Query is what is known of a reference: what it says, where it stands, and in a registry of which
// kind.
type Query struct {
	Ref    imageref.Ref
	Kind   RegistryKind
	Editor *EditorKey // nil where it is not the image of an editor's component
}

// EditorKey names a component of an editor definition: metadata.name, metadata.attributes.version,
// and the component's name.
type EditorKey struct {
	Editor, Version, Component string
}

// Find returns the variables that say something of a reference: by the first of editor, tag,
// sample, original reference and image that has some, those of its kind of registry before those of
// the other.
func (c *Catalog) Find(q Query) []*Entry {
	if q.Editor != nil {
		for _, text := range editorSpellings(q.Editor.Editor, q.Editor.Version, q.Editor.Component) {
			if found := c.images(key{byEditor, text}); len(found) > 0 {
				return found
			}
		}
	}
	for _, kind := range []keyKind{byTag, bySample} {
		if found := c.images(key{kind, q.Ref.Normal()}); len(found) > 0 {
			return ofKind(found, q.Kind)
		}
	}
	return ofKind(c.withImage(q.Ref, (*Entry).isVariable), q.Kind)
}

// FindEvidence returns the entries that are no variables and say something of r.
func (c *Catalog) FindEvidence(r imageref.Ref) []*Entry {
	return c.withImage(r, (*Entry).isEvidence)
}

// withImage returns the entries with the image of r, or with that which stands in the place of its
// tag.
func (c *Catalog) withImage(r imageref.Ref, is func(*Entry) bool) []*Entry {
	images := []imageref.Ref{r}
	for _, e := range c.byKey[key{byRelatedImage, r.Normal()}] {
		images = append(images, e.Image)
	}
	var found []*Entry
	for _, image := range images {
		for _, e := range c.byImage[imageKey(image)] {
			if is(e) && !slices.Contains(found, e) {
				found = append(found, e)
			}
		}
	}
	return found
}

// images returns the entries of a key that have images.
func (c *Catalog) images(k key) []*Entry {
	return slices.DeleteFunc(slices.Clone(c.byKey[k]), (*Entry).IsBad)
}

// Successors returns the entries of c that take the place of those found in old, an earlier
// release. gone are the variables among them that have none. Those of the CSV that comes after old
// are asked first, if csv names one: several operators have variables of one name.
func (c *Catalog) Successors(old *Catalog, found []*Entry, csv string) (successors, gone []*Entry) {
	for _, e := range found {
		next := ofCSV(c.successor(old, e, csv), csv)
		if len(next) == 0 {
			gone = append(gone, e)
		}
		successors = append(successors, next...)
	}
	return successors, gone
}

// ofCSV returns the entries of a CSV, or all where there are none of it.
func ofCSV(entries []*Entry, csv string) []*Entry {
	own := slices.DeleteFunc(slices.Clone(entries), func(e *Entry) bool { return e.CSV != csv })
	if len(own) > 0 {
		return own
	}
	return entries
}

// successor returns the entries that take the place of e, an entry of old: the variable of the same
// name, or where that is of the architecture, the general one that stands for it now; of a
// variable whose name changes with the tag, the only new one of its stem, if exactly one of that
// stem is gone; of an editor or a sample, that of the same key. The successors of evidence are
// evidence of the same name.
func (c *Catalog) successor(old *Catalog, e *Entry, csv string) []*Entry {
	if e.isEvidence() {
		return slices.DeleteFunc(c.named(e.Name), (*Entry).isVariable)
	}
	if same := c.byKey[key{byName, e.Name}]; len(same) > 0 {
		return same
	}
	if general := c.byKey[key{byName, e.general}]; e.Arch != "" && e.Arch == c.arch && len(general) > 0 {
		return general
	}
	if stem := e.stem(); stem != "" {
		gone, added := old.without(c, stem, e.Arch, ""), c.without(old, stem, e.Arch, csv)
		if len(gone) == 1 && len(added) == 1 {
			return c.byKey[key{byName, added[0]}]
		}
		return nil
	}
	for _, k := range e.keys() {
		if k.kind == byEditor || k.kind == bySample {
			if found := c.byKey[k]; len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// named returns the entries of a name.
func (c *Catalog) named(name string) []*Entry {
	var found []*Entry
	for i := range c.entries {
		if e := &c.entries[i]; e.Name == name {
			found = append(found, e)
		}
	}
	return found
}

// stem returns the name of a variable without the tag that it encodes, or "" if it encodes none.
func (e *Entry) stem() string {
	if stem := e.scheme().stem; stem != nil {
		return stem(e)
	}
	return ""
}

// without returns the names of the variables of a stem, an architecture and a CSV, if csv names
// one, that c has and other does not.
func (c *Catalog) without(other *Catalog, stem, arch, csv string) []string {
	var names []string
	for i := range c.entries {
		e := &c.entries[i]
		if e.stem() != stem || e.Arch != arch || csv != "" && e.CSV != csv {
			continue
		}
		if len(other.byKey[key{byName, e.Name}]) == 0 && !slices.Contains(names, e.Name) {
			names = append(names, e.Name)
		}
	}
	return names
}

package catalog

import (
	"slices"
	"strings"

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

// Find returns all images that say something of a reference: by the first of editor, tag, sample,
// original reference and image that has some. Variables come before other evidence, and entries of
// its kind of registry before those of the other.
func (c *Catalog) Find(q Query) []*Entry {
	if q.Editor != nil {
		for _, text := range editorSpellings(q.Editor.Editor, q.Editor.Version, q.Editor.Component) {
			if found := c.images(key{byEditor, text}); len(found) > 0 {
				return found
			}
		}
	}
	for _, kind := range []keyKind{byTag, bySample, byRelatedImage} {
		if kind == byRelatedImage && q.Ref.Pinned() {
			continue // its variables say more
		}
		if found := c.images(key{kind, q.Ref.Normal()}); len(found) > 0 {
			return ofKind(found, q.Kind)
		}
	}
	found := c.byImage[imageKey(q.Ref)]
	variables := slices.DeleteFunc(slices.Clone(found), func(e *Entry) bool { return !e.isVariable() })
	if len(variables) > 0 {
		return ofKind(variables, q.Kind)
	}
	return found
}

// images returns the entries of a key that have images.
func (c *Catalog) images(k key) []*Entry {
	return slices.DeleteFunc(slices.Clone(c.byKey[k]), (*Entry).IsBad)
}

// Successors returns what c says where old, an earlier release, has the entries found: an entry for
// each image of their successors, of which one may be bad. gone are the variables among them that have none.
func (c *Catalog) Successors(old *Catalog, found []*Entry) (successors, gone []*Entry) {
	var all []*Entry
	for _, e := range found {
		next := c.successor(old, e)
		if len(next) == 0 {
			gone = append(gone, e)
		}
		all = append(all, next...)
	}
	return distinct(all), gone
}

// successor returns the entries that take the place of e, an entry of old: the variable of the same
// name; of a registry's variable, whose name changes with the tag, the only new one of its stem, if
// exactly one of that stem is gone; of an editor or a sample, that of the same key.
func (c *Catalog) successor(old *Catalog, e *Entry) []*Entry {
	if !e.isVariable() {
		return c.named(e.Name)
	}
	if same := c.byKey[key{byName, e.Name}]; len(same) > 0 {
		return same
	}
	if stem, ok := registryStem(e); ok {
		gone, added := old.without(c, stem), c.without(old, stem)
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

// named returns the entries of a name that are no variables.
func (c *Catalog) named(name string) []*Entry {
	var found []*Entry
	for i := range c.entries {
		if e := &c.entries[i]; e.Name == name && !e.isVariable() {
			found = append(found, e)
		}
	}
	return found
}

// registryStem returns the name of a registry's variable without the tag that it encodes.
func registryStem(e *Entry) (string, bool) {
	i := strings.LastIndex(e.Name, registryMarker)
	if e.Scheme != Registry || i < 0 {
		return "", false
	}
	return e.Name[:i+len(registryMarker)], true
}

// without returns the names of the variables of a stem that c has and other does not.
func (c *Catalog) without(other *Catalog, stem string) []string {
	var names []string
	for i := range c.entries {
		e := &c.entries[i]
		is, ok := registryStem(e)
		if ok && is == stem && len(other.byKey[key{byName, e.Name}]) == 0 && !slices.Contains(names, e.Name) {
			names = append(names, e.Name)
		}
	}
	return names
}

// Package catalog holds the images that an operator's ClusterServiceVersion (CSV) offers, and finds
// them by everything that a reference in a registry can be known by.
//
// A CSV names the digests of a release in variables, RELATED_IMAGE_<name>=<image>, whose names
// encode the original reference in four schemes; the registries name the original references. Many
// digests of one repository differ only by that encoded tag. A Catalog answers a look-up with one
// image, with several that disagree, or with none. Ambiguity is decided here and nowhere else:
// nothing is matched by prefix, and the last of several is never taken for the right one.
//
// A variable whose value is no image reference is found by its name and what that encodes, so that
// its value can be told, and by nothing else.
package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"inject-related-images/internal/imageref"
)

// Match is the answer to a look-up. Candidates: the catalog knows several images and cannot tell
// which. Bad: it knows a variable that has no image. None of them: it does not know.
type Match struct {
	Entry      *Entry
	Candidates []*Entry
	Bad        *Entry
}

// IsZero tells whether the catalog does not know.
func (m Match) IsZero() bool { return m.Entry == nil && m.Candidates == nil && m.Bad == nil }

// Conflict is a variable that has several values.
type Conflict struct {
	Name    string
	Entries []*Entry // one of each value
}

func (c Conflict) String() string {
	var values []string
	for _, e := range c.Entries {
		values = append(values, fmt.Sprintf("%s (csv %s: %s)", cmp.Or(e.Value, e.Image.String()), e.CSV, e.Where))
	}
	return fmt.Sprintf("%s has %d values: %s: references that it decides are ambiguous until it has one",
		c.Name, len(values), strings.Join(values, ", "))
}

// key is what an entry is found by.
type key struct {
	kind keyKind
	text string
}

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.kind, other.kind), cmp.Compare(k.text, other.text))
}

type keyKind uint8

// What the text of a key is.
const (
	byName         keyKind = iota // the name of a variable
	byShortName                   // without the encoded tag, and without the kind of the registry
	byEditor                      // the editor, its version and its component
	bySample                      // the original reference in normal form
	byTag                         // the same, whose tag becomes a digest
	byRelatedImage                // the same
)

// Catalog is an index of entries. It does not change and may be used by several goroutines.
type Catalog struct {
	arch         string // whose variables win, or ""
	entries      []Entry
	conflicts    []Conflict
	byKey        map[key][]*Entry
	byImage      map[string][]*Entry // normal form without the tag of a pinned reference
	byRepository map[string][]*Entry
	tags         map[string][]string // by repository@digest: the tags that entries say are this digest's
}

// New returns the catalog of entries, whose order is kept. An entry that repeats another's name and
// image is left out. With arch, a GOARCH, the entries of that architecture stand for the general
// ones of the same name; those of others decide nothing.
func New(entries []Entry, arch string) *Catalog {
	c := &Catalog{
		arch:         arch,
		entries:      unique(entries),
		byKey:        map[key][]*Entry{},
		byImage:      map[string][]*Entry{},
		byRepository: map[string][]*Entry{},
		tags:         map[string][]string{},
	}
	variables := map[string][]*Entry{} // by name
	variants := map[string][]*Entry{}  // of the architecture, by the name of the general variable
	for i := range c.entries {
		e := &c.entries[i]
		if e.isVariable() {
			variables[e.Name] = append(variables[e.Name], e)
		}
		if e.Arch != "" && e.Arch == arch {
			variants[e.general] = append(variants[e.general], e)
		}
	}
	for i := range c.entries {
		e := &c.entries[i]
		if !e.IsBad() {
			c.addImage(e)
		}
		switch {
		case e.Arch == "" && variants[e.Name] == nil, e.Arch != "" && e.Arch == arch && variables[e.general] == nil:
			c.addKeys(e, e)
		case e.Arch == "":
			for _, variant := range variants[e.Name] {
				c.addKeys(e, variant)
			}
		default: // whoever names it in full means it
			c.addKey(key{byName, e.Name}, e)
		}
		if same := variables[e.Name]; len(same) > 1 && same[0] == e {
			c.conflicts = append(c.conflicts, Conflict{e.Name, same})
		}
	}
	return c
}

// unique returns the entries that do not repeat the name and the image of another.
func unique(entries []Entry) []Entry {
	type identity struct{ name, image, value string }
	seen := map[identity]bool{}
	var first []Entry
	for _, e := range entries {
		if id := (identity{e.Name, e.Image.Normal(), e.Value}); !seen[id] {
			seen[id] = true
			first = append(first, e)
		}
	}
	return first
}

// addImage makes the image of e known.
func (c *Catalog) addImage(e *Entry) {
	repository := e.Image.Repository()
	c.byRepository[repository] = append(c.byRepository[repository], e)
	image := imageKey(e.Image)
	c.byImage[image] = append(c.byImage[image], e)
	c.addTag(e.Image, e.Image.Tag())
}

// addTag notes that the digest of image is known by a tag of its repository.
func (c *Catalog) addTag(image imageref.Ref, tag string) {
	if image.Pinned() && tag != "" {
		key := image.Repository() + "@" + image.Digest()
		c.tags[key] = append(c.tags[key], tag)
	}
}

// addKeys makes answer, which is e or a variant of e, the answer to all that e is found by.
func (c *Catalog) addKeys(e, answer *Entry) {
	if e.isVariable() {
		c.addKey(key{byName, e.Name}, answer)
	}
	original := e.original()
	for _, k := range e.keys() {
		replacesTag := k.kind == byTag || k.kind == byRelatedImage // by the digest of an image of the same repository
		pins := answer.Image.Pinned() && original.Repository() == e.named().Repository()
		if !replacesTag || pins || answer.IsBad() {
			c.addKey(k, answer)
		}
	}
	if original.Repository() == answer.Image.Repository() { // in another repository the tag says nothing
		c.addTag(answer.Image, original.Tag())
	}
}

func (c *Catalog) addKey(k key, e *Entry) { c.byKey[k] = append(c.byKey[k], e) }

// imageKey is what an image is recognised by: a digest decides over a tag beside it.
func imageKey(r imageref.Ref) string {
	if r.Pinned() && r.Tag() != "" {
		return r.Repository() + "@" + r.Digest()
	}
	return r.Normal()
}

// Entries returns all entries in the order of the CSV.
func (c *Catalog) Entries() []Entry { return c.entries }

// Warnings returns what whoever made the CSV should know: conflicts, and names that do not decode.
func (c *Catalog) Warnings() []string {
	var warnings []string
	for _, conflict := range c.conflicts {
		warnings = append(warnings, conflict.String())
	}
	for _, e := range c.entries {
		if e.Malformed {
			warnings = append(warnings, fmt.Sprintf("%s: %s: no reference can be known by it (csv %s: %s)",
				e.Name, e.Note, e.CSV, e.Where))
		}
	}
	return warnings
}

// BadVariables returns a warning of each variable whose value is no image reference.
func (c *Catalog) BadVariables() []string {
	var warnings []string
	for _, e := range c.entries {
		if e.IsBad() {
			warnings = append(warnings, fmt.Sprintf("%s: %s: %s: references that need it fail (csv %s: %s)",
				e.Position, e.Name, e.Note, e.CSV, e.Where))
		}
	}
	return warnings
}

// ByEditor finds the image of a component of an editor definition.
func (c *Catalog) ByEditor(editor, version, component string) Match {
	var found []*Entry
	for _, spelling := range editorSpellings(editor, version, component) {
		found = append(found, c.byKey[key{byEditor, spelling}]...)
	}
	return MatchOf(found)
}

// ByTag finds the image that a registry of the given kind was built with for the repository and tag
// of r; where that kind has none, the other kind's. Where the kind is unknown, the kinds must
// agree.
func (c *Catalog) ByTag(r imageref.Ref, kind RegistryKind) Match {
	if r.Pinned() {
		return Match{}
	}
	return MatchOf(ofKind(c.byKey[key{byTag, r.Normal()}], kind))
}

// ofKind returns the entries of a kind of registry, or all where there are none of it.
func ofKind(entries []*Entry, kind RegistryKind) []*Entry {
	if kind == UnknownRegistry || len(entries) < 2 {
		return entries
	}
	own := slices.DeleteFunc(slices.Clone(entries), func(e *Entry) bool { return e.Registry != kind })
	if len(own) > 0 {
		return own
	}
	return entries
}

// BySample finds the image of a sample whose original image is r.
func (c *Catalog) BySample(r imageref.Ref) Match { return MatchOf(c.byKey[key{bySample, r.Normal()}]) }

// ByRelatedImage finds the entry of relatedImages whose original reference is r: its "# tag:"
// comment, or in a catalog what its name encodes, where the kind of the registry counts as in
// ByTag.
func (c *Catalog) ByRelatedImage(r imageref.Ref, kind RegistryKind) Match {
	return MatchOf(ofKind(c.byKey[key{byRelatedImage, r.Normal()}], kind))
}

// ByImage finds a variable whose image is r: the same repository and digest, or for a reference
// without a digest the same tag.
func (c *Catalog) ByImage(r imageref.Ref) *Entry { return c.first(r, (*Entry).isVariable) }

// Variables returns the variables whose image is r, one of each name.
func (c *Catalog) Variables(r imageref.Ref) []*Entry {
	return slices.DeleteFunc(slices.Clone(c.byImage[imageKey(r)]), func(e *Entry) bool { return !e.isVariable() })
}

// ByEvidence does the same for entries that are no variables. Released CSVs carry stale ones.
func (c *Catalog) ByEvidence(r imageref.Ref) *Entry { return c.first(r, (*Entry).isEvidence) }

func (c *Catalog) first(r imageref.Ref, is func(*Entry) bool) *Entry {
	found := c.byImage[imageKey(r)]
	if i := slices.IndexFunc(found, is); i >= 0 {
		return found[i]
	}
	return nil
}

// ByName finds the image of a variable by its name, or by its short form without the encoded tag.
func (c *Catalog) ByName(name string) Match {
	if m := MatchOf(c.byKey[key{byName, name}]); !m.IsZero() {
		return m
	}
	return MatchOf(c.byKey[key{byShortName, name}])
}

// ByFullName finds the image of a variable by nothing but its name in full.
func (c *Catalog) ByFullName(name string) Match { return MatchOf(c.byKey[key{byName, name}]) }

// Nearest returns the names of variables that are most like an unknown one.
func (c *Catalog) Nearest(name string) []string {
	const shown = 3
	var names []string
	for _, k := range slices.SortedFunc(maps.Keys(c.byKey), key.compare) {
		if k.kind == byName || k.kind == byShortName {
			names = append(names, k.text)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return names[:min(shown, len(names))]
}

// VariableName returns the shortest name by which the image of e alone is found, which outlives a
// new tag where it can. It returns "" if e is no variable, or its name stands for another image.
func (c *Catalog) VariableName(e *Entry) string {
	if e == nil || !e.isVariable() {
		return ""
	}
	general := *e
	general.Name = cmp.Or(e.general, e.Name)
	for _, k := range append(general.keys(), key{byName, general.Name}) {
		if (k.kind == byName || k.kind == byShortName) && c.ByName(k.text).Entry == e {
			return k.text
		}
	}
	if named := c.ByName(e.Name).Entry; named != nil && imageKey(named.Image) == imageKey(e.Image) {
		return e.Name
	}
	return ""
}

// Tags returns the tags that the entries give the repository and digest of r, in the order of the
// CSV.
func (c *Catalog) Tags(r imageref.Ref) []string { return c.tags[r.Repository()+"@"+r.Digest()] }

// Digests returns an entry for each digest of the repository of r, in the order of the CSV.
func (c *Catalog) Digests(r imageref.Ref) []*Entry {
	return slices.DeleteFunc(c.ByRepository(r), func(e *Entry) bool { return !e.Image.Pinned() })
}

// ByRepository returns an entry for each image of the repository of r, in the order of the CSV.
func (c *Catalog) ByRepository(r imageref.Ref) []*Entry {
	return distinct(c.byRepository[r.Repository()])
}

// MatchOf returns the answer that entries are together: they must agree on one image.
func MatchOf(found []*Entry) Match {
	if i := slices.IndexFunc(found, (*Entry).IsBad); i >= 0 {
		return Match{Bad: found[i]}
	}
	if len(found) > 1 {
		found = distinct(found)
	}
	switch len(found) {
	case 0:
		return Match{}
	case 1:
		return Match{Entry: found[0]}
	}
	return Match{Candidates: found}
}

// distinct returns the first entry of each image.
func distinct(entries []*Entry) []*Entry {
	var first []*Entry
	for _, e := range entries {
		if !slices.ContainsFunc(first, func(f *Entry) bool { return imageKey(f.Image) == imageKey(e.Image) }) {
			first = append(first, e)
		}
	}
	return first
}

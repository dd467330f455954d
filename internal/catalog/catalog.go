// Package catalog holds the images that an operator's ClusterServiceVersion (CSV) offers, and finds them by everything that a
// reference in a registry can be known by.
//
// A CSV names the digests of a release in variables, RELATED_IMAGE_<name>=<image>, whose names encode the original reference
// in four schemes; the registries name the original references. Many digests of one repository differ only by that encoded
// tag. A Catalog answers a look-up with one image, with several that disagree, or with none. Ambiguity is decided here and
// nowhere else: nothing is matched by prefix, and the last of several is never taken for the right one.
package catalog

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"inject-related-images/internal/imageref"
)

// Scheme tells how an entry names an image.
type Scheme string

// The schemes of variable names, and the places of a CSV that are evidence of second rank.
const (
	Registry     Scheme = "registry"      // RELATED_IMAGE_<name>_{plugin,devfile}_registry_image_<base32 of the tag>
	Editor       Scheme = "editor"        // RELATED_IMAGE_editor_definition_<editor>_<version>_<component>
	Sample       Scheme = "sample"        // RELATED_IMAGE_sample_encoded_<base64 of the image>, RELATED_IMAGE_sample_<name>
	Plain        Scheme = "plain"         // RELATED_IMAGE_<name>
	RelatedImage Scheme = "related-image" // spec.relatedImages, with its "# tag:" comment
	Container    Scheme = "container"     // the image of a container, or the annotation containerImage
)

// RegistryKind tells plugin registries from devfile registries, whose entries may give one tag different digests.
type RegistryKind string

// The kinds of registries.
const (
	UnknownRegistry RegistryKind = ""
	PluginRegistry  RegistryKind = "plugin"
	DevfileRegistry RegistryKind = "devfile"
)

// RegistryOf tells the kind of the registry that a file belongs to by its slash-separated path: the innermost folder decides
// that is named for a registry, or is v3/plugins or devfiles.
func RegistryOf(file string) RegistryKind {
	folder := ""
	for rest := path.Dir(file); rest != ""; {
		rest, folder = path.Split(strings.TrimRight(rest, "/"))
		switch {
		case strings.Contains(folder, "plugin-registry"), folder == "plugins" && path.Base(rest) == "v3":
			return PluginRegistry
		case strings.Contains(folder, "devfile-registry"), folder == "devfiles":
			return DevfileRegistry
		}
	}
	return UnknownRegistry
}

// Entry is one image that a CSV offers.
type Entry struct {
	Name      string       `json:"name"` // of the variable, or where else in the CSV it stands
	Scheme    Scheme       `json:"scheme"`
	Image     imageref.Ref `json:"image"`    // the value
	Registry  RegistryKind `json:"registry"` // of scheme Registry
	Tag       string       `json:"tag"`      // of scheme Registry: the original tag; "" is no tag
	Tagged    bool         `json:"-"`        // of scheme Registry: Tag is known
	Original  imageref.Ref `json:"original"` // of schemes Sample and RelatedImage, where known: the original reference
	Editor    string       `json:"editor"`   // of scheme Editor: editor, version and component in one key
	Arch      string       `json:"arch"`     // the architecture that the entry is only for, as GOARCH, or ""
	CSV       string       `json:"csv"`      // the name of the CSV
	Where     string       `json:"where"`    // the deployment and container
	Note      string       `json:"note"`     // why the name tells less than its scheme promises, or ""
	Malformed bool         `json:"-"`        // it should tell more

	general string // of an entry of one architecture: the name of the entry that it stands for
}

// Match is the answer to a look-up. No Entry and no Candidates: the catalog does not know. Candidates: it knows several
// images and cannot tell which.
type Match struct {
	Entry      *Entry
	Candidates []*Entry
}

// Conflict is a variable that has several values.
type Conflict struct {
	Name    string
	Entries []*Entry // one of each value
}

func (c Conflict) String() string {
	var values []string
	for _, e := range c.Entries {
		values = append(values, fmt.Sprintf("%s (csv %s: %s)", e.Image, e.CSV, e.Where))
	}
	return fmt.Sprintf("%s has %d values: %s: references that it decides are ambiguous until it has one",
		c.Name, len(values), strings.Join(values, ", "))
}

// Catalog is an index of entries. It does not change and may be used by several goroutines.
type Catalog struct {
	entries      []Entry
	conflicts    []Conflict
	byTag        map[string][]*Entry // normal form of the original reference
	byEditor     map[string][]*Entry
	bySample     map[string][]*Entry // normal form of the original reference
	byRelated    map[string][]*Entry // normal form of the original reference
	byImage      map[string]*Entry   // normal form without the tag of a pinned reference
	byRepository map[string][]*Entry
	byName       map[string][]*Entry // variables, in full
	byShortName  map[string][]*Entry // and without the encoded tag, and without the kind of the registry
}

// New returns the catalog of entries, whose order is kept. An entry that repeats another's name and image is left out. With arch,
// a GOARCH, the entries of that architecture stand for the general ones of the same name; those of others decide nothing.
func New(entries []Entry, arch string) *Catalog {
	c := &Catalog{
		byTag: map[string][]*Entry{}, byEditor: map[string][]*Entry{}, bySample: map[string][]*Entry{},
		byRelated: map[string][]*Entry{}, byImage: map[string]*Entry{}, byRepository: map[string][]*Entry{},
		byName: map[string][]*Entry{}, byShortName: map[string][]*Entry{},
	}
	type identity struct{ name, image string }
	seen := map[identity]bool{}
	for _, e := range entries {
		if id := (identity{e.Name, e.Image.Normal()}); !seen[id] {
			seen[id] = true
			c.entries = append(c.entries, e)
		}
	}
	byName := map[string][]*Entry{}
	variants := map[string][]*Entry{} // of the architecture, by the name of the general entry
	for i := range c.entries {
		if e := &c.entries[i]; e.Arch != "" && e.Arch == arch {
			variants[e.general] = append(variants[e.general], e)
		}
	}
	for i := range c.entries {
		e := &c.entries[i]
		if e.Scheme != RelatedImage && e.Scheme != Container {
			byName[e.Name] = append(byName[e.Name], e)
		}
		c.index(e)
		if e.Arch != "" && e.Scheme != RelatedImage && e.Scheme != Container {
			c.byName[e.Name] = append(c.byName[e.Name], e) // whoever names it in full means it
		}
		switch stand := variants[e.Name]; {
		case e.Arch == "" && stand == nil:
			c.decideBy(e, e)
		case e.Arch == "":
			for _, variant := range stand {
				c.decideBy(e, variant)
			}
		case e.Arch == arch && !slices.ContainsFunc(c.entries, func(g Entry) bool { return g.Name == e.general }):
			c.decideBy(e, e)
		}
	}
	for i := range c.entries {
		if e := &c.entries[i]; len(byName[e.Name]) > 1 && byName[e.Name][0] == e {
			c.conflicts = append(c.conflicts, Conflict{e.Name, byName[e.Name]})
		}
	}
	return c
}

// index makes the image of e known.
func (c *Catalog) index(e *Entry) {
	repository := e.Image.Repository()
	c.byRepository[repository] = append(c.byRepository[repository], e)
	if key := imageKey(e.Image); c.byImage[key] == nil {
		c.byImage[key] = e
	}
}

// decideBy has the references that e is known by decided by the entry stand, which is e or a variant of it.
func (c *Catalog) decideBy(e, stand *Entry) {
	if e.Scheme != RelatedImage && e.Scheme != Container {
		c.byName[e.Name] = append(c.byName[e.Name], stand)
		for _, short := range shortNames(e) {
			c.byShortName[short] = append(c.byShortName[short], stand)
		}
	}
	repository := e.Image.Repository()
	switch {
	case e.Scheme == Registry && e.Tagged && stand.Image.Pinned():
		key := repository
		if e.Tag != "" {
			key += ":" + e.Tag
		}
		c.byTag[key] = append(c.byTag[key], stand)
	case e.Scheme == Editor:
		c.byEditor[e.Editor] = append(c.byEditor[e.Editor], stand)
	case e.Scheme == Sample && !e.Original.IsZero():
		c.bySample[e.Original.Normal()] = append(c.bySample[e.Original.Normal()], stand)
	case e.Scheme == RelatedImage && !e.Original.IsZero() && e.Image.Pinned() && e.Original.Repository() == repository:
		c.byRelated[e.Original.Normal()] = append(c.byRelated[e.Original.Normal()], stand)
	}
}

// imageKey is what an image is recognised by: a digest decides over a tag beside it.
func imageKey(r imageref.Ref) string {
	if r.Pinned() && r.Tag() != "" {
		return r.Repository() + "@" + r.Digest()
	}
	return r.Normal()
}

// Entries returns all entries in the order of the CSV.
func (c *Catalog) Entries() []Entry { return c.entries }

// Conflicts returns the variables that have several values, in the order of the CSV.
func (c *Catalog) Conflicts() []Conflict { return c.conflicts }

// Warnings returns what whoever made the CSV should know: conflicts, and names that do not decode.
func (c *Catalog) Warnings() []string {
	var warnings []string
	for _, conflict := range c.conflicts {
		warnings = append(warnings, conflict.String())
	}
	for _, e := range c.entries {
		if e.Malformed {
			warnings = append(warnings, fmt.Sprintf("%s: %s: no reference can be known by it (csv %s: %s)", e.Name, e.Note, e.CSV, e.Where))
		}
	}
	return warnings
}

// ByEditor finds the image of a component of an editor definition.
func (c *Catalog) ByEditor(editor, version, component string) Match {
	var found []*Entry
	for _, key := range editorKeys(editor, version, component) {
		found = append(found, c.byEditor[key]...)
	}
	return match(found)
}

// ByTag finds the image that a registry of the given kind was built with for the repository and tag of r; where that kind
// has none, the other kind's. Where the kind is unknown, the kinds must agree.
func (c *Catalog) ByTag(r imageref.Ref, kind RegistryKind) Match {
	if r.Pinned() {
		return Match{}
	}
	found := c.byTag[r.Normal()]
	if kind != UnknownRegistry && len(found) > 1 {
		own := slices.DeleteFunc(slices.Clone(found), func(e *Entry) bool { return e.Registry != kind })
		if len(own) > 0 {
			found = own
		}
	}
	return match(found)
}

// BySample finds the image of a sample whose original image is r.
func (c *Catalog) BySample(r imageref.Ref) Match { return match(c.bySample[r.Normal()]) }

// ByRelatedImage finds the entry of relatedImages whose "# tag:" comment is r.
func (c *Catalog) ByRelatedImage(r imageref.Ref) Match { return match(c.byRelated[r.Normal()]) }

// ByImage finds an entry whose image is r: the same repository and digest, or for a reference without a digest the same tag.
func (c *Catalog) ByImage(r imageref.Ref) *Entry { return c.byImage[imageKey(r)] }

// ByName finds the image of a variable by its name, or by its short form without the encoded tag.
func (c *Catalog) ByName(name string) Match {
	if m := match(c.byName[name]); m.Entry != nil || m.Candidates != nil {
		return m
	}
	return match(c.byShortName[name])
}

// Variable returns the entry of the variable of that full name, if there is one and only one.
func (c *Catalog) Variable(name string) *Entry { return match(c.byName[name]).Entry }

// Nearest returns the names of variables that are nearest to one that there is not.
func (c *Catalog) Nearest(name string) []string {
	const shown = 3
	names := slices.Sorted(maps.Keys(c.byName))
	names = append(names, slices.Sorted(maps.Keys(c.byShortName))...)
	slices.SortStableFunc(names, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return names[:min(shown, len(names))]
}

// ShortName returns the shortest name by which the variable of e alone is found, which outlives a new tag where it can.
func (c *Catalog) ShortName(e *Entry) string {
	names := shortNames(e)
	if e.general != "" {
		general := *e
		general.Name = e.general
		names = append(shortNames(&general), e.general)
	}
	for _, short := range names {
		if m := c.ByName(short); m.Entry == e {
			return short
		}
	}
	return e.Name
}

// ByRepositoryAlone finds the only digest that the catalog has of the repository of r.
func (c *Catalog) ByRepositoryAlone(r imageref.Ref) Match {
	if m := match(c.ByRepository(r)); m.Entry != nil && m.Entry.Image.Pinned() {
		return m
	}
	return Match{}
}

// ByRepository returns an entry for each image of the repository of r, in the order of the CSV.
func (c *Catalog) ByRepository(r imageref.Ref) []*Entry {
	return distinct(c.byRepository[r.Repository()])
}

func match(found []*Entry) Match {
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

package olm

import (
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/yamltext"
)

// The schemas of the documents of a file-based catalog that say which bundles there are. Others may
// stand beside them.
const (
	packageSchema = "olm.package"
	channelSchema = "olm.channel"
	bundleSchema  = "olm.bundle"
)

// Schemas are words of which the text of every such document has one.
func Schemas() []string { return []string{packageSchema, channelSchema, bundleSchema} }

// Blob is what is kept of a document of a file-based catalog.
//
// See https://olm.operatorframework.io/docs/reference/file-based-catalogs/
type Blob struct {
	Schema  string
	Package string
	Name    string
	Where   string

	// Read reads the document again, which takes much more memory. Only bundles are read again.
	Read func() (Document, error)

	defaultChannel string    // of a package
	entries        []Release // of a channel, with what it says of its bundles
	version        string    // of a bundle
}

// IsBlob tells whether the object n is a document of a file-based catalog, of any schema.
func IsBlob(n *yamltext.Node) bool { return n.Text("schema") != "" && n.Get("kind") == nil }

// IsBundle tells whether b is a bundle.
func (b Blob) IsBundle() bool { return b.Schema == bundleSchema }

// IsPackage tells whether b is a package.
func (b Blob) IsPackage() bool { return b.Schema == packageSchema }

// String names b for errors.
func (b Blob) String() string { return fmt.Sprintf("%s: %s %q", b.Where, b.Schema, b.Name) }

// ReadBlob returns what is to be kept of a document of a file-based catalog, and nothing of its
// memory. It is an error if a document that says which bundles there are lacks what it must have.
func ReadBlob(d Document) (Blob, error) {
	text := func(n *yamltext.Node, key string) string { return strings.Clone(n.Text(key)) }
	b := Blob{Schema: text(d.Node, "schema"), Package: text(d.Node, "package"), Name: text(d.Node, "name"), Where: d.Where}
	if !slices.Contains(Schemas(), b.Schema) {
		return b, nil
	}
	if b.IsPackage() {
		b.Package, b.defaultChannel = b.Name, text(d.Node, "defaultChannel")
	}
	if b.Name == "" || b.Package == "" {
		return b, fmt.Errorf("%s needs a name and a package: the catalog is cut off, or damaged", b)
	}
	entries := d.Node.Get("entries")
	for i := 0; b.Schema == channelSchema && entries.Index(i) != nil; i++ {
		n := entries.Index(i)
		e := Release{
			Name: text(n, "name"), Replaces: text(n, "replaces"), SkipRange: text(n, "skipRange"), Where: d.Position(n.Offset),
		}
		if e.Name == "" {
			return b, fmt.Errorf("%s: an entry of %s has no name: the catalog is cut off, or damaged", e.Where, channelSchema)
		}
		for j := 0; n.Get("skips").Index(j) != nil; j++ {
			e.Skips = append(e.Skips, strings.Clone(n.Get("skips").Index(j).Value))
		}
		b.entries = append(b.entries, e)
	}
	for _, p := range properties(d.Node, packageSchema) {
		b.version = text(p.Get("value"), "version")
	}
	return b, nil
}

// properties returns the properties of a type.
func properties(n *yamltext.Node, kind string) []*yamltext.Node {
	var found []*yamltext.Node
	for i := 0; n.Get("properties").Index(i) != nil; i++ {
		if p := n.Get("properties").Index(i); p.Text("type") == kind {
			found = append(found, p)
		}
	}
	return found
}

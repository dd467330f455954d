// Package locate finds the image references in registry manifests, devfiles and Kubernetes objects.
//
// References stand in many places: most under a key image, some in lists of lines or pairs, some in documents that are
// themselves a scalar of another document. The table Places says where. What is found is a Site: a reference with the bytes
// it stands in and all that a decision about it needs. Finding changes nothing and decides nothing.
package locate

import (
	"encoding/json"
	"path"
	"strings"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// Layer is a text with references in it: a file, or a document or list that is the value of a scalar of the layer above.
type Layer struct {
	Source string
	Text   *yamltext.Text // nil for a list of lines
	Parent *Layer         // nil for a file
	Holder *yamltext.Node // the scalar of Parent whose value is Source
	Depth  int            // 0 for a file

	marked bool  // there are markers in it
	isJSON *bool // once it has been asked
}

// JSON tells whether the text is JSON, which has no comments.
func (l *Layer) JSON() bool {
	if l.isJSON == nil {
		valid := json.Valid([]byte(strings.TrimPrefix(l.Source, "\uFEFF")))
		l.isJSON = &valid
	}
	return *l.isJSON
}

// NewLayer returns the layer of a whole file, or of a text that takes its place, which has been parsed unless it is a list.
func NewLayer(source string, text *yamltext.Text) *Layer {
	return &Layer{Source: source, Text: text, marked: hasMarkers(source)}
}

// Site is a place with a reference in it, or with a placeholder for one.
type Site struct {
	Text     string       // as it stands there
	Ref      imageref.Ref // what it says, unless it is a placeholder
	Variable string       // the variable that a placeholder names, or ""
	Marker   string       // the variable that a comment beside it names, or ""
	Layer    *Layer
	Node     *yamltext.Node // the scalar it stands in; nil on a line of a list
	From, To int            // where it stands in the value of Node, or in the list
	Document int            // the index of the document in the file
	Object   int            // the index of the object among those that the Finder was given
	Path     string         // from the document or object: spec.containers[0].image, data["a.yaml"]#components[0].image
	Editor   *EditorKey     // for the image of a component of an editor definition
	Known    bool           // it stands at one of the Places or a user's Field
	Locked   string         // why it cannot be edited, or ""
	Passing  bool           // what is written does not come back: comments would be lost
}

// EditorKey names a component of an editor definition: metadata.name, metadata.attributes.version, and the component's name.
type EditorKey struct {
	Editor, Version, Component string
}

// Offset tells where the reference begins in the file.
func (s Site) Offset() int {
	at, node, layer := s.From, s.Node, s.Layer
	for {
		if node != nil {
			start, _, err := layer.Text.Span(node, at, at+1)
			if err != nil {
				start = node.Offset
			}
			at = start
		}
		if layer.Parent == nil {
			return at
		}
		node, layer = layer.Holder, layer.Parent
	}
}

// Problem is a text that was expected to hold references and could not be read.
type Problem struct {
	Document int
	Path     string
	Line     int // in a list; else 0
	Message  string
}

// Finder gathers sites in the order in which they are found.
type Finder struct {
	Scope    Scope
	Sites    []Site
	Problems []Problem

	top       Layer            // of File
	path      []step           // for a walker to work with
	kept      *strings.Builder // what room returned last
	objects   int
	protected map[*yamltext.Node]bool
	layers    map[held]*Layer // through an alias a layer can be reached more than once
}

// held is the value of a scalar, read as a list or as documents.
type held struct {
	holder *yamltext.Node
	isList bool
}

// Reset forgets what was found, whose memory it takes for what will be.
func (f *Finder) Reset(scope Scope) {
	*f = Finder{Scope: scope, Sites: f.Sites[:0], path: f.path, kept: f.kept}
}

// Keep returns a copy of s that outlives what the Finder was given.
func (f *Finder) Keep(s string) string {
	b := f.room(len(s))
	from := b.Len()
	b.WriteString(s)
	return b.String()[from:]
}

// room returns a builder with room for so many bytes. Strings are made in it one behind the other: they are many, and small.
func (f *Finder) room(n int) *strings.Builder {
	const least, most = 256, 4096
	if f.kept == nil || f.kept.Cap()-f.kept.Len() < n {
		size := least
		if f.kept != nil {
			size = min(2*f.kept.Cap(), most)
		}
		f.kept = &strings.Builder{}
		f.kept.Grow(max(size, n))
	}
	return f.kept
}

// Protect says that nothing in the node n of a layer may be edited. It matters where an alias elsewhere stands for something in n,
// or one in n for something elsewhere.
func (f *Finder) Protect(layer *Layer, n *yamltext.Node) {
	if n == nil || !layer.Text.Aliased || f.protected[n] {
		return
	}
	if f.protected == nil {
		f.protected = map[*yamltext.Node]bool{}
	}
	f.protected[n] = true
	f.Protect(layer, n.Target)
	for _, c := range n.Content {
		f.Protect(layer, c)
	}
}

// Locked says why the site cannot be edited, or "".
func (f *Finder) Locked(s *Site) string {
	for node, layer := s.Node, s.Layer; layer != nil; node, layer = layer.Holder, layer.Parent {
		if f.protected[node] {
			return "it shares its text, by an alias, with something that must not be touched"
		}
	}
	return s.Locked
}

// layer returns the layer that the scalar n of parent holds, parsed where it is a document.
func (f *Finder) layer(parent *Layer, n *yamltext.Node, isList bool) (*Layer, error) {
	if l := f.layers[held{n, isList}]; l != nil {
		return l, nil
	}
	l := NewLayer(n.Value, nil)
	l.Parent, l.Holder, l.Depth = parent, n, parent.Depth+1
	if !isList {
		var err error
		if l.Text, err = yamltext.Parse(n.Value, f.Scope.Interest()); err != nil {
			return nil, err
		}
	}
	if f.layers == nil {
		f.layers = map[held]*Layer{}
	}
	f.layers[held{n, isList}] = l
	return l, nil
}

// maxDepth and maxSize bound documents in documents, maxAliased the nodes that are reached through aliases, which can be nested to more
// than any machine can visit.
const (
	maxDepth   = 16
	maxSize    = 16 << 20
	maxAliased = 100_000
)

// IsList tells whether the file is a list of references, one a line, by its name.
func IsList(name string) bool { return path.Base(name) == "external_images.txt" }

// File finds the references of a file: YAML, JSON or, by its name, a list. Its nodes are in arena. The error says why it does not
// parse.
func (f *Finder) File(name, source string) (*Layer, error) {
	layer := &f.top
	*layer = *NewLayer(source, nil)
	if IsList(name) {
		f.lines(layer, 0, "", true)
		return layer, nil
	}
	text, err := yamltext.Parse(source, f.Scope.Interest())
	if err != nil {
		return nil, err
	}
	layer.Text = text
	for i, doc := range text.Docs {
		f.Object(layer, i, doc)
	}
	return layer, nil
}

// Object finds the references in the node n of a layer. Paths begin at n.
func (f *Finder) Object(layer *Layer, document int, n *yamltext.Node) {
	w := walker{Finder: f, layer: layer, document: document, path: f.path[:0]}
	w.visit(n)
	f.path = w.path
	f.objects++
}

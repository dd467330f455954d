// Package locate finds the image references in registry manifests, devfiles and Kubernetes objects.
//
// References stand in many places: most under a key image, some in lists of lines or pairs, some in documents that are
// themselves a scalar of another document. The table Places says where. What is found is a Site: a reference with the bytes
// it stands in and all that a decision about it needs. Finding changes nothing and decides nothing.
package locate

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"strconv"
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
}

// Site is a place with a reference in it.
type Site struct {
	Ref      imageref.Ref
	Layer    *Layer
	Node     *yamltext.Node // the scalar it stands in; nil on a line of a list
	From, To int            // where it stands in the value of Node, or in the list
	Document int            // the index of the document in the file
	Path     string         // from the document or object: spec.containers[0].image, data["a.yaml"]#components[0].image
	Editor   *EditorKey     // for the image of a component of an editor definition
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
	Sites    []Site
	Problems []Problem

	layers map[*yamltext.Node]*Layer // by holder: through an alias a layer can be reached more than once
}

// layer returns the layer that the scalar n of parent holds, parsed where it is a document.
func (f *Finder) layer(parent *Layer, n *yamltext.Node, isList bool) (*Layer, error) {
	if l := f.layers[n]; l != nil {
		return l, nil
	}
	l := &Layer{Source: n.Value, Parent: parent, Holder: n, Depth: parent.Depth + 1}
	if !isList {
		var err error
		if l.Text, err = yamltext.Parse(n.Value); err != nil {
			return nil, err
		}
	}
	if f.layers == nil {
		f.layers = map[*yamltext.Node]*Layer{}
	}
	f.layers[n] = l
	return l, nil
}

// maxDepth bounds documents in documents, maxAliased the nodes that are reached through aliases, which can be nested to more
// than any machine can visit.
const (
	maxDepth   = 16
	maxAliased = 100_000
)

// IsList tells whether the file is a list of references, one a line, by its name.
func IsList(name string) bool { return path.Base(name) == "external_images.txt" }

// File finds the references of a file: YAML, JSON or, by its name, a list. The error says why it does not parse.
func (f *Finder) File(name, source string) (*Layer, error) {
	layer := &Layer{Source: source}
	if IsList(name) {
		f.lines(layer, "", true)
		return layer, nil
	}
	text, err := yamltext.Parse(source)
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
	w := walker{Finder: f, layer: layer, document: document}
	w.visit(n)
}

// lines finds the references of a list. Empty lines and comments are passed over. With strict, what is on another line and is
// no reference is a Problem.
func (f *Finder) lines(layer *Layer, at string, strict bool) {
	offset := 0
	for i, line := range strings.SplitAfter(layer.Source, "\n") {
		from, text := trim(strings.TrimPrefix(line, "\uFEFF"))
		from += offset + len(line) - len(strings.TrimPrefix(line, "\uFEFF"))
		offset += len(line)
		if text == "" || text[0] == '#' {
			continue
		}
		ref, err := imageref.Parse(text)
		if err == nil {
			f.Sites = append(f.Sites, Site{Ref: ref, Layer: layer, From: from, To: from + len(text), Path: at})
		} else if strict {
			f.Problems = append(f.Problems, Problem{Path: at, Line: i + 1, Message: err.Error()})
		}
	}
}

// trim returns s without the white space around it, and where it begins.
func trim(s string) (from int, text string) {
	text = strings.TrimLeft(s, " \t\r\n")
	return len(s) - len(text), strings.TrimRight(text, " \t\r\n")
}

// step is one step down from a node to node: into a mapping by key, or into a sequence by index.
type step struct {
	key     string
	index   int
	indexed bool
	node    *yamltext.Node
}

// walker goes through the nodes of one document.
type walker struct {
	*Finder
	layer    *Layer
	document int
	prefix   string // the path of the layer's holder
	path     []step
	object   int    // how many steps lead to the object that the walker is in
	kind     string // of that object
	editor   *editor
	aliased  int                     // how many nodes were reached through aliases
	open     map[*yamltext.Node]bool // the targets of aliases that the walker is in
}

// editor is an editor definition that the walker is in, and how many steps lead to it.
type editor struct {
	EditorKey
	depth int
}

func (w *walker) visit(n *yamltext.Node) {
	switch n.Kind {
	case yamltext.Alias:
		w.alias(n.Target)
	case yamltext.Sequence:
		for i, item := range n.Content {
			w.step(step{index: i, indexed: true, node: item})
		}
	case yamltext.Mapping:
		w.mapping(n)
	case yamltext.Scalar:
		if len(w.path) > 0 && !w.path[len(w.path)-1].indexed {
			w.scalar(n)
		}
	}
}

func (w *walker) step(s step) {
	if len(w.open) > 0 {
		if w.aliased++; w.aliased > maxAliased {
			if w.aliased == maxAliased+1 {
				w.problem("it has more than %d nodes behind aliases: the rest is left alone", maxAliased)
			}
			return
		}
	}
	w.path = append(w.path, s)
	w.visit(s.node)
	w.path = w.path[:len(w.path)-1]
}

// alias visits the target of an alias, but not when it is inside of that already.
func (w *walker) alias(target *yamltext.Node) {
	if w.open[target] {
		return
	}
	if w.open == nil {
		w.open = map[*yamltext.Node]bool{}
	}
	w.open[target] = true
	w.visit(target)
	delete(w.open, target)
}

func (w *walker) mapping(n *yamltext.Node) {
	object, kind, outer := w.object, w.kind, w.editor
	if k := n.Text("kind"); k != "" && n.Text("apiVersion") != "" {
		w.object, w.kind = len(w.path), k
	}
	if name, version := n.Get("metadata").Text("name"), n.Get("metadata").Get("attributes").Text("version"); name != "" && version != "" {
		w.editor = &editor{EditorKey{Editor: name, Version: version}, len(w.path)}
	}
	if holding, ok := holdingAt(w.path, w.object, w.kind); !ok || holding != Nothing {
		w.pairs(n, nil)
	}
	w.object, w.kind, w.editor = object, kind, outer
}

// pairs visits the values of a mapping, and those that it merges in (YAML 1.1, the key <<) as if they were its own: not those
// whose keys it or the mappings that merge it have.
func (w *walker) pairs(n *yamltext.Node, hidden map[string]bool) {
	var merged []*yamltext.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Resolve(), n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
		} else if key.Kind == yamltext.Scalar && !hidden[key.Value] {
			w.step(step{key: key.Value, node: value})
		}
	}
	if len(merged) == 0 {
		return
	}
	hidden = maps.Clone(hidden)
	if hidden == nil {
		hidden = map[string]bool{}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		hidden[n.Content[i].Resolve().Value] = true
	}
	for _, value := range merged {
		w.merge(value, hidden)
	}
}

func (w *walker) merge(n *yamltext.Node, hidden map[string]bool) {
	target := n.Resolve()
	switch {
	case w.open[target]:
	case target.Kind == yamltext.Mapping:
		if w.open == nil {
			w.open = map[*yamltext.Node]bool{}
		}
		w.open[target] = true
		w.pairs(target, hidden)
		delete(w.open, target)
	case target.Kind == yamltext.Sequence:
		for _, item := range target.Content {
			w.merge(item, hidden)
		}
	}
}

// scalar takes the scalar n, which stands under a key.
func (w *walker) scalar(n *yamltext.Node) {
	holding, ok := holdingAt(w.path, w.object, w.kind)
	if !ok || !n.IsString() {
		return
	}
	switch holding {
	case Reference:
		from, text := trim(n.Value)
		w.reference(n, from, text)
	case Pairs:
		w.list(n)
	case Document:
		w.documents(n)
	case Anything:
		switch {
		case w.path[len(w.path)-1].key == "image" && !strings.Contains(strings.TrimSpace(n.Value), "\n"):
			from, text := trim(n.Value)
			w.reference(n, from, text)
		case isPairs(n.Value):
			w.list(n)
		case isLines(n.Value):
			if list, err := w.Finder.layer(w.layer, n, true); err == nil { // lists always parse
				w.lines(list, w.pathString(), false)
			}
		default:
			w.documents(n)
		}
	}
}

// reference adds the site of the reference text, which begins at from in the value of n. A template, a URL or a word is none of
// ours; what looks as if it was meant to be a reference is a Problem.
func (w *walker) reference(n *yamltext.Node, from int, text string) {
	ref, err := imageref.Parse(text)
	if err != nil {
		if strings.ContainsAny(text, "/@") && !strings.ContainsAny(text, "{}$()<>% \t\n") && !strings.Contains(text, "://") {
			w.problem("%v: it is left alone", err)
		}
		return
	}
	w.Sites = append(w.Sites, Site{
		Ref: ref, Layer: w.layer, Node: n, From: from, To: from + len(text),
		Document: w.document, Path: w.pathString(), Editor: w.editorKey(),
	})
}

// editorKey returns the key of the component whose image stands at the walker's path.
func (w *walker) editorKey() *EditorKey {
	if w.editor == nil {
		return nil
	}
	p := w.path[w.editor.depth:]
	if len(p) != 4 || p[0].key != "components" || !p[1].indexed || p[2].key != "container" || p[3].key != "image" {
		return nil
	}
	key := w.editor.EditorKey
	key.Component = p[1].node.Text("name")
	return &key
}

// list finds the references of name=reference;name=reference.
func (w *walker) list(n *yamltext.Node) {
	offset := 0
	for pair := range strings.SplitAfterSeq(n.Value, ";") {
		if _, image, ok := strings.Cut(strings.TrimSuffix(pair, ";"), "="); ok {
			from, text := trim(image)
			w.reference(n, offset+strings.IndexByte(pair, '=')+1+from, text)
		}
		offset += len(pair)
	}
}

// isPairs and isLines tell lists from other text by their references, each of which must name a registry or organisation,
// and a tag or digest.
func isPairs(s string) bool {
	found := false
	for pair := range strings.SplitSeq(strings.TrimSpace(s), ";") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, image, ok := strings.Cut(pair, "=")
		if !ok || strings.ContainsAny(name, " \t\r\n:/") || !isFull(strings.TrimSpace(image)) {
			return false
		}
		found = true
	}
	return found
}

func isLines(s string) bool {
	found := false
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if !isFull(line) {
			return false
		}
		found = true
	}
	return found
}

func isFull(s string) bool {
	if !strings.Contains(s, "/") || !strings.ContainsAny(s, ":@") {
		return false
	}
	ref, err := imageref.Parse(s)
	return err == nil && ref.String() != ref.Name()
}

// documents finds the references of the documents that are the value of n.
func (w *walker) documents(n *yamltext.Node) {
	if !strings.Contains(n.Value, "mage") && !strings.Contains(n.Value, `\\`) {
		return // no key image, however it is spelled
	}
	if w.layer.Depth == maxDepth {
		w.problem("documents are nested more than %d deep: what is deeper is left alone", maxDepth)
		return
	}
	layer, err := w.Finder.layer(w.layer, n, false)
	if err != nil {
		if holdsYAML(w.path[len(w.path)-1].key) {
			w.problem("it does not parse: %v", err)
		}
		return
	}
	for i, doc := range layer.Text.Docs {
		inner := walker{Finder: w.Finder, layer: layer, document: w.document, prefix: w.pathString() + "#"}
		if i > 0 {
			inner.prefix += "[" + strconv.Itoa(i) + "]."
		}
		inner.visit(doc)
	}
}

// holdsYAML tells whether text under the key is meant to be YAML or JSON. Other text of a ConfigMap may be anything.
func holdsYAML(key string) bool {
	switch path.Ext(key) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return key == "inlined" || key == "referenceContent"
}

func (w *walker) problem(format string, args ...any) {
	w.Problems = append(w.Problems, Problem{Document: w.document, Path: w.pathString(), Message: fmt.Sprintf(format, args...)})
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// pathString writes the walker's path as the KRM Functions Specification does: spec.containers[0].image, data["a.b"].
func (w *walker) pathString() string {
	b := strings.Builder{}
	b.WriteString(w.prefix)
	for i, s := range w.path {
		switch {
		case s.indexed:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case !plainKey.MatchString(s.key):
			b.WriteString("[" + strconv.Quote(s.key) + "]")
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.key)
		}
	}
	return b.String()
}

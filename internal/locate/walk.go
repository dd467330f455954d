package locate

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

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
	object   object
	editor   *editor
	declared bool                    // only what a user declares is a reference here
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
		w.enter(n.Target, func() { w.visit(n.Target) })
	case yamltext.Sequence:
		for i, item := range n.Content {
			if item.Kind == yamltext.Scalar && w.passes("[]") {
				continue
			}
			w.step(step{index: i, indexed: true, node: item})
		}
	case yamltext.Mapping:
		w.mapping(n)
	case yamltext.Scalar:
		if len(w.path) > 0 {
			w.scalar(n)
		}
	}
}

// excluded tells whether users say that what stands at the walker's path must not be touched.
func (w *walker) excluded() bool {
	_, ok := w.Scope.exclude.find(w.path, w.object)
	return ok
}

// holding tells what stands at the walker's path, and whether a table says so: the user's word goes before ours.
func (w *walker) holding() (h Holding, known, ok bool) {
	if w.excluded() {
		return Nothing, true, true
	}
	if h, ok := w.Scope.fields.find(w.path, w.object); ok {
		return h, true, true
	}
	if w.declared {
		return 0, false, false
	}
	if h, ok := places.find(w.path, w.object); ok {
		return h, true, true
	}
	last := len(w.path) - 1
	return Reference, false, last >= 0 && !w.path[last].indexed && w.path[last].key == "image"
}

// passes tells whether a scalar under a key need not be looked at, as most: no table has the key.
func (w *walker) passes(key string) bool {
	return w.Scope.fields == nil && w.Scope.exclude == nil && !places.knows(key, w.object.kind)
}

func (w *walker) step(s step) {
	if len(w.open) > 0 && w.spent() {
		return
	}
	w.path = append(w.path, s)
	w.visit(s.node)
	w.path = w.path[:len(w.path)-1]
}

// spent counts a node that is reached through aliases, and tells whether there have been too many.
func (w *walker) spent() bool {
	w.aliased++
	if w.aliased == maxAliased+1 {
		w.problem("it has more than %d nodes behind aliases: the rest is left alone", maxAliased)
	}
	return w.aliased > maxAliased
}

// enter calls visit, inside of target, but not when the walker is inside of that already.
func (w *walker) enter(target *yamltext.Node, visit func()) {
	if w.open[target] {
		return
	}
	if w.open == nil {
		w.open = map[*yamltext.Node]bool{}
	}
	w.open[target] = true
	visit()
	delete(w.open, target)
}

func (w *walker) mapping(n *yamltext.Node) {
	object, editorBefore, declared := w.object, w.editor, w.declared
	if kind := n.Text("kind"); kind != "" {
		if version := n.Text("apiVersion"); version != "" {
			w.object = newObject(len(w.path), version, kind)
		}
	}
	if metadata := n.Get("metadata"); metadata != nil {
		if name, version := metadata.Text("name"), metadata.Get("attributes").Text("version"); name != "" && version != "" {
			w.editor = &editor{EditorKey{Editor: name, Version: version}, len(w.path)}
		}
	}
	h, _, ok := w.holding()
	switch {
	case !ok || h != Nothing:
		w.pairs(n, nil)
	case w.Scope.fields != nil && len(w.path) > w.object.depth && !w.excluded():
		w.declared = true
		w.pairs(n, nil)
	default:
		w.Protect(w.layer, n)
	}
	w.object, w.editor, w.declared = object, editorBefore, declared
}

// pairs visits the values of a mapping, and those that it merges in (YAML 1.1, the key <<) as if they were its own: not those
// whose keys it or the mappings that merge it have.
func (w *walker) pairs(n *yamltext.Node, hidden map[string]bool) {
	var merged []*yamltext.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		w.Protect(w.layer, n.Content[i])
		key, value := n.Content[i].Resolve(), n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
		} else if key.Kind == yamltext.Scalar && !hidden[key.Value] && (value.Kind != yamltext.Scalar || !w.passes(key.Value)) {
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
	if w.spent() {
		return
	}
	w.enter(target, func() {
		switch target.Kind {
		case yamltext.Mapping:
			w.pairs(target, hidden)
		case yamltext.Sequence:
			for _, item := range target.Content {
				w.merge(item, hidden)
			}
		}
	})
}

// scalar takes the scalar n, which stands at the end of the walker's path.
func (w *walker) scalar(n *yamltext.Node) {
	h, known, ok := w.holding()
	if !ok || !n.IsString() {
		return
	}
	switch h {
	case Reference:
		w.reference(n, known)
	case Split:
		w.split(n)
	case Pairs:
		w.list(n)
	case Document:
		w.documents(n)
	case Anything, Declared:
		w.anything(n, h == Declared)
	case Encoded:
		w.encoded(n)
	case Nothing:
		w.Protect(w.layer, n)
	}
}

// anything takes a scalar that may hold a document, a list, or, if it is declared to, a reference.
func (w *walker) anything(n *yamltext.Node, declared bool) {
	oneLine := !strings.Contains(strings.TrimSpace(n.Value), "\n")
	switch key := w.path[len(w.path)-1].key; {
	case w.Scope.isPairs(n.Value):
		w.list(n)
	case oneLine && (key == "image" || declared && (!strings.ContainsAny(n.Value, "{[ ") || w.Scope.variable(strings.TrimSpace(n.Value)) != "")):
		w.reference(n, true)
	case w.Scope.isLines(n.Value):
		if list, err := w.Finder.layer(w.layer, n, true); err == nil { // lists always parse
			w.lines(list, w.document, w.pathString(), false)
		}
	default:
		w.documents(n)
	}
}

// split takes a reference whose tag, or digest, is under a key of its own.
func (w *walker) split(n *yamltext.Node) {
	tagKey := w.path[len(w.path)-1].key + "Tag"
	tag := ""
	if len(w.path) > 1 {
		tag = w.path[len(w.path)-2].node.Text(tagKey)
	}
	ref, err := imageref.Parse(strings.TrimSpace(n.Value))
	if err != nil || tag == "" || ref.Name() != ref.String() {
		w.reference(n, true)
		return
	}
	for _, separator := range []string{":", "@"} {
		if joined, err := imageref.Parse(ref.String() + separator + tag); err == nil {
			from, text := trim(n.Value)
			site := w.site(n, joined, from, from+len(text), true)
			site.Text = joined.String()
			site.Locked = "its tag stands apart, under " + tagKey + ": change both by hand"
			w.Sites = append(w.Sites, site)
			return
		}
	}
}

// encoded tells of bytes that could hold references.
func (w *walker) encoded(n *yamltext.Node) {
	if data, err := base64.StdEncoding.DecodeString(n.Value); err == nil && bytes.Contains(data, []byte("image")) && utf8.Valid(data) {
		w.problem("it is binary data, and left alone: what it says of images was not looked at")
	}
}

// reference takes a scalar that is one reference.
func (w *walker) reference(n *yamltext.Node, known bool) {
	from, text := trim(n.Value)
	found := len(w.Sites)
	w.refer(n, from, text, known)
	if len(w.Sites) > found && w.layer.marked {
		w.Sites[found].Marker = marker(w.layer.Text, n)
	}
}

// refer adds the site of the reference text, which begins at from in the value of n, or of the placeholder for one. A template, a
// URL or a word is none of ours; what looks as if it was meant to be a reference is a Problem.
func (w *walker) refer(n *yamltext.Node, from int, text string, known bool) {
	ref, err := imageref.Parse(text)
	name := ""
	if err != nil {
		if name = w.Scope.variable(text); name == "" {
			if strings.ContainsAny(text, "/@") && !strings.ContainsAny(text, "{}$()<>% \t\n") && !strings.Contains(text, "://") {
				w.problem("%v: it is left alone", err)
			}
			return
		}
	}
	site := w.site(n, ref, from, from+len(text), known)
	site.Variable = name
	w.Sites = append(w.Sites, site)
}

func (w *walker) site(n *yamltext.Node, ref imageref.Ref, from, to int, known bool) Site {
	return Site{
		Text: n.Value[from:to], Ref: ref, Layer: w.layer, Node: n, From: from, To: to, Document: w.document, Object: w.objects,
		Path: w.pathString(), Editor: w.editorKey(), Known: known,
	}
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

// documents finds the references of the documents that are the value of n.
func (w *walker) documents(n *yamltext.Node) {
	if w.Scope.fields == nil && !yamltext.Spells(n.Value, words) {
		return
	}
	switch {
	case w.layer.Depth == maxDepth:
		w.problem("documents are nested more than %d deep: what is deeper is left alone", maxDepth)
		return
	case len(n.Value) > maxSize:
		w.problem("the document has more than %d MiB: it is left alone", maxSize>>20)
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
		inner := walker{Finder: w.Finder, layer: layer, document: w.document, prefix: w.pathString() + "#", aliased: w.aliased}
		if i > 0 {
			inner.prefix += "[" + strconv.Itoa(i) + "]."
		}
		inner.visit(doc)
	}
}

// words are what a document with references in it spells: it has them under a key image, or in a ConfigMap.
var words = []string{"mage", "ConfigMap"}

// interest is what of a document can hold references, and what tells of which object or editor they are.
var interest = yamltext.Interest{
	Words: words[:1],
	Keys:  []string{"name", "kind", "metadata", "attributes", "version", "apiVersion"},
	Whole: words[1:],
}

// Interest is what of a text a Finder wants, and the scalars under some more keys near that: all of it where users have places of
// their own.
func (s Scope) Interest(keys ...string) *yamltext.Interest {
	switch {
	case s.fields != nil:
		return nil
	case len(keys) == 0:
		return &interest
	}
	more := interest
	more.Keys = slices.Concat(interest.Keys, keys)
	return &more
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

// isPlain tells whether a key needs no quotes in a path.
func isPlain(key string) bool {
	for i := range len(key) {
		if c := key[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return key != ""
}

// pathString writes the walker's path as the KRM Functions Specification does: spec.containers[0].image, data["a.b"].
func (w *walker) pathString() string {
	const mostly = 128
	b := w.room(len(w.prefix) + mostly)
	from := b.Len()
	b.WriteString(w.prefix)
	for i, s := range w.path {
		switch {
		case s.indexed:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case !isPlain(s.key):
			b.WriteString("[" + strconv.Quote(s.key) + "]")
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.key)
		}
	}
	return b.String()[from:]
}

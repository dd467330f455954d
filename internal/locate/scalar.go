package locate

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// scalar finds what the scalar n holds, which stands at the end of the walker's path.
func (w *walker) scalar(n *yamltext.Node) {
	i, ok := w.find()
	if w.scope.isVariable(w.key()) && (!ok || w.table.patterns[i].holds != Nothing) {
		w.named(n, w.key())
		return
	}
	if !ok || !n.IsString() || w.isExhausted() {
		return
	}
	switch holds := w.table.patterns[i].holds; holds {
	case Nothing:
		w.protect(w.layer, n)
	case Reference, EditorComponent, Maybe:
		w.reference(n, holds != Maybe)
	case Split:
		w.split(n)
	case Pairs:
		w.pairs(n)
	case Document:
		w.documents(n)
	case Anything, Declared:
		w.anything(n, holds == Declared)
	case Encoded:
		w.encoded(n)
	}
}

// reference finds the one reference that n is.
func (w *walker) reference(n *yamltext.Node, known bool) {
	from, text := trim(n.Value)
	if site := w.parse(n, from, text, known); site != nil && w.layer.marked {
		site.Marker = marker(w.layer.Text, n)
	}
}

// parse adds the site of the reference text, or of a placeholder, which begins at from in the value of n. It returns nil for a
// template, a URL or a word, which are none of ours. What looks as if it was meant to be a reference is a Problem.
func (w *walker) parse(n *yamltext.Node, from int, text string, known bool) *Site {
	ref, err := imageref.Parse(text)
	variable := ""
	if err != nil {
		if variable = w.scope.variable(text); variable == "" {
			if strings.ContainsAny(text, "/@") && !strings.ContainsAny(text, "{}$()<>% \t\n") && !strings.Contains(text, "://") {
				w.problem("%v: it is left alone", err)
			}
			return nil
		}
	}
	return w.add(Site{Text: text, Ref: ref, Variable: variable, Node: n, From: from, Known: known})
}

// add adds a site at the walker's path.
func (w *walker) add(s Site) *Site {
	s.Layer, s.Path, s.Editor = w.layer, w.pathString(), w.editorKey()
	return w.finder.add(s)
}

// add adds a site and says what all sites say.
func (f *finder) add(s Site) *Site {
	s.To = s.From + len(s.Text)
	s.Document, s.Root, s.CommentsLost = f.root.Document, f.index, f.root.CommentsLost
	f.result.Sites = append(f.result.Sites, s)
	return &f.result.Sites[len(f.result.Sites)-1]
}

// editorKey returns the key of the component whose image stands at the walker's path, or nil if that is in no editor definition.
// Users may have declared the same field: it stays what it is.
func (w *walker) editorKey() *EditorKey {
	i, ok := w.table.find(w.path, &w.object, w.table.places, len(w.table.patterns))
	if !ok || w.table.patterns[i].holds != EditorComponent {
		return nil
	}
	definition := len(w.path) - len(w.table.patterns[i].keys) // how many steps lead to it; components[] are two more
	metadata := w.node(definition).Get("metadata")
	key := EditorKey{metadata.Text("name"), metadata.Get("attributes").Text("version"), w.node(definition + 2).Text("name")}
	if key.Editor == "" || key.Version == "" {
		return nil
	}
	return &key
}

// split finds a reference whose tag, or digest, is under a key of its own.
func (w *walker) split(n *yamltext.Node) {
	tagKey := w.key() + "Tag"
	tag := w.node(len(w.path) - 1).Text(tagKey)
	ref, err := imageref.Parse(strings.TrimSpace(n.Value))
	if err != nil || tag == "" || ref.Name() != ref.String() {
		w.reference(n, true)
		return
	}
	for _, separator := range []string{":", "@"} {
		if joined, err := imageref.Parse(ref.String() + separator + tag); err == nil {
			from, text := trim(n.Value)
			site := w.add(Site{Text: text, Ref: joined, Node: n, From: from, Known: true})
			site.Text = joined.String()
			site.Unreachable = "its tag stands apart, under " + tagKey + ": change both by hand"
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

// anything finds the references of a scalar that may hold documents, a list, or, if it is declared to, a reference.
func (w *walker) anything(n *yamltext.Node, declared bool) {
	text := strings.TrimSpace(n.Value)
	isReference := w.key() == "image" || declared && (!strings.ContainsAny(n.Value, "{[ ") || w.scope.variable(text) != "")
	switch {
	case w.scope.isPairs(n.Value):
		w.pairs(n)
	case isReference && !strings.Contains(text, "\n"):
		w.reference(n, true)
	case w.scope.isLines(n.Value):
		if list, err := w.embed(w.layer, n, true); err == nil { // lists always parse
			w.lines(list, w.pathString(), false)
		}
	default:
		w.documents(n)
	}
}

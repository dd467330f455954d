package locate

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// scalar finds what the scalar n holds, which stands at the end of the walker's path.
func (w *walker) scalar(n *yamltext.Node) {
	w.note(n)
	holds := w.holds()
	if !n.IsString() || holds == Unknown && w.variable() == "" {
		return
	}
	if holds != Nothing && w.named(n, holds) {
		return
	}
	switch holds {
	case Nothing:
		w.protect(w.layer, n)
	case Reference, EditorComponent, Maybe:
		w.reference(n, holds != Maybe)
	case DockerImage:
		w.dockerImage(n)
	case EnvValue:
		w.envValue(n)
	case Split:
		w.split(n)
	case Pairs:
		w.pairs(n, true)
	case Document:
		w.documents(n, true)
	case Anything, Declared:
		w.anything(n, holds == Declared)
	case Encoded:
		w.encoded(n)
	case Repository:
		w.parts(false)
	}
}

// holds tells what stands at the walker's path by the table. Below a mapping that holds Nothing, all
// holds Nothing that no row before that one finds.
func (w *walker) holds() Holding {
	i, ok := w.find()
	switch {
	case ok:
		return w.table.patterns[i].holds
	case w.end < len(w.table.patterns):
		return Nothing
	}
	return Unknown
}

// reference finds the one reference that n is. Where it is not known to be one, it may be a part of
// one.
func (w *walker) reference(n *yamltext.Node, known bool) {
	if !known && w.parts(false) {
		return
	}
	from, text := trim(n.Value)
	if site := w.parse(n, from, text, known); site != nil {
		site.Marker = w.marker(w.layer.Text, n)
	}
}

// parse adds the site of text, which begins at from in the value of n. It returns nil where there
// is none. What stands at no known place, and looks as if it was meant to be a reference, is a
// Problem.
func (w *walker) parse(n *yamltext.Node, from int, text string, known bool) *Site {
	site, ok := w.read(text, known)
	if !ok {
		if strings.ContainsAny(text, "/@") && !strings.ContainsAny(text, "{}$()<>% \t\n") && !strings.Contains(text, "://") {
			w.problem("%v: it is left alone", &imageref.Error{Text: text})
		}
		return nil
	}
	site.Node, site.From = n, from
	return w.add(site)
}

// dockerImage finds the reference that n is where the kind beside it says so. Of other kinds it is
// the name of an ImageStreamTag or the like.
func (w *walker) dockerImage(n *yamltext.Node) {
	if w.node(len(w.path)-1).Text("kind") == "DockerImage" {
		w.reference(n, true)
	}
}

// envValue finds the references of the value of an environment variable: those of a list. One that
// it is as a whole is not edited.
func (w *walker) envValue(n *yamltext.Node) {
	if isPairs(n.Value) {
		w.pairs(n, false)
	} else if from, text := trim(n.Value); isFull(text) {
		ref, _ := imageref.Parse(text)
		w.add(Site{Text: text, Ref: ref, Node: n, From: from, NotEdited: true})
	}
}

// pairs finds the references of the list of pairs that n is.
func (w *walker) pairs(n *yamltext.Node, known bool) {
	if list, err := w.embed(w.layer, n, true); err == nil { // lists always parse
		w.finder.pairs(list, w.pathString(), w.objectNamed(), known)
	}
}

// read reads a text that stands where a reference can stand: a reference, a placeholder, or what
// should be one of them. At a place that is not known it need not be: it may be a URL or a word. A
// template of another tool is counted, and is none of ours.
func (f *finder) read(text string, known bool) (site Site, ok bool) {
	ref, err := imageref.Parse(text)
	site = Site{Text: text, Ref: ref, Known: known}
	if err == nil || text == "" {
		return site, err == nil
	}
	if site.Variable = f.scope.variable(text); site.Variable != "" {
		return site, true
	}
	if site.Variable = f.scope.named(text); site.Variable != "" {
		site.Invalid = fmt.Sprintf(
			"it names %s in a form that is no placeholder: write ${%[1]s}, and nothing else",
			site.Variable,
		)
	} else if isTemplate(text) {
		f.result.Templates++
	} else if known {
		site.Invalid = imageref.Explain(text)
	}
	site.Text = firstLine(text)
	return site, site.Invalid != ""
}

// firstLine returns the first line of a text that is to be shown.
func firstLine(text string) string {
	const most = 200
	line := text
	if i := strings.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "")
	}
	if len(line) < len(text) {
		line += "…"
	}
	return line
}

// add adds a site at the walker's path.
func (w *walker) add(s Site) *Site {
	s.Layer, s.Path, s.Key, s.Editor = w.layer, w.pathString(), w.key(), w.editorKey()
	if variable := w.variable(); variable != "" {
		named := w.objectNamed()
		named.Variable, s.Named = variable, &named
	}
	return w.finder.add(s)
}

// add adds a site and says what all sites say.
func (f *finder) add(s Site) *Site {
	s.To = s.From + len(s.Text)
	s.Document, s.Root, s.CommentsLost = f.root.Document, f.index, f.root.CommentsLost
	f.result.Sites = append(f.result.Sites, s)
	return &f.result.Sites[len(f.result.Sites)-1]
}

// editorKey returns the key of the component whose image stands at the walker's path, or nil if
// that is in no editor definition. Users may have declared the same field: it stays what it is.
func (w *walker) editorKey() *EditorKey {
	i, ok := w.table.find(w.path, &w.object, w.table.places, len(w.table.patterns))
	if !ok || w.table.patterns[i].holds != EditorComponent {
		return nil
	}
	definition := len(w.path) - len(w.table.patterns[i].keys) // how many steps lead to it; components[] are two more
	metadata := w.node(definition).Get("metadata")
	key := EditorKey{
		metadata.Text("name"),
		metadata.Get("attributes").Text("version"),
		w.node(definition + 2).Text("name"),
	}
	if key.Editor == "" || key.Version == "" {
		return nil
	}
	return &key
}

// encoded reports bytes in base64 that could hold references: they are not looked at.
func (w *walker) encoded(n *yamltext.Node) {
	if data, err := base64.StdEncoding.DecodeString(n.Value); err == nil && bytes.Contains(data, []byte("image")) &&
		utf8.Valid(data) {
		w.problem("it is binary data, and left alone: what it says of images was not looked at")
	}
}

// anything finds the references of a scalar that may hold documents, a list, or, if it is declared
// to, a reference.
func (w *walker) anything(n *yamltext.Node, declared bool) {
	isLine := !strings.Contains(strings.TrimSpace(n.Value), "\n")
	switch {
	case isEnvFile(w.key()), isPairs(n.Value) && (!declared || slices.ContainsFunc(pairsOf(n.Value), pair.isFull)):
		w.pairs(n, declared)
	case isLine && w.key() == "image":
		w.reference(n, true)
	case isLine && declared:
		w.line(n)
	case w.scope.isLines(n.Value):
		if list, err := w.embed(w.layer, n, true); err == nil { // lists always parse
			w.lines(list, w.pathString(), w.key())
		}
	default:
		w.documents(n, false)
	}
}

// line finds what a scalar of one line holds that is declared to hold references: a document, or
// one reference.
func (w *walker) line(n *yamltext.Node) {
	text := strings.TrimSpace(n.Value)
	if strings.ContainsAny(text, "{[ ") && w.scope.variable(text) == "" {
		before := len(w.result.Sites) + w.result.Templates
		w.documents(n, false)
		if len(w.result.Sites)+w.result.Templates > before || isDocument(text) {
			return
		}
	}
	w.reference(n, true)
}

// isDocument tells whether a line is YAML, and neither a template nor a reference with a space in
// it, quay.io/acme/udi: 2.15.
func isDocument(line string) bool {
	text, err := yamltext.Parse(line, nil)
	if err != nil || len(text.Docs) == 0 || strings.HasPrefix(line, "{{") {
		return false
	}
	root := text.Docs[0]
	isPair := root.Kind == yamltext.Mapping && !root.Flow && root.Content[1].Kind == yamltext.Scalar
	return root.Kind != yamltext.Scalar && !isPair
}

package krm

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
)

// envelope is the ResourceList around the items, as text.
type envelope struct {
	text *yamltext.Text
	root *yamltext.Node
}

// withoutCommand is for those who give the program manifests.
const withoutCommand = ": without a command this is a KRM function, which kustomize and kpt run; " +
	"for files there is inject-related-images inject --csv FILE PATH"

// open reads source, which must be one ResourceList with a list of items. Errors say what was found
// instead: an orchestrator that is given nothing back deletes what it gave.
func open(source string) (envelope, error) {
	if strings.TrimSpace(source) == "" {
		return envelope{}, fmt.Errorf(
			"stdin is empty: expected a ResourceList, as kustomize and kpt send it " +
				"(a container is to be run with -i; --help says more)",
		)
	}
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		return envelope{}, fmt.Errorf("stdin: %w: expected a ResourceList%s", err, withoutCommand)
	}
	if len(text.Docs) != 1 {
		return envelope{}, fmt.Errorf("stdin: %d documents: expected one ResourceList that holds all resources as items%s",
			len(text.Docs), withoutCommand)
	}
	root := text.Docs[0]
	if root.Text("kind") != "ResourceList" || !strings.HasPrefix(root.Text("apiVersion"), "config.kubernetes.io/") {
		return envelope{}, fmt.Errorf("stdin: line 1: found %s: expected a ResourceList of config.kubernetes.io/v1%s",
			olm.Describe(root), withoutCommand)
	}
	for _, key := range []string{"items", "results"} {
		if again := repeated(root, key); again != nil {
			line, _ := yamltext.NewLines(source).At(again.Offset)
			return envelope{}, fmt.Errorf("stdin: line %d: the ResourceList has %s twice: put them into one list", line, key)
		}
	}
	switch items := root.Get("items"); {
	case items == nil:
		return envelope{}, fmt.Errorf("stdin: the ResourceList has no items: give items: [] if there are none")
	case items.Kind != yamltext.Sequence:
		line, _ := yamltext.NewLines(source).At(items.Offset)
		return envelope{}, fmt.Errorf("stdin: line %d: the items of the ResourceList are not a list", line)
	}
	return envelope{text, root}, nil
}

// repeated returns the second key of that name in a mapping, or nil.
func repeated(n *yamltext.Node, name string) *yamltext.Node {
	found := false
	for i := 0; i < len(n.Content); i += 2 {
		if key := n.Content[i].Resolve(); key.Kind == yamltext.Scalar && key.Value == name {
			if found {
				return n.Content[i]
			}
			found = true
		}
	}
	return nil
}

// addResults finds the place for the results of output: that of earlier results, or the first where
// the list reads as it must once results stand there and the changes of its envelope are made. To
// find out it parses the text with some of the results.
func (l list) addResults(output *Output, changes []yamltext.Change) error {
	var places []place
	switch old := l.value("results"); {
	case old != nil:
		places = l.inPlaceOf(old)
	case l.root.Flow:
		places = l.inFlow()
	default:
		places = l.inBlock()
	}
	injected, err := l.text, error(nil)
	if len(changes) > 0 {
		var text string
		if text, err = yamltext.Apply(l.text.Source, slices.Clone(changes)); err == nil {
			injected, err = yamltext.Parse(text, nil)
		}
		if err != nil {
			return fmt.Errorf("stdin: %w", err)
		}
	}
	err = errors.New("it has results in a form that is not understood")
	for _, p := range places {
		var text string
		proof := yamltext.Change{Start: p.start, End: p.end, New: p.text(first(output.Results(), 16))}
		if text, err = yamltext.Apply(l.text.Source, append(slices.Clone(changes), proof)); err != nil {
			continue
		}
		if err = injected.Verify(text, nil, "results"); err == nil {
			output.assemble(l, p)
			return nil
		}
	}
	return fmt.Errorf("stdin: no place for results was found in the ResourceList: %w: write it as orchestrators do", err)
}

// first returns the first n of seq.
func first[T any](seq iter.Seq[T], n int) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			if n--; n < 0 || !yield(v) {
				return
			}
		}
	}
}

// value returns the value under a key of the ResourceList itself, or nil.
func (e envelope) value(key string) *yamltext.Node {
	for i := 0; i < len(e.root.Content); i += 2 {
		if e.root.Content[i].Value == key {
			return e.root.Content[i+1]
		}
	}
	return nil
}

// place is where results go, in the place of start..end of the envelope's text, and how they are
// written: as a block sequence with an indentation, or as JSON.
type place struct {
	start, end    int
	before, after string
	block         bool
	indent        string
}

// inPlaceOf replaces old results.
func (e envelope) inPlaceOf(old *yamltext.Node) []place {
	end, err := e.text.End(old)
	if err != nil {
		return nil
	}
	p := place{start: old.Offset, end: end}
	if old.Kind == yamltext.Scalar && old.Style == yamltext.Plain && old.Value == "" { // nothing stands behind the colon
		p.before = " "
	}
	if old.Kind == yamltext.Sequence && !old.Flow {
		p.block, p.indent = true, e.indentation(old.Offset)
		if strings.HasSuffix(e.text.Source[:end], "\n") { // behind a block scalar
			p.after = "\n"
		}
	}
	return []place{p}
}

// inFlow puts results behind the last value, or before the first key.
func (e envelope) inFlow() []place {
	first := e.first()
	places := []place{{start: first, end: first, before: `"results": `, after: ", "}}
	if last, err := e.text.End(e.root.Content[len(e.root.Content)-1]); err == nil {
		places = append([]place{{start: last, end: last, before: `, "results": `}}, places...)
	}
	return places
}

// inBlock puts results at the end of the document, or before the first key. A block scalar at the
// end of the text would take the line break that results need behind it for its own.
func (e envelope) inBlock() []place {
	source, first := e.text.Source, e.first()
	indent := e.indentation(first)
	before := "results:\n" + indent
	places := []place{{start: first, end: first, before: before, after: "\n" + indent, block: true, indent: indent}}
	end, err := e.text.End(e.root)
	if err != nil {
		return places
	}
	if !strings.HasSuffix(source[:end], "\n") {
		end = e.lineEnd(end)
	}
	for end < len(source) && !strings.HasPrefix(source[end:], "...") { // comments and empty lines
		end = e.lineEnd(end)
	}
	before = indent + before
	if !strings.HasSuffix(source[:end], "\n") {
		before = "\n" + before
	}
	return append([]place{{start: end, end: end, before: before, after: "\n", block: true, indent: indent}}, places...)
}

// first returns the offset of the first key, or of the ? before it.
func (e envelope) first() int {
	offset := e.root.Content[0].Offset
	if before := strings.TrimRight(e.text.Source[:offset], " "); strings.HasSuffix(before, "?") {
		return len(before) - 1
	}
	return offset
}

// indentation returns the spaces before what begins a line at offset.
func (e envelope) indentation(offset int) string {
	line := strings.TrimPrefix(e.text.Source[1+strings.LastIndexByte(e.text.Source[:offset], '\n'):offset], "\uFEFF")
	return strings.Repeat(" ", len(line))
}

func (e envelope) lineEnd(offset int) int {
	if n := strings.IndexByte(e.text.Source[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(e.text.Source)
}

package krm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/yamltext"
)

// envelope is the ResourceList around the items, as text.
type envelope struct {
	text *yamltext.Text
	root *yamltext.Node
}

// open reads source, which must be one ResourceList with a list of items. Errors say what was found instead: an orchestrator
// that is given nothing back deletes what it gave.
func open(source string) (envelope, error) {
	if strings.TrimSpace(source) == "" {
		return envelope{}, fmt.Errorf("stdin is empty: expected a ResourceList, as kustomize and kpt send it (--help says more)")
	}
	text, err := yamltext.Parse(source)
	if err != nil {
		return envelope{}, fmt.Errorf("stdin: %w: expected a ResourceList", err)
	}
	if len(text.Docs) != 1 {
		return envelope{}, fmt.Errorf("stdin: %d documents: expected one ResourceList that holds all resources as items", len(text.Docs))
	}
	root := text.Docs[0]
	if kind, version := root.Text("kind"), root.Text("apiVersion"); kind != "ResourceList" || !strings.HasPrefix(version, "config.kubernetes.io/") {
		return envelope{}, fmt.Errorf("stdin: line 1: expected a ResourceList of config.kubernetes.io/v1, found kind %q of %q", kind, version)
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

// seal returns the text of the ResourceList with the changes that edits need made, and results in the place of any that were in
// it. There are several places for results; the text is parsed again, and the first is taken after which it reads as it must.
func (e envelope) seal(changes []yamltext.Change, edits []yamltext.Edit, results framework.Results) (string, error) {
	var places []yamltext.Change
	switch old := e.value("results"); {
	case old != nil:
		places = e.inPlaceOf(old, results)
	case e.root.Flow:
		places = e.inFlow(results)
	default:
		places = e.inBlock(results)
	}
	err := errors.New("it has results in a form that is not understood")
	for _, place := range places {
		var text string
		if text, err = yamltext.Apply(e.text.Source, append(slices.Clone(changes), place)); err != nil {
			continue
		}
		if err = e.text.Verify(text, edits, "results"); err == nil {
			return text, nil
		}
	}
	return "", fmt.Errorf("stdin: no place for results was found in the ResourceList: %w: write it as orchestrators do", err)
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

// inPlaceOf replaces old results.
func (e envelope) inPlaceOf(old *yamltext.Node, results framework.Results) []yamltext.Change {
	end, err := e.text.End(old)
	if err != nil {
		return nil
	}
	change := yamltext.Change{Start: old.Offset, End: end, New: writeJSON(results)}
	if old.Kind == yamltext.Sequence && !old.Flow {
		indent := e.indentation(old.Offset)
		block := strings.TrimSuffix(writeBlock(results, indent), "\n")
		if strings.HasSuffix(e.text.Source[:end], "\n") { // behind a block scalar
			block += "\n"
		}
		change.New = block[len(indent):]
	}
	return []yamltext.Change{change}
}

// inFlow puts results behind the last value, or before the first key.
func (e envelope) inFlow(results framework.Results) []yamltext.Change {
	data := `"results": ` + writeJSON(results)
	first := e.first()
	places := []yamltext.Change{{Start: first, End: first, New: data + ", "}}
	if last, err := e.text.End(e.root.Content[len(e.root.Content)-1]); err == nil {
		places = append([]yamltext.Change{{Start: last, End: last, New: ", " + data}}, places...)
	}
	return places
}

// inBlock puts results at the end of the document, or before the first key. A block scalar at the end of the text would take the
// line break that results need behind it for its own.
func (e envelope) inBlock(results framework.Results) []yamltext.Change {
	source, first := e.text.Source, e.first()
	indent := e.indentation(first)
	block := "results:\n" + writeBlock(results, indent)
	places := []yamltext.Change{{Start: first, End: first, New: block + indent}}
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
	block = indent + block
	if !strings.HasSuffix(source[:end], "\n") {
		block = "\n" + block
	}
	return append([]yamltext.Change{{Start: end, End: end, New: block}}, places...)
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

// writeBlock writes results as a block sequence. Writing them by hand costs a tenth of what a YAML library takes, and there are as
// many as references.
func writeBlock(results framework.Results, indent string) string {
	var b strings.Builder
	line := func(depth int, key, value string) {
		b.WriteString(indent)
		b.WriteString(strings.Repeat("  ", depth))
		b.WriteString(key)
		b.WriteString(value)
		b.WriteByte('\n')
	}
	text := func(depth int, key, value string) {
		if value != "" {
			line(depth, key+": ", quote(value))
		}
	}
	for _, r := range results {
		line(0, "- message: ", quote(r.Message))
		line(1, "severity: ", string(r.Severity))
		if ref := r.ResourceRef; ref != nil {
			line(1, "resourceRef:", "")
			text(2, "apiVersion", ref.APIVersion)
			text(2, "kind", ref.Kind)
			text(2, "name", ref.Name)
			text(2, "namespace", ref.Namespace)
		}
		if f := r.Field; f != nil {
			line(1, "field:", "")
			line(2, "path: ", quote(f.Path))
			for _, v := range []struct {
				key   string
				value any
			}{{"currentValue", f.CurrentValue}, {"proposedValue", f.ProposedValue}} {
				if s, ok := v.value.(string); ok {
					text(2, v.key, s)
				}
			}
		}
		if f := r.File; f != nil {
			line(1, "file:", "")
			line(2, "path: ", quote(f.Path))
			if f.Index != 0 {
				line(2, "index: ", fmt.Sprint(f.Index))
			}
		}
	}
	return b.String()
}

// writeJSON writes results as JSON.
func writeJSON(results framework.Results) string {
	if len(results) == 0 {
		return "[]"
	}
	return quote(results)
}

// quote writes v, a text or results, as JSON that is YAML too: JSON allows characters in texts that YAML does not.
func quote(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // texts and results always encode
	s := strings.TrimSuffix(b.String(), "\n")
	if !strings.ContainsFunc(s, isUnprintable) {
		return s
	}
	var escaped strings.Builder
	for _, r := range s {
		if isUnprintable(r) {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	return escaped.String()
}

// isUnprintable tells the characters that YAML 1.2, section 5.1, does not allow, beyond those that JSON escapes.
func isUnprintable(r rune) bool {
	return 0x7f <= r && r < 0xa0 || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF
}

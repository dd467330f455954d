package krm

import (
	"bytes"
	"encoding/json"
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

// seal returns the text of the ResourceList with changes made and results in the place of any that were in it.
func (e envelope) seal(changes []yamltext.Change, results framework.Results) (string, error) {
	change, err := e.results(results)
	if err != nil {
		return "", err
	}
	return yamltext.Apply(e.text.Source, append(changes, change))
}

// results returns the change that puts results into the ResourceList.
func (e envelope) results(results framework.Results) (yamltext.Change, error) {
	if e.root.Flow {
		return e.flowResults(results)
	}
	return e.blockResults(results)
}

// key returns the index of a key of the ResourceList, or -1.
func (e envelope) key(key string) int {
	for i := 0; i < len(e.root.Content); i += 2 {
		if e.root.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func (e envelope) flowResults(results framework.Results) (yamltext.Change, error) {
	data, err := marshalJSON(results)
	if err != nil {
		return yamltext.Change{}, err
	}
	if i := e.key("results"); i >= 0 {
		old := e.root.Content[i+1]
		end, err := e.text.End(old)
		return yamltext.Change{Start: old.Offset, End: end, New: data}, err
	}
	last, err := e.text.End(e.root.Content[len(e.root.Content)-1])
	return yamltext.Change{Start: last, End: last, New: `, "results": ` + data}, err
}

// blockResults puts results in the place of old ones, else behind the last key; or before the first where a block scalar at
// the very end of the text would take the line break between for its own.
func (e envelope) blockResults(results framework.Results) (yamltext.Change, error) {
	source, first := e.text.Source, e.root.Content[0].Offset
	indent := source[1+strings.LastIndexByte(source[:first], '\n') : first]
	if strings.Trim(indent, " ") != "" {
		indent = "" // a byte order mark
	}
	block := writeBlock(results, indent)
	end, err := e.text.End(e.root)
	if err != nil {
		return yamltext.Change{}, err
	}
	if i := e.key("results"); i >= 0 {
		start := e.root.Content[i].Offset
		if i+2 < len(e.root.Content) {
			return yamltext.Change{Start: start, End: e.root.Content[i+2].Offset, New: block[len(indent):] + indent}, nil
		}
		return yamltext.Change{Start: start, End: e.lineEnd(end), New: block[len(indent):]}, nil
	}
	at := e.lineEnd(end)
	for at < len(source) && !strings.HasPrefix(source[at:], "...") { // comments and empty lines
		at = e.lineEnd(at)
	}
	switch {
	case strings.HasSuffix(source[:at], "\n"):
	case e.endsInBlockScalar():
		return yamltext.Change{Start: first, End: first, New: block[len(indent):] + indent}, nil
	default:
		block = "\n" + block
	}
	return yamltext.Change{Start: at, End: at, New: block}, nil
}

func (e envelope) lineEnd(offset int) int {
	if n := strings.IndexByte(e.text.Source[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(e.text.Source)
}

func (e envelope) endsInBlockScalar() bool {
	n := e.root
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	return n.Style == yamltext.Literal || n.Style == yamltext.Folded
}

// writeBlock writes the key results and its value. Writing them by hand costs a tenth of what a YAML library takes, and there
// are as many as references.
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
	line(0, "results:", "")
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

// quote writes s in double quotes, as JSON and YAML both read it.
func quote(s string) string {
	data, _ := marshalJSON(s) // strings always marshal
	return data
}

// marshalJSON writes v as JSON that is YAML too: JSON allows DEL and C1 controls in strings, YAML does not.
func marshalJSON(v any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "", err
	}
	s := strings.TrimSuffix(b.String(), "\n")
	if !slices.ContainsFunc([]rune(s), isControl) {
		return s, nil
	}
	var escaped strings.Builder
	for _, r := range s {
		if isControl(r) {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	return escaped.String(), nil
}

func isControl(r rune) bool { return 0x7f <= r && r < 0xa0 }

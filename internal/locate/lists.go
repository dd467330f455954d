package locate

import (
	"strings"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// lines finds the references of a list, one a line. Empty lines and comments are passed over. With strict, another line that is
// no reference is a Problem.
func (f *finder) lines(layer *Layer, at string, strict bool) {
	const mark = "\uFEFF" // the byte order mark
	offset := 0
	for i, line := range strings.SplitAfter(layer.Source, "\n") {
		from, text := trim(strings.TrimPrefix(line, mark))
		from += offset + len(line) - len(strings.TrimPrefix(line, mark))
		offset += len(line)
		if text == "" || text[0] == '#' {
			continue
		}
		ref, err := imageref.Parse(text)
		if name := f.scope.variable(text); err == nil || name != "" {
			f.add(Site{Text: text, Ref: ref, Variable: name, Layer: layer, From: from, Path: at, Known: true})
		} else if strict {
			f.result.Problems = append(f.result.Problems, Problem{Path: at, Line: i + 1, Message: err.Error()})
		}
	}
}

// trim returns s without the white space around it, and where that begins.
func trim(s string) (from int, text string) {
	text = strings.TrimLeft(s, " \t\r\n")
	return len(s) - len(text), strings.TrimRight(text, " \t\r\n")
}

// pairs finds the references of name=reference;name=reference.
func (w *walker) pairs(n *yamltext.Node) {
	offset := 0
	for pair := range strings.SplitAfterSeq(n.Value, ";") {
		if _, image, ok := strings.Cut(strings.TrimSuffix(pair, ";"), "="); ok {
			from, text := trim(image)
			w.parse(n, offset+strings.IndexByte(pair, '=')+1+from, text, true)
		}
		offset += len(pair)
	}
}

// isPairs and isLines tell lists from other text by their references, each of which must name a registry or organisation, and a
// tag or digest. There may be placeholders among them: by itself, the name of a variable may be meant as no more than that.
func (s Scope) isPairs(text string) bool {
	found := false
	for pair := range strings.SplitSeq(strings.TrimSpace(text), ";") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, image, ok := strings.Cut(pair, "=")
		image = strings.TrimSpace(image)
		full := isFull(image)
		if !ok || strings.ContainsAny(name, " \t\r\n:/") || !full && s.variable(image) == "" {
			return false
		}
		found = found || full
	}
	return found
}

func (s Scope) isLines(text string) bool {
	found := false
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		full := isFull(line)
		if !full && s.variable(line) == "" {
			return false
		}
		found = found || full
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

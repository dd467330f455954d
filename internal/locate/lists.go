package locate

import (
	"strings"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// lines finds the references of a list, one a line, which stands at a path, under a key. Empty
// lines and comments are passed over.
func (f *finder) lines(layer *Layer, at, key string) {
	const mark = "\uFEFF" // the byte order mark
	offset := 0
	for line := range strings.SplitAfterSeq(layer.Source, "\n") {
		from, text := trim(strings.TrimPrefix(line, mark))
		from += offset + len(line) - len(strings.TrimPrefix(line, mark))
		offset += len(line)
		if text == "" || text[0] == '#' {
			continue
		}
		if site, ok := f.read(text, true); ok {
			site.Layer, site.From, site.Path, site.Key = layer, from, at, key
			f.add(site)
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
		name, image, ok := strings.Cut(strings.TrimSuffix(pair, ";"), "=")
		if ok {
			from, text := trim(image)
			if site := w.parse(n, offset+len(name+"=")+from, text, true); site != nil {
				site.Key = strings.TrimSpace(name)
			}
		} else if from, text := trim(name); text != "" {
			w.nameless(n, offset+from, text)
		}
		offset += len(pair)
	}
}

// nameless finds a text that stands where name=reference is to stand.
func (w *walker) nameless(n *yamltext.Node, from int, text string) {
	site, ok := w.read(text, true)
	if !ok {
		return
	}
	if site.Invalid == "" {
		site.Invalid = "it has no name: write NAME=" + text
	}
	site.Node, site.From = n, from
	w.add(site)
}

// isPairs and isLines tell lists from other text by their references, each of which must name a
// registry or organisation, and a tag or digest. There may be placeholders among them, well written
// or not: by itself, the name of a variable may be meant as no more than that.
func (s Scope) isPairs(text string) bool {
	found := false
	for pair := range strings.SplitSeq(strings.TrimSpace(text), ";") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, image, ok := strings.Cut(pair, "=")
		image = strings.TrimSpace(image)
		full := isFull(image)
		if !ok || strings.ContainsAny(name, " \t\r\n:/") || !full && s.named(image) == "" {
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
		if !full && s.named(line) == "" {
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

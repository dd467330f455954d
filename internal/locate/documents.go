package locate

import (
	"path"
	"slices"
	"strconv"

	"inject-related-images/internal/yamltext"
)

// maxDepth and maxSize bound documents in documents.
const (
	maxDepth = 16
	maxSize  = 16 << 20
)

// documents finds the references of the documents that are the value of n. Where n is meant to hold
// some, it is a problem if it does not parse.
func (w *walker) documents(n *yamltext.Node, meant bool) {
	switch {
	case !w.table.mayFind(n.Value):
		return
	case w.layer.Depth == maxDepth:
		w.problem("documents are nested more than %d deep: what is deeper is left alone", maxDepth)
		return
	case len(n.Value) > maxSize:
		w.problem("the document has more than %d MiB: it is left alone", maxSize>>20)
		return
	}
	layer, err := w.embed(w.layer, n, false)
	if err != nil {
		if meant || holdsYAML(w.key()) {
			w.problem("it does not parse: %v", err)
		}
		return
	}
	for i, doc := range layer.Text.Docs {
		prefix := w.pathString() + "#"
		if i > 0 {
			prefix += "[" + strconv.Itoa(i) + "]."
		}
		w.walk(layer, doc, prefix)
	}
}

// holdsYAML tells whether text under the key is meant to be YAML or JSON. Other text of a ConfigMap
// may be anything.
func holdsYAML(key string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(key))
}

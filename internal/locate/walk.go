package locate

import (
	"cmp"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"inject-related-images/internal/yamltext"
)

// mostAliased bounds the nodes that are reached in a text through aliases, beside what nodesOf adds
// for its length, so that the time grows no faster than the text does. Aliases can be nested to more
// nodes than any machine can visit, and many of one long list need no nesting for that.
const mostAliased = 100_000

// nodesOf returns how many nodes behind aliases a text may have for its length.
func nodesOf(length int) int { return length / 8 }

// aliased counts what is reached in a text through aliases.
type aliased struct {
	depth int // how many aliases the walkers are behind
	nodes int // that were reached so far
	most  int // nodes that may be reached
}

func (a *aliased) isExhausted() bool { return a.nodes > a.most }

// walker goes through the nodes of one document.
type walker struct {
	*finder
	layer  *Layer
	top    *yamltext.Node // of the document
	prefix string         // the path of the scalar that holds the document
	path   []step
	object object
	end    int                     // only patterns before this index count
	open   map[*yamltext.Node]bool // the targets of aliases that the walker is in
}

// walk finds the references below the node n of a layer.
func (f *finder) walk(layer *Layer, n *yamltext.Node, prefix string) {
	const usual = 8 // steps of a path
	w := walker{finder: f, layer: layer, top: n, prefix: prefix}
	w.path, w.end = make([]step, 0, usual), len(f.table.patterns)
	if f.kustomization && layer.Parent == nil {
		w.object = newObject(0, cmp.Or(n.Text("apiVersion"), "kustomize.config.k8s.io/v1beta1"),
			cmp.Or(n.Text("kind"), "Kustomization"))
	}
	w.visit(n)
}

func (w *walker) visit(n *yamltext.Node) {
	switch n.Kind {
	case yamltext.Alias:
		w.enter(n.Target, func() { w.visit(n.Target) })
	case yamltext.Sequence:
		w.sequence(n)
	case yamltext.Mapping:
		w.mapping(n)
	case yamltext.Scalar:
		if len(w.path) > 0 {
			w.scalar(n)
		}
	}
}

func (w *walker) step(s step) {
	if !w.reach(s.node) {
		return
	}
	w.path = append(w.path, s)
	w.visit(s.node)
	w.path = w.path[:len(w.path)-1]
}

// reach counts a node if it is reached through aliases, and tells whether it may be visited.
func (w *walker) reach(n *yamltext.Node) bool {
	return w.aliased.depth == 0 || w.count(1+nodesOf(len(n.Value)))
}

// count counts nodes that are reached through aliases, and tells whether there may be so many.
func (w *walker) count(nodes int) bool {
	if w.aliased.isExhausted() {
		return false
	}
	w.aliased.nodes += nodes
	if w.aliased.isExhausted() {
		w.problem("it has more than %d nodes behind aliases: the rest is left alone", w.aliased.most)
		return false
	}
	return true
}

// reachMerged counts the keys that the mapping or sequence n merges in, and tells whether it may be
// visited: whoever looks for a key of it goes through all of them. seen are the nodes that merge n.
func (w *walker) reachMerged(n *yamltext.Node, seen map[*yamltext.Node]bool) bool {
	for i := 0; i < len(n.Content); i++ {
		target := n.Content[i].Resolve()
		if n.Kind == yamltext.Mapping {
			i++ // to the value
			if target.Tag != "!!merge" {
				continue
			}
			target = n.Content[i].Resolve()
		}
		if seen[target] {
			continue
		}
		if seen == nil {
			seen = map[*yamltext.Node]bool{}
		}
		seen[target] = true
		if !w.count(len(target.Content)) || !w.reachMerged(target, seen) {
			return false
		}
	}
	return true
}

// enter calls visit, which visits the target of an alias, unless the walker is in that target
// already, or more was reached through aliases than may be.
func (w *walker) enter(target *yamltext.Node, visit func()) {
	if w.open[target] {
		return
	}
	if w.open == nil {
		w.open = map[*yamltext.Node]bool{}
	}
	w.open[target] = true
	w.aliased.depth++
	if w.reach(target) {
		visit()
	}
	w.aliased.depth--
	delete(w.open, target)
}

// note notes which of the users' patterns match the node n at the walker's path. A field is for
// texts.
func (w *walker) note(n *yamltext.Node) {
	for i := range w.table.places {
		if !w.matched[i] && (i < w.table.excluded || n.IsString()) {
			w.matched[i] = w.table.patterns[i].matches(w.path, &w.object)
		}
	}
}

// sequence visits the items of a sequence, unless a user excludes it.
func (w *walker) sequence(n *yamltext.Node) {
	w.note(n)
	if w.table.isExcluded(w.path, &w.object) {
		w.protect(w.layer, n)
		return
	}
	for i, child := range n.Content {
		w.step(step{key: anyIndex, index: i, indexed: true, node: child})
	}
}

// mapping visits the values of a mapping, unless that holds Nothing.
func (w *walker) mapping(n *yamltext.Node) {
	if w.layer.Text.Aliased && !w.reachMerged(n, nil) {
		return
	}
	object, end := w.object, w.end
	if kind := n.Text("kind"); kind != "" {
		if version := n.Text("apiVersion"); version != "" {
			w.object = newObject(len(w.path), version, kind)
		}
	} else if strings.HasPrefix(n.Text("schema"), catalogSchema) {
		w.object = newObject(len(w.path), "", catalogKind)
	}
	w.note(n)
	i, ok := w.find()
	switch {
	case !ok || w.table.patterns[i].holds != Nothing:
		w.values(n, nil)
	case w.table.telling < i && len(w.path) > w.object.depth: // what rows before it find may be below
		w.end = i
		w.values(n, nil)
	default:
		w.protect(w.layer, n)
	}
	w.object, w.end = object, end
}

// values visits the values of a mapping, and those that it merges in as if they were its own (YAML
// 1.1, the key <<). It leaves out those whose keys are hidden by the mappings that merge it.
func (w *walker) values(n *yamltext.Node, hidden map[string]bool) {
	var merged []*yamltext.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		w.protect(w.layer, n.Content[i])
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

// merge visits the values of a mapping that is merged in, or of a sequence of such mappings.
func (w *walker) merge(n *yamltext.Node, hidden map[string]bool) {
	target := n.Resolve()
	w.enter(target, func() {
		switch target.Kind {
		case yamltext.Mapping:
			w.values(target, hidden)
		case yamltext.Sequence:
			for _, child := range target.Content {
				w.merge(child, hidden)
			}
		}
	})
}

// find returns the index of the pattern that tells what stands at the walker's path.
func (w *walker) find() (index int, ok bool) {
	return w.table.find(w.path, &w.object, 0, w.end)
}

// node returns the node at the walker's path after so many steps.
func (w *walker) node(steps int) *yamltext.Node {
	if steps == 0 {
		return w.top
	}
	return w.path[steps-1].node
}

// key returns the last key of the walker's path, or "" for an index.
func (w *walker) key() string { return w.path[len(w.path)-1].key }

// pathString writes the walker's path as the KRM Functions Specification does:
// spec.containers[0].image, data["a.b"].
func (w *walker) pathString() string {
	const usual = 128
	b := append(make([]byte, 0, usual), w.prefix...)
	for i, s := range w.path {
		switch {
		case s.indexed:
			b = append(strconv.AppendInt(append(b, '['), int64(s.index), 10), ']')
		case !isPlain(s.key):
			b = append(strconv.AppendQuote(append(b, '['), s.key), ']')
		case i > 0:
			b = append(append(b, '.'), s.key...)
		default:
			b = append(b, s.key...)
		}
	}
	return string(b)
}

// isPlain tells whether a key needs no quotes in a path.
func isPlain(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
}

func (w *walker) problem(format string, args ...any) {
	w.result.Problems = append(w.result.Problems, Problem{
		Document: w.root.Document, Root: w.index, Path: w.pathString(), Message: fmt.Sprintf(format, args...),
	})
}

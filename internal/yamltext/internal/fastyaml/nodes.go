package fastyaml

import (
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// Memory is what the nodes of a text are in.
type Memory struct {
	nodes []syntax.Node
	links []*syntax.Node
}

// memories keeps memory for the nodes of the next text. It saves a tenth of the time of folders.
var memories = sync.Pool{New: func() any { return new(Memory) }}

// Release gives the memory to the next text. The nodes in it must not be used any more.
func (m *Memory) Release() { memories.Put(m) }

// nodes returns the roots of the documents that the events are, and what they are in.
func nodes(events []event) ([]*syntax.Node, *Memory) {
	m := memories.Get().(*Memory)
	if cap(m.nodes) < len(events) {
		m.nodes, m.links = make([]syntax.Node, len(events)), make([]*syntax.Node, len(events))
	}
	nodes, links := m.nodes[:len(events)], m.links[:len(events)]
	content := func(from, to int) []*syntax.Node {
		n := 0
		for i := from; i < to; i = events[i].end {
			links[n] = &nodes[i]
			n++
		}
		content := links[:n:n]
		links = links[n:]
		return content
	}
	for i := range events {
		e, n := &events[i], &nodes[i]
		*n = syntax.Node{Kind: e.kind, Style: e.style, Flow: e.flow, Key: e.key, Value: e.value, Offset: e.offset}
		if e.kind == syntax.Scalar {
			n.Tag = tag(e)
		} else {
			n.Content = content(i+1, e.end)
		}
	}
	return content(0, len(events)), m
}

// tag returns the tag of a scalar that has none. It asks yaml.v3 where that may be another one than
// that of strings.
func tag(e *event) string {
	switch {
	case e.style != syntax.Plain:
		return "!!str"
	case e.value == "<<":
		return "!!merge"
	case e.value != "" && isLetter(e.value[0]) && !isConstant(e.value):
		return "!!str"
	}
	n := yaml.Node{Kind: yaml.ScalarNode, Value: e.value}
	return n.ShortTag()
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// isConstant tells whether a word is no string, or may be none.
func isConstant(word string) bool {
	return len(word) <= len("false") && strings.IndexByte("tTfFyYnNoO", word[0]) >= 0 && constants[strings.ToLower(word)]
}

// constants are the words that are no strings in YAML 1.1, or may be none.
var constants = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true, "null": true,
}

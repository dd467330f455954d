package fastyaml

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// nodes returns the roots of the documents that the events are.
func nodes(events []event) []*syntax.Node {
	nodes, links := make([]syntax.Node, len(events)), make([]*syntax.Node, len(events))
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
		n.Kind, n.Style, n.Flow, n.Key, n.Value, n.Offset = e.kind, e.style, e.flow, e.key, e.value, e.offset
		if e.kind == syntax.Scalar {
			n.Tag = tag(e)
		} else {
			n.Content = content(i+1, e.end)
		}
	}
	return content(0, len(events))
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

package fastyaml

import (
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// Interest says what of a text is wanted. All of the text is read, and must be right; but pairs that are not wanted are missing
// in mappings, and in sequences null stands in the place of items that are not.
type Interest struct {
	Words []string // scalars that spell one of them are wanted, and what they are the key of
	Keys  []string // as are the scalars under these keys, and these keys of collections, wherever something in the same collection is
	Whole []string // a text that has one of these words is wanted as a whole
}

// leavesOut tells whether there may be something in a text that is not wanted. What is merged into a mapping can be hidden by any
// of its keys; and a text in the text can spell a word by an escape of which only the backslash is escaped here.
func (of *Interest) leavesOut(source string) bool {
	return of != nil && !strings.Contains(source, "<<") && !syntax.Contains(source, of.Whole) && !syntax.HasEscape(source, syntax.Respelling+`\`)
}

// find returns the offsets of the words in source, in order.
func (of *Interest) find(source string) (offsets []int) {
	for _, w := range of.Words {
		for at := 0; ; at++ {
			n := strings.Index(source[at:], w)
			if n < 0 {
				break
			}
			at += n
			offsets = append(offsets, at)
		}
	}
	slices.Sort(offsets)
	return offsets
}

// before returns the offsets before end, and the others.
func before(end int, offsets []int) (before, others []int) {
	i := 0
	for i < len(offsets) && offsets[i] < end {
		i++
	}
	return offsets[:i], offsets[i:]
}

// builder makes nodes of events, which it leaves alone.
type builder struct {
	events  []event
	keys    []string       // of the Interest
	content []*syntax.Node // of the collections that are being made, the innermost last
	nodes   []syntax.Node  // memory for the next nodes, and for what they contain
	links   []*syntax.Node
}

// build returns the roots of the documents in source.
func build(source string, events []event, of *Interest) (docs []*syntax.Node) {
	b := builder{events: events}
	whole, words := true, []int(nil)
	if of.leavesOut(source) {
		whole, words, b.keys = false, of.find(source), of.Keys
	}
	for i := 0; i < len(events); i = events[i].end {
		var own []int
		own, words = before(b.offset(events[i].end), words)
		docs = append(docs, b.node(i, own, whole, true))
	}
	return docs
}

// offset returns where the event of an index begins, or that the text has ended.
func (b *builder) offset(index int) int {
	if index == len(b.events) {
		return math.MaxInt
	}
	return b.events[index].offset
}

// nothing stands for what is not wanted.
var nothing = &syntax.Node{Kind: syntax.Scalar, Tag: "!!null"}

// node returns the node of the event i: all of it, or what is wanted: that in which words are, at the given offsets, and if it
// stands near to such what is under the keys.
func (b *builder) node(i int, words []int, whole, near bool) *syntax.Node {
	e := &b.events[i]
	if !whole && !near && len(words) == 0 {
		return nothing
	}
	n := b.newNode(e)
	var own []int
	since := len(b.content)
	switch e.kind {
	case syntax.Sequence:
		for item := i + 1; item < e.end; item = b.events[item].end {
			own, words = before(b.offset(b.events[item].end), words)
			n := b.node(item, own, whole, false)
			b.content = append(b.content, n)
		}
	case syntax.Mapping:
		for key := i + 1; key < e.end; key = b.events[key+1].end {
			value := key + 1
			own, words = before(b.offset(b.events[value].end), words)
			all := whole || len(own) > 0 && own[0] < b.events[value].offset
			if all || len(own) > 0 || slices.Contains(b.keys, b.events[key].value) {
				k, v := b.newNode(&b.events[key]), b.node(value, own, all, true)
				b.content = append(b.content, k, v)
			}
		}
	}
	n.Content = take(&b.links, len(b.content)-since)
	copy(n.Content, b.content[since:])
	b.content = b.content[:since]
	return n
}

func (b *builder) newNode(e *event) *syntax.Node {
	n := &take(&b.nodes, 1)[0]
	n.Kind, n.Style, n.Flow, n.Key, n.Value, n.Offset = e.kind, e.style, e.flow, e.key, e.value, e.offset
	if e.kind == syntax.Scalar {
		n.Tag = tag(e)
	}
	return n
}

// take returns n elements of a slab of memory, and makes the next slab when that is used up.
func take[T any](slab *[]T, n int) []T {
	const size = 32
	if n > len(*slab) {
		*slab = make([]T, max(n, size))
	}
	taken := (*slab)[:n:n]
	*slab = (*slab)[n:]
	return taken
}

// tag returns the tag of a scalar that has none. It asks yaml.v3 where that may be another one than that of strings.
func tag(e *event) string {
	if e.style != syntax.Plain {
		return "!!str"
	}
	if e.value != "" && isLetter(e.value[0]) {
		if len(e.value) > len("false") {
			return "!!str"
		}
		switch strings.ToLower(e.value) {
		case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		default:
			return "!!str"
		}
	}
	n := yaml.Node{Kind: yaml.ScalarNode, Value: e.value}
	return n.ShortTag()
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

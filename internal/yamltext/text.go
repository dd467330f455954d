package yamltext

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Text is a parsed YAML or JSON text.
type Text struct {
	Source  string  // as it came
	Docs    []*Node // the root of every document, in order
	Aliased bool    // it has aliases

	arena  *Arena
	simple bool            // fastParser has read it
	pruned bool            // Docs are not all of it
	runs   map[*Node][]run // of the scalars asked for so far
}

// Kind tells what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	Mapping Kind = iota + 1
	Sequence
	Scalar
	Alias
)

// place is where a scalar stands that fastParser has read as a value: inFlow, or below a block collection; else 0.
type place int32

const inFlow place = -1

// below is the place in a block collection at a column.
func below(column int) place { return place(column + 1) }

func (p place) column() int { return int(p) - 1 }

// Style tells how a scalar is written.
type Style uint8

// The styles of scalars.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal
	Folded
)

// Node is a mapping, a sequence, a scalar or an alias.
type Node struct {
	Kind    Kind
	Style   Style   // of a scalar
	Flow    bool    // of a mapping or sequence: in braces or brackets
	in      place   // of a scalar that is a value
	Tag     string  // of a scalar, given or resolved: !!str, !!int, …
	Value   string  // of a scalar, decoded
	Offset  int     // its first byte in the text: that of its anchor or tag where it has one
	Content []*Node // a sequence's items; a mapping's keys and values in turn
	Target  *Node   // of an alias
}

// Resolve follows an alias to the node it stands for.
func (n *Node) Resolve() *Node {
	for n != nil && n.Kind == Alias {
		n = n.Target
	}
	return n
}

// IsString tells whether n is a scalar that reads as a string, or has a tag of its own, unlike 1.5, true and null.
func (n *Node) IsString() bool {
	if n == nil || n.Kind != Scalar {
		return false
	}
	switch n.Tag {
	case "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary", "!!merge":
		return false
	}
	return true
}

// Get returns the value under the string key of a mapping, its own or merged in with <<, aliases followed, or nil where n is no
// mapping or has no such key.
func (n *Node) Get(key string) *Node {
	n = n.Resolve()
	if n == nil || n.Kind != Mapping {
		return nil
	}
	merges := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Resolve(); k.Kind == Scalar && k.Value == key && k.Tag != "!!merge" {
			return n.Content[i+1].Resolve()
		} else if k.Tag == "!!merge" {
			merges = true
		}
	}
	if merges {
		return n.merged(key, map[*Node]bool{})
	}
	return nil
}

// merged returns the value under key of the mapping n, or of the first of the items of the sequence n, or of what these merge in
// (YAML 1.1, the key <<). Each node is looked at once: merges can be circular, and can be nested to more than any machine can
// visit.
func (n *Node) merged(key string, seen map[*Node]bool) *Node {
	if n = n.Resolve(); n == nil || seen[n] {
		return nil
	}
	seen[n] = true
	var merges []*Node
	if n.Kind == Sequence {
		merges = n.Content
	}
	for i := 0; n.Kind == Mapping && i+1 < len(n.Content); i += 2 {
		switch k := n.Content[i].Resolve(); {
		case k.Tag == "!!merge":
			merges = append(merges, n.Content[i+1])
		case k.Kind == Scalar && k.Value == key:
			return n.Content[i+1].Resolve()
		}
	}
	for _, m := range merges {
		if v := m.merged(key, seen); v != nil {
			return v
		}
	}
	return nil
}

// Index returns the item of a sequence, aliases followed, or nil where n is no sequence or has no such item.
func (n *Node) Index(i int) *Node {
	if n = n.Resolve(); n == nil || n.Kind != Sequence || i >= len(n.Content) {
		return nil
	}
	return n.Content[i].Resolve()
}

// Text returns the value of the scalar under key, or "".
func (n *Node) Text(key string) string {
	if v := n.Get(key); v != nil && v.Kind == Scalar && v.Tag != "!!null" {
		return v.Value
	}
	return ""
}

// Decode decodes the meaning of the node n into what v points to, as yaml.v3 does. An error names the lines.
func (t *Text) Decode(n *Node, v any) error {
	d := decoding{NewLines(t.Source), map[*Node]*yaml.Node{}}
	err := d.yaml(n).Decode(v)
	if types := (*yaml.TypeError)(nil); errors.As(err, &types) {
		return errors.New(strings.Join(types.Errors, "; "))
	}
	return err
}

// decoding turns our nodes back into the parser's.
type decoding struct {
	lines *Lines
	done  map[*Node]*yaml.Node
}

func (d decoding) yaml(n *Node) *yaml.Node {
	if y := d.done[n]; y != nil {
		return y
	}
	y := &yaml.Node{Value: n.Value}
	y.Line, y.Column = d.lines.At(min(n.Offset, len(d.lines.source)))
	d.done[n] = y
	switch n.Kind {
	case Mapping:
		y.Kind, y.Tag = yaml.MappingNode, "!!map"
	case Sequence:
		y.Kind, y.Tag = yaml.SequenceNode, "!!seq"
	case Scalar:
		y.Kind, y.Tag = yaml.ScalarNode, n.Tag
	case Alias:
		y.Kind, y.Alias = yaml.AliasNode, d.yaml(n.Target)
	}
	for _, c := range n.Content {
		y.Content = append(y.Content, d.yaml(c))
	}
	return y
}

// Parse reads YAML or JSON: any number of documents, UTF-8, with or without a byte order mark. An error names the line.
func Parse(source string) (*Text, error) { return new(Arena).Parse(source, nil) }

// Parse is Arena.Parse for a text that lives no longer than t.
func (t *Text) Parse(source string, of *Interest) (*Text, error) { return t.arena.Parse(source, of) }

// parseAll returns the roots of all documents of source, by yaml.v3, and whether there are aliases.
func parseAll(source string) (docs []*Node, aliased bool, err error) {
	defer func() { // yaml.v3 panics on a few malformed inputs
		if p := recover(); p != nil {
			docs, err = nil, fmt.Errorf("the YAML parser failed: %v", p)
		}
	}()
	b := builder{position: newPosition(source), nodes: map[*yaml.Node]*Node{}}
	decoder := yaml.NewDecoder(strings.NewReader(source))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			return docs, b.aliased, nil
		} else if err != nil {
			return nil, false, parseError(err)
		}
		docs = append(docs, b.build(doc.Content[0]))
		if b.err != nil {
			return nil, false, b.err
		}
		clear(b.nodes) // anchors end with their document
	}
}

// parseError gives the parser's error its line back: it leaves it out when it is the first.
func parseError(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if !strings.HasPrefix(message, "line ") {
		message = "line 1: " + message
	}
	return errors.New(message)
}

func checkUTF8(source string) error {
	if utf8.ValidString(source) {
		return nil
	}
	for i, r := range source {
		if r == utf8.RuneError && !strings.HasPrefix(source[i:], "\uFFFD") {
			return fmt.Errorf("line %d: byte %#02x is not UTF-8: save the file as UTF-8", 1+strings.Count(source[:i], "\n"), source[i])
		}
	}
	return nil
}

// builder turns the parser's nodes into ours. They come in the order of the text, which position needs.
type builder struct {
	position position
	nodes    map[*yaml.Node]*Node // the anchored ones
	aliased  bool
	err      error // an alias without an anchor: yaml.v3 finds those of the documents before
}

func (b *builder) build(y *yaml.Node) *Node {
	n := &Node{Value: y.Value, Offset: b.position.of(y.Line, y.Column)}
	if y.Anchor != "" {
		b.nodes[y] = n
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind, n.Flow = Mapping, y.Style&yaml.FlowStyle != 0
	case yaml.SequenceNode:
		n.Kind, n.Flow = Sequence, y.Style&yaml.FlowStyle != 0
	case yaml.AliasNode:
		n.Kind, n.Target = Alias, b.nodes[y.Alias]
		b.aliased = true
		if n.Target == nil && b.err == nil {
			b.err = fmt.Errorf("line %d: unknown anchor '%s' referenced: anchors end with their document", y.Line, y.Value)
		}
	default:
		n.Kind, n.Tag, n.Style = Scalar, y.Tag, style(y.Style)
	}
	if len(y.Content) > 0 {
		n.Content = make([]*Node, len(y.Content))
		for i, c := range y.Content {
			n.Content[i] = b.build(c)
		}
	}
	return n
}

func style(s yaml.Style) Style {
	switch {
	case s&yaml.DoubleQuotedStyle != 0:
		return DoubleQuoted
	case s&yaml.SingleQuotedStyle != 0:
		return SingleQuoted
	case s&yaml.LiteralStyle != 0:
		return Literal
	case s&yaml.FoldedStyle != 0:
		return Folded
	}
	return Plain
}

// position turns the parser's lines and columns, asked for in ascending order, into offsets. The parser counts from 1,
// columns in characters, a byte order mark not at all, and ends lines as YAML 1.1 does.
type position struct {
	source       string
	line, column int
	offset       int
}

func newPosition(source string) position {
	p := position{source: source, line: 1, column: 1}
	if strings.HasPrefix(source, "\uFEFF") {
		p.offset = len("\uFEFF")
	}
	return p
}

func (p *position) of(line, column int) int {
	for p.offset < len(p.source) && (p.line < line || p.line == line && p.column < column) {
		if n := lineBreak(p.source[p.offset:]); n > 0 {
			p.offset += n
			p.line, p.column = p.line+1, 1
			continue
		}
		if p.line < line { // to the end of the line at once
			p.offset += lineLength(p.source[p.offset:])
			continue
		}
		_, n := utf8.DecodeRuneInString(p.source[p.offset:])
		p.offset += n
		p.column++
	}
	return p.offset
}

// lineBreak returns the length of the line break that s begins with, or 0. YAML 1.1 ends lines at CR LF, LF, CR, U+0085,
// U+2028 and U+2029.
func lineBreak(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '\n':
		return 1
	case s[0] == '\r':
		if len(s) > 1 && s[1] == '\n' {
			return 2
		}
		return 1
	case s[0] == 0xC2 && strings.HasPrefix(s, "\u0085"):
		return 2
	case s[0] == 0xE2 && (strings.HasPrefix(s, "\u2028") || strings.HasPrefix(s, "\u2029")):
		return 3
	}
	return 0
}

// lineLength returns how many bytes of s come before its first line break.
func lineLength(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\n', '\r', 0xC2, 0xE2:
			if lineBreak(s[i:]) > 0 {
				return i
			}
		}
	}
	return len(s)
}

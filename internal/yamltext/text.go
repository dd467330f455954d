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
	Source string  // as it came
	Docs   []*Node // the root of every document, in order

	runs map[*Node][]run // of the scalars asked for so far
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

// IsString tells whether n is a scalar that reads as a string, unlike 1.5, true and null.
func (n *Node) IsString() bool { return n != nil && n.Kind == Scalar && n.Tag == "!!str" }

// Get returns the value under the string key of a mapping, aliases followed, or nil where n is no mapping or has no such key.
func (n *Node) Get(key string) *Node {
	if n = n.Resolve(); n == nil || n.Kind != Mapping {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Resolve(); k.Kind == Scalar && k.Value == key {
			return n.Content[i+1].Resolve()
		}
	}
	return nil
}

// Text returns the value of the string scalar under key, or "".
func (n *Node) Text(key string) string {
	if v := n.Get(key); v != nil && v.Kind == Scalar && v.Tag != "!!null" {
		return v.Value
	}
	return ""
}

// Decode decodes the meaning of n into what v points to, as yaml.v3 does.
func (n *Node) Decode(v any) error { return n.yaml(map[*Node]*yaml.Node{}).Decode(v) }

func (n *Node) yaml(done map[*Node]*yaml.Node) *yaml.Node {
	if y := done[n]; y != nil {
		return y
	}
	y := &yaml.Node{Value: n.Value}
	done[n] = y
	switch n.Kind {
	case Mapping:
		y.Kind, y.Tag = yaml.MappingNode, "!!map"
	case Sequence:
		y.Kind, y.Tag = yaml.SequenceNode, "!!seq"
	case Scalar:
		y.Kind, y.Tag = yaml.ScalarNode, n.Tag
	case Alias:
		y.Kind, y.Alias = yaml.AliasNode, n.Target.yaml(done)
	}
	for _, c := range n.Content {
		y.Content = append(y.Content, c.yaml(done))
	}
	return y
}

// Parse reads YAML or JSON: any number of documents, UTF-8, with or without a byte order mark. An error names the line.
func Parse(source string) (text *Text, err error) {
	if err := checkUTF8(source); err != nil {
		return nil, err
	}
	text = &Text{Source: source, runs: map[*Node][]run{}}
	if text.Docs, err = parseFast(source); err != nil {
		text.Docs, err = parseAll(source)
	}
	return text, err
}

// parseAll returns the roots of all documents of source, by yaml.v3.
func parseAll(source string) (docs []*Node, err error) {
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
			return docs, nil
		} else if err != nil {
			return nil, parseError(err)
		}
		docs = append(docs, b.build(doc.Content[0]))
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

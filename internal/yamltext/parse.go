package yamltext

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/yamltext/internal/fastyaml"
	"inject-related-images/internal/yamltext/internal/syntax"
)

// Parse reads YAML or JSON: any number of documents or values, UTF-8, with or without a byte order
// mark.
// Nodes that are not wanted may be missing; with no interest given none are. An error names the
// line.
func Parse(source string, of *Interest) (*Text, error) {
	if docs, memory, sure := fastyaml.Parse(source, of); sure {
		return &Text{Source: source, Docs: docs, Standalone: true, pruned: of != nil, memory: memory}, nil
	}
	if err := checkUTF8(source); err != nil {
		return nil, err
	}
	docs, aliased, err := parseAll(source)
	if err != nil {
		return nil, err
	}
	return &Text{Source: source, Docs: docs, Aliased: aliased}, nil
}

// IsJSON tells whether source is JSON, objects or arrays, which has no comments.
func IsJSON(source string) bool { return fastyaml.IsJSON(source) }

func checkUTF8(source string) error {
	for i, r := range source {
		if r == utf8.RuneError && !strings.HasPrefix(source[i:], "\uFFFD") {
			line := 1 + strings.Count(source[:i], "\n")
			return fmt.Errorf("line %d: byte %#02x is not UTF-8: save the file as UTF-8", line, source[i])
		}
	}
	return nil
}

// parseAll returns the roots of all documents of source, by yaml.v3, and whether there are aliases.
func parseAll(source string) (docs []*Node, aliased bool, err error) {
	defer func() { // yaml.v3 panics on a few malformed inputs
		if p := recover(); p != nil {
			docs, err = nil, fmt.Errorf("the YAML parser failed: %v", p)
		}
	}()
	b := builder{position: newPosition(source), nodes: map[*yaml.Node]*Node{}}
	decoder := yaml.NewDecoder(strings.NewReader(forYAMLv3(source)))
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

// directive matches the version of YAML in a directive, but its last digit.
var directive = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(%YAML[ \t]+1\.)[2-9]`)
})

// forYAMLv3 returns source as yaml.v3 can read it. Each document may have a byte order mark before
// it (YAML 1.2, section 5.2), and does where files were put one behind the other; yaml.v3 knows the
// first only, and takes others for text. It refuses YAML 1.2, too, which it reads all the same.
// What takes the place of a directive has its length, and position passes over the marks.
func forYAMLv3(source string) string {
	source = source[lineBegin(source, 0):]
	for strings.Contains(source, "\n"+syntax.ByteOrderMark) {
		source = strings.ReplaceAll(source, "\n"+syntax.ByteOrderMark, "\n")
	}
	if strings.Contains(source, "%YAML") {
		source = directive().ReplaceAllString(source, "${1}1")
	}
	return source
}

// parseError gives the parser's error its line back: it leaves it out when it is the first.
func parseError(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if !strings.HasPrefix(message, "line ") {
		message = "line 1: " + message
	}
	return errors.New(message)
}

// builder turns the parser's nodes into ours. They come in the order of the text, which position
// needs.
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
			const reason = "line %d: unknown anchor '%s' referenced: anchors end with their document"
			b.err = fmt.Errorf(reason, y.Line, y.Value)
		}
	default:
		n.Kind, n.Tag, n.Style = Scalar, y.Tag, styles[y.Style&^yaml.TaggedStyle]
	}
	for i, c := range y.Content {
		n.Content = append(n.Content, b.build(c))
		n.Content[i].Key = n.Kind == Mapping && i%2 == 0
	}
	return n
}

var styles = map[yaml.Style]Style{
	yaml.SingleQuotedStyle: SingleQuoted, yaml.DoubleQuotedStyle: DoubleQuoted,
	yaml.LiteralStyle: Literal, yaml.FoldedStyle: Folded,
}

// Decode decodes the meaning of the node n into what v points to, as yaml.v3 does. An error names
// the lines.
func (t *Text) Decode(n *Node, v any) error {
	d := decoding{NewLines(t.Source), t.LinesBefore, map[*Node]*yaml.Node{}}
	err := d.yaml(n).Decode(v)
	if types := (*yaml.TypeError)(nil); errors.As(err, &types) {
		return errors.New(strings.Join(types.Errors, "; "))
	}
	return err
}

// decoding turns our nodes back into the parser's.
type decoding struct {
	lines  *Lines
	before int // lines
	done   map[*Node]*yaml.Node
}

func (d decoding) yaml(n *Node) *yaml.Node {
	if y := d.done[n]; y != nil {
		return y
	}
	y := &yaml.Node{Value: n.Value, Tag: n.Tag}
	y.Line, y.Column = d.lines.At(min(n.Offset, len(d.lines.source)))
	y.Line += d.before
	d.done[n] = y
	switch n.Kind {
	case Mapping:
		y.Kind, y.Tag = yaml.MappingNode, "!!map"
	case Sequence:
		y.Kind, y.Tag = yaml.SequenceNode, "!!seq"
	case Scalar:
		y.Kind = yaml.ScalarNode
	case Alias:
		y.Kind, y.Alias = yaml.AliasNode, d.yaml(n.Target)
	}
	for _, c := range n.Content {
		y.Content = append(y.Content, d.yaml(c))
	}
	return y
}

package fastyaml

import (
	"errors"
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// event is a node that was read. Those that it contains follow it: items, or keys and values in
// turn.
type event struct {
	kind   syntax.Kind
	style  syntax.Style
	flow   bool
	key    bool
	offset int
	end    int // the index of the event behind those that it contains
	value  string
}

// token is a scalar that was read, of which it shows later whether it is a key.
type token struct {
	style  syntax.Style
	offset int
	value  string
}

// parser is a recursive descent through a text, of which nothing is read twice.
type parser struct {
	s      string
	json   bool // s is JSON, known to be right
	i      int  // where it is
	line   int  // where the line that it is in begins
	depth  int  // how many collections it is in
	events []event
	text   []byte // of the scalar that it is in, where it does not stand in s as it is

	whole  bool     // all that is here is wanted
	words  []int    // the offsets of words that are wanted
	passed int      // how many of them have been passed
	keys   []string // of the Interest
}

// maxKey and maxDepth are bounds that yaml.v3 has, too, but greater ones: of the length of a key
// with what is around it, which YAML wants within 1,024 characters, and of collections in
// collections.
const (
	maxKey   = 1000
	maxDepth = 500
)

// errUnsure is the panic of a parser that is unsure.
var errUnsure = errors.New("unsure")

func (p *parser) unsure() { panic(errUnsure) }

// add takes a scalar.
func (p *parser) add(t token, key bool) {
	p.events = append(p.events, event{syntax.Scalar, t.style, false, key, t.offset, len(p.events) + 1, t.value})
}

// begin takes a collection that begins at offset, and end all that it contains.
func (p *parser) begin(kind syntax.Kind, offset int) (index int) {
	if p.depth++; p.depth > maxDepth {
		p.unsure()
	}
	p.events = append(p.events, event{kind: kind, offset: offset})
	return len(p.events) - 1
}

func (p *parser) end(index int) {
	p.depth--
	p.events[index].end = len(p.events)
}

// atEnd tells whether a line ends at offset i.
func (p *parser) atEnd(i int) bool { return i >= len(p.s) || p.s[i] == '\n' || p.s[i] == '\r' }

// blankOrEnd tells whether a token ends at offset i.
func (p *parser) blankOrEnd(i int) bool { return p.atEnd(i) || syntax.IsBlank(p.s[i]) }

func (p *parser) column() int { return p.i - p.line }

// spaces returns the offset behind the spaces at offset i.
func (p *parser) spaces(i int) int {
	for i < len(p.s) && p.s[i] == ' ' {
		i++
	}
	return i
}

// lineEnd returns the offset of the line feed that ends this line, or of the end of the text.
func (p *parser) lineEnd() int {
	if n := strings.IndexByte(p.s[p.i:], '\n'); n >= 0 {
		return p.i + n
	}
	return len(p.s)
}

// next goes to the beginning of the next line.
func (p *parser) next() {
	p.i = min(p.lineEnd()+1, len(p.s))
	p.line = p.i
}

// skip goes over empty lines, comments and indentation to the next token. It may stand at the
// beginning of a line, or at a token.
func (p *parser) skip() {
	for p.i = p.spaces(p.i); p.i < len(p.s); p.i = p.spaces(p.i) {
		switch c := p.s[p.i]; {
		case c == '\n', c == '\r', c == '#' && p.isComment():
			p.next()
		case c == '\t':
			p.unsure()
		default:
			return
		}
	}
}

// isComment tells whether a number sign here begins a comment.
func (p *parser) isComment() bool { return p.i == p.line || syntax.IsBlank(p.s[p.i-1]) }

// endLine goes over white space and a comment to the end of the line, which must come now.
func (p *parser) endLine() {
	for p.i < len(p.s) && syntax.IsBlank(p.s[p.i]) {
		p.i++
	}
	if !p.atEnd(p.i) && (p.s[p.i] != '#' || !p.isComment()) {
		p.unsure()
	}
	p.next()
}

// atMarker tells whether a line that begins or ends a document begins here.
func (p *parser) atMarker() bool { return p.i == p.line && p.markerAt(p.i) }

func (p *parser) markerAt(i int) bool {
	return (strings.HasPrefix(p.s[i:], "---") || strings.HasPrefix(p.s[i:], "...")) && p.blankOrEnd(i+3)
}

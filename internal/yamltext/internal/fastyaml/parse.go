// Package fastyaml parses the YAML that people and programs mostly write, and JSON, in a tenth of the time that yaml.v3 takes.
//
// Its one function, Parse, promises that for texts it is sure of it gives what yaml.v3 gives, or it says that it is unsure. It
// reads block and flow collections, all styles of scalars, comments, and documents that begin with ---. It is unsure of
// whatever else it meets: anchors, tags, aliases, directives, explicit keys, tabs as indentation, exotic line breaks, errors of
// all kinds. Tests and a fuzzer hold it to yaml.v3. It goes beyond yaml.v3 in one thing: JSON's escapes \/ and those of
// surrogate pairs.
package fastyaml

import (
	"errors"
	"strings"
	"sync"
	"unicode/utf8"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// errUnsure is the panic of a parser that is unsure.
var errUnsure = errors.New("unsure")

// event is a node that was read. Those that it contains follow it: items, or keys and values in turn.
type event struct {
	kind   syntax.Kind
	style  syntax.Style
	flow   bool
	key    bool
	offset int
	end    int // the index of the event behind those that it contains
	value  string
}

// parser is a recursive descent through a text, of which nothing is read twice.
type parser struct {
	s      string
	i      int // where it is
	line   int // where the line that it is in begins
	depth  int // how many collections it is in
	events []event
	text   []byte // of the block scalar that it is in
}

// parsers keeps memory of parsers for the next text.
var parsers = sync.Pool{New: func() any { return new(parser) }}

// Parse returns the roots of the documents in source as yaml.v3 reads them, without what is of no interest, or tells that it is
// not sure. With no interest given, nothing is left out.
func Parse(source string, of *Interest) (docs []*syntax.Node, sure bool) {
	if !isUsual(source) {
		return nil, false
	}
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	*p = parser{s: source, events: p.events[:0], text: p.text}
	if !p.parse() {
		return nil, false
	}
	return nodes(of.wanted(source, p.events)), true
}

// parse reads the text, or tells that it is unsure.
func (p *parser) parse() (sure bool) {
	defer func() {
		if r := recover(); r == errUnsure {
			sure = false
		} else if r != nil {
			panic(r)
		}
	}()
	p.documents()
	return true
}

// isUsual tells whether s has no characters that YAML forbids, or takes for line breaks while others do not.
func isUsual(s string) bool {
	for i := 0; i < len(s); i++ {
		if isPrintable[s[i]] {
			continue
		}
		r, length := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\r':
			if !strings.HasPrefix(s[i:], "\r\n") {
				return false
			}
		case r < 0xA0, r == 0x2028, r == 0x2029, r == 0xFEFF && i > 0, r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && length == 1:
			return false
		}
		i += length - 1
	}
	return true
}

// isPrintable tells the ASCII characters that every text may have anywhere.
var isPrintable = func() (is [256]bool) {
	for c := range is {
		is[c] = ' ' <= c && c <= '~' || c == '\n' || c == '\t'
	}
	return is
}()

func (p *parser) unsure() { panic(errUnsure) }

// token is a scalar that was read, of which it shows later whether it is a key.
type token struct {
	style  syntax.Style
	offset int
	value  string
}

// add takes a scalar.
func (p *parser) add(t token, key bool) {
	p.events = append(p.events, event{syntax.Scalar, t.style, false, key, t.offset, len(p.events) + 1, t.value})
}

// begin takes a collection that begins at offset, and end all that it contains.
func (p *parser) begin(kind syntax.Kind, offset int) (index int) {
	if p.depth++; p.depth > 500 {
		p.unsure()
	}
	p.events = append(p.events, event{kind: kind, offset: offset})
	return len(p.events) - 1
}

func (p *parser) end(index int) {
	p.depth--
	p.events[index].end = len(p.events)
}

// documents reads the text.
func (p *parser) documents() {
	if strings.HasPrefix(p.s, syntax.ByteOrderMark) {
		p.i = len(syntax.ByteOrderMark)
		p.line = p.i
	}
	for p.skip(); p.i < len(p.s); p.skip() {
		if p.atMarker() && p.s[p.i] == '-' {
			p.i += len("---")
			p.endLine()
			p.skip()
		} else if len(p.events) > 0 {
			p.unsure()
		}
		if p.i == len(p.s) || p.atMarker() {
			p.unsure() // an empty document
		}
		p.block(-1, false)
	}
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

// skip goes over empty lines, comments and indentation to the next token. It may stand at the beginning of a line, or at a token.
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

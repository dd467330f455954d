// Package fastyaml parses the YAML that people and programs mostly write, and JSON, in a tenth of
// the time that yaml.v3 takes.
//
// Its one function, Parse, returns exactly what yaml.v3 returns, or says that it is unsure. It
// reads block and flow collections, all styles of scalars, comments, and documents that begin with
// ---. It is unsure of whatever else it meets: anchors, tags, aliases, directives, explicit keys,
// tabs as indentation, exotic line breaks, errors of all kinds. Tests and a fuzzer hold it to
// yaml.v3. It goes beyond yaml.v3 in one thing: it reads JSON, with whatever escapes, characters,
// white space and long keys YAML does not have, and several values one behind the other.
package fastyaml

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// parsers keeps memory of parsers for the next text.
var parsers = sync.Pool{New: func() any { return new(parser) }}

// Parse returns the roots of the documents in source as yaml.v3 reads them, or JSON as it is meant,
// without what is of no interest, and what they are in; or tells that it is not sure. With no
// interest given, nothing is left out.
func Parse(source string, of *Interest) (docs []*syntax.Node, in *Memory, sure bool) {
	if isUsual(source) {
		docs, in, sure = parse(source, of, false)
	}
	if !sure && IsJSON(source) {
		return parse(source, of, true)
	}
	return docs, in, sure
}

// parse reads YAML, or what is known to be JSON.
func parse(source string, of *Interest, isJSON bool) (docs []*syntax.Node, in *Memory, sure bool) {
	p := parsers.Get().(*parser)
	defer func() {
		parsers.Put(p)
		if r := recover(); r == errUnsure {
			docs, in, sure = nil, nil, false
		} else if r != nil {
			panic(r)
		}
	}()
	*p = parser{s: source, json: isJSON, events: p.events[:0], text: p.text, whole: true}
	if of.canLeaveOut(source) {
		p.whole, p.words, p.keys = false, of.find(source), of.Keys
	}
	if p.i = len(p.s) - len(strings.TrimPrefix(p.s, syntax.ByteOrderMark)); isJSON {
		p.values()
	} else {
		p.documents()
	}
	docs, in = nodes(p.events)
	return docs, in, true
}

// isUsual tells whether s has no characters that YAML forbids, or takes for line breaks while
// others do not.
func isUsual(s string) bool {
	for i := printable(s); i < len(s); i++ {
		if c := s[i]; ' ' <= c && c <= '~' || c == '\n' || c == '\t' {
			continue
		}
		r, length := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\r':
			if !strings.HasPrefix(s[i:], "\r\n") {
				return false
			}
		case r < 0xA0, r == 0x2028, r == 0x2029, r == 0xFEFF && i > 0, r == 0xFFFE, r == 0xFFFF,
			r == utf8.RuneError && length == 1:
			return false
		}
		i += length - 1
	}
	return true
}

// printable returns how many bytes at the beginning of s are printable ASCII or line feeds, or up
// to seven less. It adds to eight bytes at once (SWAR): the highest bit of each tells how it
// compares.
func printable(s string) (n int) {
	const ones = 0x0101010101010101
	for ; n+8 <= len(s); n += 8 {
		b := s[n : n+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		fromSpace, fromDelete, notLineFeed := x+(0x80-' ')*ones, x+(0x80-0x7F)*ones, x^'\n'*ones+0x7F*ones
		if (x|^fromSpace&notLineFeed|fromDelete)&(0x80*ones) != 0 {
			break
		}
	}
	return n
}

// IsJSON tells whether s is JSON: an object or array, or several, one behind the other, as jq and opm
// write them.
func IsJSON(s string) bool {
	text := strings.TrimLeft(strings.TrimPrefix(s, syntax.ByteOrderMark), " \t\r\n")
	if text == "" || text[0] != '{' && text[0] != '[' || !utf8.ValidString(text) {
		return false
	}
	for decoder := json.NewDecoder(strings.NewReader(text)); ; {
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return errors.Is(err, io.EOF)
		}
		if value[0] != '{' && value[0] != '[' {
			return false
		}
	}
}

// values reads the text, which is JSON.
func (p *parser) values() {
	for p.skipFlow(); ; p.skipFlow() {
		p.flow()
		if strings.TrimLeft(p.s[p.i:], " \t\r\n") == "" {
			return
		}
	}
}

// documents reads the text.
func (p *parser) documents() {
	p.line = p.i
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

package yamltext

import (
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// reader reads a scalar's source in step with its value.
type reader struct {
	source   string
	i        int // in source
	value    string
	j        int // in value
	segments []segment
}

// read returns the segments of the scalar n, or nil if its source does not read as its value.
func (t *Text) read(n *Node) []segment {
	r := reader{source: t.Source, i: n.Offset, value: n.Value}
	if n.Kind != Scalar {
		return nil
	}
	r.skipProperties()
	ok := false
	switch quote := quotes[n.Style]; {
	case n.Style == Literal || n.Style == Folded:
		ok = r.block()
	case quote == 0:
		ok = r.flow(0)
	case r.at(quote):
		r.i++
		ok = r.flow(quote) && r.at(quote)
	}
	if !ok || r.j != len(r.value) {
		return nil
	}
	return r.segments
}

// quotes are what stands around scalars.
var quotes = map[Style]byte{SingleQuoted: '\'', DoubleQuoted: '"'}

// at tells whether c is the next byte of the source.
func (r *reader) at(c byte) bool { return r.i < len(r.source) && r.source[r.i] == c }

// skipProperties passes the anchor and the tag before a scalar, with the white space, line breaks
// and comments after them.
func (r *reader) skipProperties() {
	const white = " \t\r\n\u0085\u2028\u2029"
	for r.at('&') || r.at('!') {
		if n := strings.IndexAny(r.source[r.i:], white); n >= 0 {
			r.i += n
		} else {
			r.i = len(r.source)
		}
		for {
			rest := strings.TrimLeft(r.source[r.i:], white)
			if r.i = len(r.source) - len(rest); !r.at('#') {
				break
			}
			r.i += syntax.LineLength(rest)
		}
	}
}

// take adds a segment: the next sourceLen bytes of the source stand for the next valueLen bytes of
// the value.
func (r *reader) take(valueLen, sourceLen int, verbatim bool) {
	if k := len(r.segments) - 1; verbatim && k >= 0 && r.segments[k].verbatim { // which are side by side
		r.segments[k].valueLen += valueLen
		r.segments[k].sourceLen += sourceLen
	} else {
		r.segments = append(r.segments, segment{r.j, valueLen, r.i, sourceLen, verbatim})
	}
	r.j += valueLen
	r.i += sourceLen
}

// flow reads a plain scalar (quote 0) to the end of the value, or what stands between quotes.
func (r *reader) flow(quote byte) bool {
	for r.j < len(r.value) || quote != 0 && r.i < len(r.source) && !r.at(quote) {
		source, value := r.source[r.i:], r.value[r.j:]
		text, n, ok := "", 0, false
		switch {
		case quote == '"' && r.at('\\'):
			text, n, ok = syntax.Unescape(source)
		case quote == '\'' && strings.HasPrefix(source, "''"):
			text, n, ok = "'", 2, true
		case source != "" && ' ' < source[0] && source[0] <= '~': // it is no white space
		default:
			text, n, ok = syntax.Fold(source)
		}
		switch {
		case ok && strings.HasPrefix(value, text):
			r.take(len(text), n, false)
		case ok, source == "", value == "", source[0] != value[0], source[0] == quote:
			return false
		default:
			r.take(1, 1, true)
		}
	}
	return true
}

// block reads a literal or folded scalar, its header and its lines, to the end of the value.
func (r *reader) block() bool {
	r.i += syntax.LineLength(r.source[r.i:])
	r.i += syntax.LineBreak(r.source[r.i:])
	first := firstText(r.value)
	indent := spaces(firstText(r.source[r.i:])) - spaces(first)
	if first == "" || indent < 0 {
		return r.value == ""
	}
	for r.j < len(r.value) {
		n := min(spaces(r.source[r.i:]), indent)
		r.i += n
		text := r.source[r.i : r.i+syntax.LineLength(r.source[r.i:])]
		if text != "" {
			if n < indent || !strings.HasPrefix(r.value[r.j:], text) {
				return false
			}
			r.take(len(text), len(text), true)
		}
		if r.j < len(r.value) && !r.takeBreaks(indent) {
			return false
		}
	}
	return true
}

// firstText returns the first line of s that has more than spaces, or "".
func firstText(s string) string {
	for s != "" {
		line := s[:syntax.LineLength(s)]
		if spaces(line) < len(line) {
			return line
		}
		s = s[len(line)+syntax.LineBreak(s[len(line):]):]
	}
	return ""
}

// spaces returns how many spaces s begins with.
func spaces(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// takeBreaks adds a segment for the line breaks between two lines of a block scalar: they stand for
// as many as the value has there, or for the space of a folded scalar, which depends on how far the
// lines around them are indented (YAML 1.2, section 8.1.3).
func (r *reader) takeBreaks(indent int) bool {
	i, j := r.i, r.j
	for n := syntax.LineBreak(r.source[i:]); n > 0; n = syntax.LineBreak(r.source[i:]) {
		i += n
		if blank := i + min(spaces(r.source[i:]), indent); syntax.LineBreak(r.source[blank:]) > 0 {
			i = blank
		}
	}
	for n := syntax.LineBreak(r.value[j:]); n > 0; n = syntax.LineBreak(r.value[j:]) {
		j += n
	}
	if j == r.j && r.value[j] == ' ' {
		j++
	}
	if i == r.i || j == r.j {
		return false
	}
	r.take(j-r.j, i-r.i, false)
	return true
}

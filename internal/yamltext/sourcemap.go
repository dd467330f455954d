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
	if n.Kind != Scalar || !r.skipProperties() {
		return nil
	}
	ok := false
	switch quote := quoteOf(n.Style); {
	case n.Style == Literal || n.Style == Folded:
		ok = r.block(n.Style)
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

// quoteOf returns what stands around scalars of a style, or 0.
func quoteOf(style Style) byte {
	switch style {
	case SingleQuoted:
		return '\''
	case DoubleQuoted:
		return '"'
	}
	return 0
}

// at tells whether c is the next byte of the source.
func (r *reader) at(c byte) bool { return r.i < len(r.source) && r.source[r.i] == c }

// skipProperties passes the anchor and the tag before a scalar, with the white space, line breaks and comments after them.
func (r *reader) skipProperties() bool {
	for r.at('&') || r.at('!') {
		for r.i < len(r.source) && !syntax.IsBlank(r.source[r.i]) && syntax.LineBreak(r.source[r.i:]) == 0 {
			r.i++
		}
		for r.i < len(r.source) {
			if n := syntax.LineBreak(r.source[r.i:]); n > 0 {
				r.i += n
			} else if syntax.IsBlank(r.source[r.i]) {
				r.i++
			} else if r.source[r.i] == '#' {
				r.i += syntax.LineLength(r.source[r.i:])
			} else {
				break
			}
		}
	}
	return r.i <= len(r.source)
}

// take adds a segment: the next sourceLen bytes of the source stand for the next valueLen bytes of the value.
func (r *reader) take(valueLen, sourceLen int, verbatim bool) {
	if last := len(r.segments) - 1; verbatim && last >= 0 && r.segments[last].verbatim && r.segments[last].source+r.segments[last].sourceLen == r.i {
		r.segments[last].valueLen += valueLen
		r.segments[last].sourceLen += sourceLen
	} else {
		r.segments = append(r.segments, segment{r.j, valueLen, r.i, sourceLen, verbatim})
	}
	r.j += valueLen
	r.i += sourceLen
}

// takeText adds a segment that is not verbatim, if the value goes on with text.
func (r *reader) takeText(text string, sourceLen int) bool {
	if !strings.HasPrefix(r.value[r.j:], text) {
		return false
	}
	r.take(len(text), sourceLen, false)
	return true
}

// flow reads a plain scalar (quote 0) or what stands between quotes, to the end of the value.
func (r *reader) flow(quote byte) bool {
	for {
		if r.i < len(r.source) && (syntax.IsBlank(r.source[r.i]) || syntax.LineBreak(r.source[r.i:]) > 0) {
			if text, n, ok := syntax.Fold(r.source[r.i:]); ok {
				if quote == 0 && r.j == len(r.value) {
					return true // the white space after a plain scalar
				}
				if !r.takeText(text, n) {
					return false
				}
				continue
			}
		}
		if quote == '"' && r.at('\\') {
			text, n, ok := syntax.Unescape(r.source[r.i:])
			if !ok || !r.takeText(text, n) {
				return false
			}
			continue
		}
		if quote == '\'' && strings.HasPrefix(r.source[r.i:], "''") {
			if !r.takeText("'", 2) {
				return false
			}
			continue
		}
		if r.j == len(r.value) {
			return true
		}
		if r.i == len(r.source) || r.source[r.i] != r.value[r.j] || quote != 0 && r.source[r.i] == quote {
			return false
		}
		r.take(1, 1, true)
	}
}

// block reads a literal or folded scalar, its header and its lines, to the end of the value.
func (r *reader) block(style Style) bool {
	if r.i += syntax.LineLength(r.source[r.i:]); r.i == len(r.source) {
		return r.value == ""
	}
	r.i += syntax.LineBreak(r.source[r.i:])
	indent, ok := r.indentation()
	if !ok {
		return false
	}
	for r.j < len(r.value) {
		spaces := 0
		for spaces < indent && r.i+spaces < len(r.source) && r.source[r.i+spaces] == ' ' {
			spaces++
		}
		r.i += spaces
		n := syntax.LineLength(r.source[r.i:])
		if n > 0 && (spaces < indent || !strings.HasPrefix(r.value[r.j:], r.source[r.i:r.i+n])) {
			return false
		}
		if n > 0 {
			r.take(n, n, true)
		}
		if r.j == len(r.value) {
			return true
		}
		if style == Literal {
			n := syntax.LineBreak(r.source[r.i:])
			if n == 0 || !r.takeText(syntax.NormalBreak(r.source[r.i:r.i+n]), n) {
				return false
			}
		} else if !r.foldBlock(indent) {
			return false
		}
	}
	return true
}

// indentation tells how far the lines of a block scalar are indented, by the first line that holds more than spaces: what it
// has there and not in the value.
func (r *reader) indentation() (int, bool) {
	for i, j := r.i, 0; i < len(r.source) && j <= len(r.value); {
		line, valueLine := r.source[i:i+syntax.LineLength(r.source[i:])], r.value[j:j+syntax.LineLength(r.value[j:])]
		text, valueText := strings.TrimLeft(line, " "), strings.TrimLeft(valueLine, " ")
		if text != "" {
			if valueText == "" {
				return 0, false
			}
			indent := (len(line) - len(text)) - (len(valueLine) - len(valueText))
			return indent, indent >= 0
		}
		i += len(line) + syntax.LineBreak(r.source[i+len(line):])
		j += len(valueLine) + syntax.LineBreak(r.value[j+len(valueLine):])
	}
	return 0, false
}

// foldBlock reads the line breaks between two lines of a folded scalar: a space, or as many line feeds as the value has
// there, which depends on how far the lines around them are indented (YAML 1.2, section 8.1.3).
func (r *reader) foldBlock(indent int) bool {
	i := r.i
	for {
		n := syntax.LineBreak(r.source[i:])
		if n == 0 {
			break
		}
		i += n
		spaces := 0
		for spaces < indent && i+spaces < len(r.source) && r.source[i+spaces] == ' ' {
			spaces++
		}
		if syntax.LineBreak(r.source[i+spaces:]) == 0 {
			break // a line with text
		}
		i += spaces
	}
	if i == r.i {
		return false
	}
	j := r.j
	for j < len(r.value) {
		n := syntax.LineBreak(r.value[j:])
		if n == 0 {
			break
		}
		j += n
	}
	if j == r.j && j < len(r.value) && r.value[j] == ' ' {
		j++
	}
	if j == r.j {
		return false
	}
	r.take(j-r.j, i-r.i, false)
	return true
}

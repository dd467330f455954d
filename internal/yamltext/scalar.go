package yamltext

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// run says which bytes of the text hold a piece of a scalar's value: bytes value..value+valueLen of the value stand at
// source..source+sourceLen. In a verbatim run they are the same bytes; else the run is an escape or a folded line break, which
// only counts as a whole.
type run struct {
	value, valueLen   int
	source, sourceLen int
	verbatim          bool
}

// UneditableError says why a scalar cannot be changed in place.
type UneditableError struct {
	Reason string
}

func (e *UneditableError) Error() string { return e.Reason }

func uneditable(format string, args ...any) error {
	return &UneditableError{fmt.Sprintf(format, args...)}
}

// Span tells which bytes of the text hold bytes from..to of the value of the scalar n, at least one. The error is an *UneditableError.
func (t *Text) Span(n *Node, from, to int) (start, end int, err error) {
	if at, ok := t.verbatim(n); ok {
		return at + from, at + to, nil
	}
	runs, ok := t.runs[n]
	if !ok {
		if t.runs == nil {
			t.runs = map[*Node][]run{}
		}
		runs = t.read(n)
		t.runs[n] = runs
	}
	if len(runs) == 0 {
		return 0, 0, uneditable("how it is written could not be followed")
	}
	first := runs[sort.Search(len(runs)-1, func(i int) bool { return from < runs[i].value+runs[i].valueLen })]
	last := runs[sort.Search(len(runs)-1, func(i int) bool { return to <= runs[i].value+runs[i].valueLen })]
	if !first.verbatim && from != first.value || !last.verbatim && to != last.value+last.valueLen {
		return 0, 0, uneditable("it begins or ends inside an escape or a folded line break")
	}
	start = first.source + from - first.value
	end = last.source + last.sourceLen - (last.value + last.valueLen - to)
	return start, end, nil
}

// verbatim returns where the value of the scalar n stands in the text, if it does so letter by letter.
func (t *Text) verbatim(n *Node) (at int, ok bool) {
	at = n.Offset
	switch n.Style {
	case Plain:
		return at, n.Kind == Scalar && n.Value != "" && strings.HasPrefix(t.Source[at:], n.Value)
	case SingleQuoted, DoubleQuoted:
		quote := t.Source[at]
		at++
		end := at + len(n.Value)
		return at, n.Value != "" && (quote == '"' || quote == '\'') && end < len(t.Source) && t.Source[end] == quote &&
			strings.HasPrefix(t.Source[at:], n.Value) && !strings.ContainsAny(n.Value, `'"\`)
	}
	return 0, false
}

// End returns the offset behind the last byte of the node n: behind the bracket that ends a flow collection, and in block style
// behind the text of its last scalar, without the comments and line breaks that follow. The error is an *UneditableError.
func (t *Text) End(n *Node) (int, error) {
	last, brackets := n, 0
	for {
		if last.Flow && strings.IndexByte("[{&!", t.Source[last.Offset]) >= 0 { // [a: b] holds a mapping without braces
			brackets++
		}
		if len(last.Content) == 0 {
			break
		}
		last = last.Content[len(last.Content)-1]
	}
	end := last.Offset
	if last.Kind == Alias {
		end += len("*" + last.Value)
	}
	if last.Kind == Scalar && last.Value != "" {
		_, e, err := t.Span(last, 0, len(last.Value))
		switch {
		case err == nil:
			end = e
		case last.Style == Literal || last.Style == Folded: // of nothing but line breaks
			end += lineLength(t.Source[end:])
		default:
			return 0, err
		}
	}
	if last.Style == SingleQuoted || last.Style == DoubleQuoted {
		quote := byte('"')
		if last.Style == SingleQuoted {
			quote = '\''
		}
		if last.Value == "" {
			end += strings.IndexByte(t.Source[end:], quote) + 1
		}
		end += strings.IndexByte(t.Source[end:], quote) + 1
	}
	for ; brackets > 0 && end < len(t.Source); end++ {
		switch t.Source[end] {
		case ']', '}':
			brackets--
		case '#':
			end += lineLength(t.Source[end:]) - 1
		}
	}
	if brackets > 0 {
		return 0, uneditable("its end was not found")
	}
	return end, nil
}

// reader reads a scalar's source in step with its value.
type reader struct {
	source string
	i      int // in source
	value  string
	j      int // in value
	runs   []run
}

// read returns the runs of the scalar n, or nil if its source does not read as its value.
func (t *Text) read(n *Node) []run {
	r := reader{source: t.Source, i: n.Offset, value: n.Value}
	if n.Kind != Scalar || !r.skipProperties() {
		return nil
	}
	ok := false
	switch n.Style {
	case Plain:
		ok = r.flow(0)
	case SingleQuoted, DoubleQuoted:
		quote := byte('\'')
		if n.Style == DoubleQuoted {
			quote = '"'
		}
		if r.at(quote) {
			r.i++
			ok = r.flow(quote) && r.at(quote)
		}
	case Literal, Folded:
		ok = r.block(n.Style)
	}
	if !ok || r.j != len(r.value) {
		return nil
	}
	return r.runs
}

// at tells whether c is the next byte of the source.
func (r *reader) at(c byte) bool { return r.i < len(r.source) && r.source[r.i] == c }

// skipProperties passes the anchor and the tag before a scalar, with the white space, line breaks and comments after them.
func (r *reader) skipProperties() bool {
	for r.at('&') || r.at('!') {
		for r.i < len(r.source) && !isBlank(r.source[r.i]) && lineBreak(r.source[r.i:]) == 0 {
			r.i++
		}
		for r.i < len(r.source) {
			if n := lineBreak(r.source[r.i:]); n > 0 {
				r.i += n
			} else if isBlank(r.source[r.i]) {
				r.i++
			} else if r.source[r.i] == '#' {
				r.i += lineLength(r.source[r.i:])
			} else {
				break
			}
		}
	}
	return r.i <= len(r.source)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// take adds a run: the next sourceLen bytes of the source stand for the next valueLen bytes of the value.
func (r *reader) take(valueLen, sourceLen int, verbatim bool) {
	if last := len(r.runs) - 1; verbatim && last >= 0 && r.runs[last].verbatim && r.runs[last].source+r.runs[last].sourceLen == r.i {
		r.runs[last].valueLen += valueLen
		r.runs[last].sourceLen += sourceLen
	} else {
		r.runs = append(r.runs, run{r.j, valueLen, r.i, sourceLen, verbatim})
	}
	r.j += valueLen
	r.i += sourceLen
}

// takeText adds a run that is no verbatim one, if the value goes on with text.
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
		if r.i < len(r.source) && (isBlank(r.source[r.i]) || lineBreak(r.source[r.i:]) > 0) {
			if text, n, ok := fold(r.source[r.i:]); ok {
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
			text, n, ok := unescape(r.source[r.i:])
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

// fold reads white space that includes a line break, as in plain and quoted scalars (YAML 1.2, section 6.5): one break is a
// space, each further one a line feed. It returns the text that it stands for, and its length.
func fold(s string) (text string, length int, ok bool) {
	i := 0
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	if lineBreak(s[i:]) == 0 {
		return "", 0, false
	}
	var breaks []string
	for i < len(s) {
		if n := lineBreak(s[i:]); n > 0 {
			breaks = append(breaks, normalBreak(s[i:i+n]))
			i += n
		} else if isBlank(s[i]) {
			i++
		} else {
			break
		}
	}
	switch {
	case breaks[0] != "\n": // U+2028 and U+2029 are kept
		return strings.Join(breaks, ""), i, true
	case len(breaks) == 1:
		return " ", i, true
	}
	return strings.Join(breaks[1:], ""), i, true
}

// normalBreak returns what a line break means in a value: LF, but U+2028 and U+2029 are themselves.
func normalBreak(s string) string {
	if s[0] == 0xE2 {
		return s
	}
	return "\n"
}

// escapes are those of one letter, YAML 1.2 section 5.7; JSON's are among them.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b", ' ': " ",
	'"': `"`, '/': "/", '\\': `\`, '\'': "'", 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// unescape reads the escape that s begins with, and returns the text it stands for and its length.
func unescape(s string) (text string, length int, ok bool) {
	if len(s) < 2 {
		return "", 0, false
	}
	if n := lineBreak(s[1:]); n > 0 { // an escaped line break is nothing; the breaks after it are kept
		text, more, ok := fold("\n" + s[1+n:])
		if !ok || text == " " {
			text = ""
		}
		return text, n + more, true
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	if digits == 0 {
		text, ok = escapes[s[1]]
		return text, 2, ok
	}
	if len(s) < 2+digits {
		return "", 0, false
	}
	code, err := strconv.ParseUint(s[2:2+digits], 16, 32)
	if err != nil {
		return "", 0, false
	}
	length = 2 + digits
	if utf16.IsSurrogate(rune(code)) && len(s) >= 12 && s[6] == '\\' && s[7] == 'u' { // JSON writes what is beyond U+FFFF so
		low, err := strconv.ParseUint(s[8:12], 16, 32)
		if err != nil {
			return "", 0, false
		}
		code, length = uint64(utf16.DecodeRune(rune(code), rune(low))), 12
	}
	if !utf8.ValidRune(rune(code)) || code == utf8.RuneError && length == 12 {
		return "", 0, false
	}
	return string(rune(code)), length, true
}

// block reads a literal or folded scalar, its header and its lines, to the end of the value.
func (r *reader) block(style Style) bool {
	if r.i += lineLength(r.source[r.i:]); r.i == len(r.source) {
		return r.value == ""
	}
	r.i += lineBreak(r.source[r.i:])
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
		n := lineLength(r.source[r.i:])
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
			n := lineBreak(r.source[r.i:])
			if n == 0 || !r.takeText(normalBreak(r.source[r.i:r.i+n]), n) {
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
		line, valueLine := r.source[i:i+lineLength(r.source[i:])], r.value[j:j+lineLength(r.value[j:])]
		text, valueText := strings.TrimLeft(line, " "), strings.TrimLeft(valueLine, " ")
		if text != "" {
			if valueText == "" {
				return 0, false
			}
			indent := (len(line) - len(text)) - (len(valueLine) - len(valueText))
			return indent, indent >= 0
		}
		i += len(line) + lineBreak(r.source[i+len(line):])
		j += len(valueLine) + lineBreak(r.value[j+len(valueLine):])
	}
	return 0, false
}

// foldBlock reads the line breaks between two lines of a folded scalar: a space, or as many line feeds as the value has
// there, which depends on how far the lines around them are indented (YAML 1.2, section 8.1.3).
func (r *reader) foldBlock(indent int) bool {
	i := r.i
	for {
		n := lineBreak(r.source[i:])
		if n == 0 {
			break
		}
		i += n
		spaces := 0
		for spaces < indent && i+spaces < len(r.source) && r.source[i+spaces] == ' ' {
			spaces++
		}
		if lineBreak(r.source[i+spaces:]) == 0 {
			break // a line with text
		}
		i += spaces
	}
	if i == r.i {
		return false
	}
	j := r.j
	for j < len(r.value) {
		n := lineBreak(r.value[j:])
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

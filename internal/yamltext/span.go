package yamltext

import (
	"sort"
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// Span tells which bytes of the text hold bytes from..to of the value of the scalar n, at least
// one. The error is an *UneditableError.
func (t *Text) Span(n *Node, from, to int) (start, end int, err error) {
	if n.Style == Plain && strings.HasPrefix(t.Source[n.Offset:], n.Value) { // on one line, without properties
		return n.Offset + from, n.Offset + to, nil
	}
	segments, ok := t.segments[n]
	if !ok {
		if t.segments == nil {
			t.segments = map[*Node][]segment{}
		}
		segments = t.read(n)
		t.segments[n] = segments
	}
	if len(segments) == 0 {
		return 0, 0, uneditable("how it is written could not be followed")
	}
	with := func(value int) segment {
		isBehind := func(i int) bool { return value < segments[i].value+segments[i].valueLen }
		return segments[sort.Search(len(segments)-1, isBehind)]
	}
	first, last := with(from), with(to-1)
	if !first.verbatim && from != first.value || !last.verbatim && to != last.value+last.valueLen {
		return 0, 0, uneditable("it begins or ends inside an escape or a folded line break")
	}
	start = first.source + from - first.value
	end = last.source + last.sourceLen - (last.value + last.valueLen - to)
	return start, end, nil
}

// End returns the offset behind the last byte of the node n: behind the bracket that ends a flow
// collection, and in block style behind the text of its last scalar, without the comments and line
// breaks that follow. Nothing in n may have been left out. The error is an *UneditableError.
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
			end += syntax.LineLength(t.Source[end:])
		default:
			return 0, err
		}
	}
	if quote := quotes[last.Style]; quote != 0 {
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
			end += syntax.LineLength(t.Source[end:]) - 1
		}
	}
	if brackets > 0 {
		return 0, uneditable("its end was not found")
	}
	return end, nil
}

var errOtherText = uneditable("other text stands behind it on its line")

// Comment returns the comment on the line where the scalar n ends, or of a block scalar begins,
// with its # and without white space at its end, or ""; and where more can be put, which is behind
// it. Nothing but the ends of flow collections may stand between: else the comment is not n's,
// which is an *UneditableError.
func (t *Text) Comment(n *Node) (comment string, at int, err error) {
	isBlock := n.Style == Literal || n.Style == Folded
	if at = n.Offset; !isBlock {
		if at, err = t.End(n); err != nil {
			return "", 0, err
		}
	}
	const ends = " \t}],"
	// Lines of JSON are long: few scalars of them need a look at the whole line.
	if next := strings.TrimLeft(t.Source[at:], ends); !isBlock && next != "" && next[0] > ' ' && next[0] <= '~' && next[0] != '#' {
		return "", 0, errOtherText
	}
	line := strings.TrimRight(t.Source[at:at+syntax.LineLength(t.Source[at:])], " \t")
	before := line // the comment
	for i := 1; i < len(line); i++ {
		if line[i] == '#' && syntax.IsBlank(line[i-1]) {
			before, comment = line[:i], line[i:]
			break
		}
	}
	if !isBlock && strings.Trim(before, ends) != "" {
		return "", 0, errOtherText
	}
	return comment, at + len(line), nil
}

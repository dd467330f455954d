package yamltext

import (
	"slices"
	"strings"
)

// Splice returns the changes that each edit of t is, no more than needed: what an edit has in
// common with the old value at its beginning is left alone. With all of them made, no value has
// changed but those of the edits: where an edit could do more, the new text has been parsed and
// compared. Else the error, an *UneditableError, says why not.
func (t *Text) Splice(edits []Edit) ([][]Change, error) {
	changes := make([][]Change, len(edits))
	verified := t.Standalone
	for i, e := range edits {
		change, err := t.change(e)
		if err != nil {
			return nil, err
		}
		changes[i] = []Change{change}
		if e.Comment != "" {
			_, at, err := t.Comment(e.Node)
			if err != nil {
				return nil, err
			}
			changes[i] = append(changes[i], Change{at, at, " # " + e.Comment})
		}
		verified = verified && e.keepsSyntax()
	}
	all := slices.Concat(changes...)
	if verified {
		return changes, sortChanges(all)
	}
	text, err := Apply(t.Source, all)
	if err == nil {
		err = t.Verify(text, edits, "")
	}
	return changes, err
}

// change is the change that an edit of a value is.
func (t *Text) change(e Edit) (Change, error) {
	if e.Node.Value == "" {
		return t.fill(e.Node, e.New)
	}
	if e.From == e.To {
		_, at, err := t.Span(e.Node, e.From-1, e.From)
		return Change{at, at, e.New}, err
	}
	from, text := e.From, e.New
	for from < e.To-1 && len(text) > 1 && e.Node.Value[from] == text[0] {
		from, text = from+1, text[1:]
	}
	start, end, err := t.Span(e.Node, from, e.To)
	return Change{start, end, text}, err
}

// fill is the change that puts text into the empty scalar n: between its quotes, or behind the colon
// before it.
func (t *Text) fill(n *Node, text string) (Change, error) {
	r := reader{source: t.Source, i: n.Offset}
	r.skipProperties()
	quote := quotes[n.Style]
	switch {
	case quote != 0 && r.at(quote):
		return Change{r.i + 1, r.i + 1, text}, nil
	case n.Tag == "!!null" && strings.HasSuffix(t.Source[:n.Offset], ":"):
		return Change{n.Offset, n.Offset, " " + text}, nil
	case n.Tag == "!!null" && strings.HasSuffix(t.Source[:n.Offset], ": "):
		return Change{n.Offset, n.Offset, text}, nil
	}
	return Change{}, uneditable("it is empty, and how it is written could not be followed")
}

// keepsSyntax tells whether a Standalone text can only read as it must when the edit is made, so
// that it need not be parsed again: letters, digits and signs that are text in every style of
// scalar give way to others. Behind them a parser is in the state in which it was before. A plain
// scalar that was a string is still one if it has a slash or an at sign. Keys are left out, as
// their length has a bound.
func (e Edit) keepsSyntax() bool {
	n := e.Node
	switch {
	case n.Key, e.Comment != "", !isText(e.New), !isText(n.Value[e.From:e.To]):
		return false
	case n.Style == Plain:
		return n.Tag == "!!str" && strings.ContainsAny(e.New, "/@") && (e.From > 0 || isAlphanumeric(e.New[0]))
	}
	return true
}

// isText tells whether s is of ASCII letters, digits and ./:@_-, and ends with a letter or digit.
func isText(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte("./:@_-", s[i]) < 0 {
			return false
		}
	}
	return s != "" && isAlphanumeric(s[len(s)-1])
}

// isAlphanumeric tells whether c is an ASCII letter or digit.
func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

package fastyaml

import (
	"slices"
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// Interest says what of a text is wanted. All of the text is read, and must be right; but pairs
// that are not wanted are missing in mappings, and in sequences null stands in the place of items
// that are not.
type Interest struct {
	// Words are parts of keys and values. A scalar that has one is wanted, and all that is under a
	// key that has one.
	Words []string

	// Keys say what a mapping is about, as name and kind do. Where anything in a mapping is wanted,
	// so are the scalars under these keys, and in mappings under these keys the same.
	Keys []string

	// Whole are parts of texts that are wanted as a whole.
	Whole []string
}

// canLeaveOut tells whether there may be something in a text that is not wanted. What is merged
// into a mapping can be hidden by any of its keys; and a text in the text can spell a word by an
// escape of which only the backslash is escaped here.
func (of *Interest) canLeaveOut(source string) bool {
	return of != nil && !strings.Contains(source, "<<") && !syntax.Contains(source, of.Whole) &&
		!syntax.HasEscape(source, syntax.Respelling+`\`)
}

// find returns the offsets of the words in source, in order.
func (of *Interest) find(source string) (offsets []int) {
	for _, w := range of.Words {
		rare := max(0, strings.IndexFunc(w, isRare))
		for i := rare; i < len(source); i++ {
			n := strings.IndexByte(source[i:], w[rare])
			if n < 0 {
				break
			}
			if i += n; strings.HasPrefix(source[i-rare:], w) {
				offsets = append(offsets, i-rare)
			}
		}
	}
	slices.Sort(offsets)
	return offsets
}

// isRare tells the characters that texts have less of than of others, and that are found fast.
func isRare(c rune) bool { return !strings.ContainsRune("abcdehilmnoprstu- ", c) }

// wanted returns the events that are wanted, in the memory of all of them.
func (of *Interest) wanted(source string, events []event) []event {
	if !of.canLeaveOut(source) {
		return events
	}
	s := selection{events, events[:0], of.Keys}
	s.nodes(0, len(events), of.find(source), false, true)
	return s.wanted
}

// selection takes what is wanted out of the events of a text. It writes over events that it has
// read.
type selection struct {
	events, wanted []event
	keys           []string // of the Interest
}

// split returns what of the given offsets of words is before the event of an index, and what is
// not.
func (s *selection) split(words []int, index int) (before, behind []int) {
	if index == len(s.events) {
		return words, nil
	}
	i := 0
	for i < len(words) && words[i] < s.events[index].offset {
		i++
	}
	return words[:i], words[i:]
}

// nodes takes what is wanted of the nodes from an index to another: documents, or items.
func (s *selection) nodes(from, to int, words []int, whole, near bool) {
	var own []int
	for from < to {
		next := s.events[from].end
		own, words = s.split(words, next)
		s.node(from, own, whole, near)
		from = next
	}
}

// pairs takes what is wanted of pairs. What a key spells makes all of its value wanted.
func (s *selection) pairs(from, to int, words []int, whole bool) {
	var inKey, inValue []int
	for from < to {
		key, value, next := s.events[from], from+1, s.events[from+1].end
		inKey, words = s.split(words, value)
		inValue, words = s.split(words, next)
		if all := whole || len(inKey) > 0; all || len(inValue) > 0 || slices.Contains(s.keys, key.value) {
			key.end = len(s.wanted) + 1
			s.wanted = append(s.wanted, key)
			s.node(value, inValue, all, true)
		}
		from = next
	}
}

// node takes what is wanted of the node of an index, in which words are at the given offsets: all
// if it is wanted as a whole, or else null in its place. near says that it is under one of the
// keys.
func (s *selection) node(index int, words []int, whole, near bool) {
	e, i := s.events[index], len(s.wanted)
	if !whole && !near && len(words) == 0 {
		s.wanted = append(s.wanted, event{kind: syntax.Scalar, offset: e.offset, end: i + 1})
		return
	}
	s.wanted = append(s.wanted, e)
	switch e.kind {
	case syntax.Sequence:
		s.nodes(index+1, e.end, words, whole, false)
	case syntax.Mapping:
		s.pairs(index+1, e.end, words, whole)
	}
	s.wanted[i].end = len(s.wanted)
}

package fastyaml

import (
	"math"
	"slices"
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// Interest says what of a text is wanted. All of the text is read, and must be right; but pairs that are not wanted are missing
// in mappings, and in sequences null stands in the place of items that are not.
type Interest struct {
	Words []string // scalars that spell one of them are wanted, and what they are the key of
	Keys  []string // as are the scalars under these keys, and these keys of collections, wherever something in the same collection is
	Whole []string // a text that has one of these words is wanted as a whole
}

// canLeaveOut tells whether there may be something in a text that is not wanted. What is merged into a mapping can be hidden by any
// of its keys; and a text in the text can spell a word by an escape of which only the backslash is escaped here.
func (of *Interest) canLeaveOut(source string) bool {
	return of != nil && !strings.Contains(source, "<<") && !syntax.Contains(source, of.Whole) && !syntax.HasEscape(source, syntax.Respelling+`\`)
}

// find returns the offsets of the words in source, in order.
func (of *Interest) find(source string) (offsets []int) {
	for _, w := range of.Words {
		for at := 0; ; at++ {
			n := strings.Index(source[at:], w)
			if n < 0 {
				break
			}
			at += n
			offsets = append(offsets, at)
		}
	}
	slices.Sort(offsets)
	return offsets
}

// before returns the offsets before end, and the others.
func before(end int, offsets []int) (before, others []int) {
	i := 0
	for i < len(offsets) && offsets[i] < end {
		i++
	}
	return offsets[:i], offsets[i:]
}

// wanted returns the events that are wanted, in the memory of all of them.
func (of *Interest) wanted(source string, events []event) []event {
	if !of.canLeaveOut(source) {
		return events
	}
	s := selection{events, events[:0], of.Keys}
	var own []int
	for i, words := 0, of.find(source); i < len(events); {
		next := events[i].end
		own, words = before(s.offset(next), words)
		s.node(i, own, true)
		i = next
	}
	return s.wanted
}

// selection takes what is wanted out of the events of a text. It writes over events that it has read.
type selection struct {
	events, wanted []event
	keys           []string // of the Interest
}

// offset returns where the event of an index begins, or that the text has ended.
func (s *selection) offset(index int) int {
	if index == len(s.events) {
		return math.MaxInt
	}
	return s.events[index].offset
}

// node takes what is wanted of the node i, in which words are at the given offsets. Else it is null. near says that it is under one
// of the keys.
func (s *selection) node(i int, words []int, near bool) {
	e, index := s.events[i], len(s.wanted)
	end := e.end
	if !near && len(words) == 0 {
		e = event{kind: syntax.Scalar, offset: e.offset}
	}
	s.wanted = append(s.wanted, e)
	var own []int
	switch e.kind {
	case syntax.Sequence:
		for item := i + 1; item < end; {
			next := s.events[item].end
			own, words = before(s.offset(next), words)
			s.node(item, own, false)
			item = next
		}
	case syntax.Mapping:
		for key := i + 1; key < end; {
			next := s.events[key+1].end
			own, words = before(s.offset(next), words)
			s.pair(key, own)
			key = next
		}
	}
	s.wanted[index].end = len(s.wanted)
}

// pair takes what is wanted of a pair.
func (s *selection) pair(key int, words []int) {
	value := key + 1
	switch {
	case len(words) > 0 && words[0] < s.events[value].offset: // what the key spells makes all of the value wanted
		moved := key - len(s.wanted)
		for _, e := range s.events[key:s.events[value].end] {
			e.end -= moved
			s.wanted = append(s.wanted, e)
		}
	case len(words) > 0, slices.Contains(s.keys, s.events[key].value):
		e := s.events[key]
		e.end = len(s.wanted) + 1
		s.wanted = append(s.wanted, e)
		s.node(value, words, true)
	}
}

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

// begun is a pair or an item that the parser is in.
type begun struct {
	index int  // of its first event
	words int  // how many of the words stand before it
	whole bool // what the parser's whole was before it
}

// wordsBefore returns how many of the words stand before an offset, which is no less than the one
// asked for before.
func (p *parser) wordsBefore(offset int) int {
	for p.passed < len(p.words) && p.words[p.passed] < offset {
		p.passed++
	}
	return p.passed
}

// beginPair takes a key, behind which the parser is. What it spells makes all of its value wanted.
func (p *parser) beginPair(key token) begun {
	pair := begun{len(p.events), p.wordsBefore(key.offset), p.whole}
	p.whole = p.whole || p.wordsBefore(p.i) > pair.words
	p.add(key, true)
	return pair
}

// endPair leaves the pair out again if nothing in it is wanted.
func (p *parser) endPair(pair begun) {
	p.whole = pair.whole
	isWanted := p.whole || p.wordsBefore(p.i) > pair.words
	if !isWanted && !slices.Contains(p.keys, p.events[pair.index].value) {
		p.events = p.events[:pair.index]
	}
}

func (p *parser) beginItem() begun { return begun{len(p.events), p.wordsBefore(p.i), p.whole} }

// endItem puts null in the place of the item if nothing in it is wanted.
func (p *parser) endItem(item begun) {
	if !p.whole && p.wordsBefore(p.i) == item.words {
		null := event{kind: syntax.Scalar, offset: p.events[item.index].offset, end: item.index + 1}
		p.events = append(p.events[:item.index], null)
	}
}

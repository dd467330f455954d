package yamltext

import (
	"math"
	"slices"
	"strings"
)

// Interest is what whoever has a text parsed wants to know of it. All of the text is read, and must be right; but nodes that are not
// wanted are left out of mappings, and in sequences null stands in their place.
type Interest struct {
	Words []string // scalars that spell one of them are wanted, and what they are the key of
	Keys  []string // as are the scalars under these keys, and these keys of collections, wherever something in the same collection is
	Whole []string // a text that has one of these words is wanted as a whole
}

// prunes tells whether there may be something in the text that is not wanted. What is merged into a mapping can be hidden by any of
// its keys; and a text in the text can spell a word by an escape of which only the backslash is escaped here.
func (of *Interest) prunes(source string) bool {
	return of != nil && !strings.Contains(source, "<<") && !contains(source, of.Whole) && !isEscaped(source, otherwise+`\`)
}

// find appends the offsets of the words in source, in order.
func (of *Interest) find(source string, offsets []int) []int {
	for _, w := range of.Words {
		at := rarest(w)
		for i := at; i < len(source); i++ {
			n := strings.IndexByte(source[i:], w[at])
			if n < 0 {
				break
			}
			if i += n; source[i-at] == w[0] && strings.HasPrefix(source[i-at:], w) {
				offsets = append(offsets, i-at)
			}
		}
	}
	if len(of.Words) > 1 {
		slices.Sort(offsets)
	}
	return offsets
}

// rarest returns the index of the byte of a word that a text has least of.
func rarest(word string) int {
	const rare = "qzjxkvbywgpfmuclhdrsinoate" // the other way round than in English
	best := 0
	for i := range len(word) {
		if strings.IndexByte(rare, word[i]) < strings.IndexByte(rare, word[best]) {
			best = i
		}
	}
	return best
}

// pruner is what of a text its fastParser wants.
type pruner struct {
	keys    []string
	lengths uint64 // of keys, a bit each
	words   []int  // offsets of what is wanted, beyond word
	word    int    // the next one, from the parser on, or all
	last    int    // the one before that, or none
	whole   bool   // all that comes now is wanted

	keep    bool   // the scalar that comes now is wanted
	eager   bool   // so are the keys of the collection that comes now, for it may be
	pending []pair // whose keys are wanted if their mappings are
	left    token  // the last scalar that was left out
	flows   int    // in how many flow collections the parser is
}

const (
	none = -1
	all  = math.MaxInt
)

// nothing stands for what is not wanted, leftOut for a scalar that is not, and is still known.
var nothing, leftOut = &Node{Kind: Scalar, Tag: "!!null"}, &Node{Kind: Scalar, Tag: "!!null"}

// pair is a pair of a block mapping: a scalar that was left out is no node yet.
type pair struct {
	key     token
	value   *Node
	leftOut token
}

// prune has the parser leave out what is not wanted: words are the offsets of what is, and all behind them.
func (p *pruner) prune(keys []string, words []int) {
	p.keys, p.word, p.words, p.last, p.whole = keys, words[0], words[1:], none, false
	for _, key := range keys {
		p.lengths |= 1 << len(key)
	}
}

// names tells whether a key is one of those that are wanted if their mappings are.
func (p *pruner) names(key string) bool {
	if p.lengths>>len(key)&1 != 0 {
		for _, k := range p.keys {
			if len(k) == len(key) && k[0] == key[0] && k == key {
				return true
			}
		}
	}
	return false
}

// wants tells whether something in the text between from and here is wanted.
func (p *fastParser) wants(from int) bool {
	if p.i > p.word {
		p.pass()
	}
	return p.whole || p.last >= from
}

func (p *fastParser) pass() {
	for ; p.i > p.word; p.word, p.words = p.words[0], p.words[1:] {
		p.last = p.word
	}
}

// document reads a document. JSON is wanted as a whole.
func (p *fastParser) document() *Node {
	whole := p.whole
	p.keep, p.eager = false, false
	if p.s[p.i] == '{' || p.s[p.i] == '[' {
		p.whole = true
	}
	n := p.block(-1)
	p.whole = whole
	return n
}

// flush takes the pending pairs into their mapping, which turns out to be wanted.
func (p *fastParser) flush(since int) {
	for i := range p.pending[since:] {
		pending := &p.pending[since+i]
		if pending.value == leftOut {
			pending.value = p.node(pending.leftOut)
		}
		p.content = append(p.content, p.node(pending.key), pending.value)
	}
	p.pending = p.pending[:since]
}

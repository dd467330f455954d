package yamltext

import (
	"slices"
	"strings"
)

// Spells tells whether a scalar of the YAML text source, or of a text in it, can have one of the words in its value. It does not
// parse.
func Spells(source string, words []string) bool {
	return contains(source, words) || spellsOtherwise(source)
}

func contains(source string, words []string) bool {
	for _, w := range words {
		if strings.Contains(source, w) {
			return true
		}
	}
	return false
}

// spellsOtherwise tells whether a scalar of the YAML text source may spell a word otherwise than it is: by escapes of characters, or of line
// breaks, and by nothing else.
func spellsOtherwise(source string) bool {
	for i := 0; ; {
		n := strings.IndexByte(source[i:], '\\')
		if n < 0 || i+n+1 == len(source) {
			return false
		}
		if i += n + 1; strings.IndexByte("xuU\r\n\xC2\xE2", source[i]) >= 0 {
			return true
		}
	}
}

// Interest is what whoever has a text parsed wants to know of it. All of the text is read, and must be right; but nodes that are not
// wanted are left out of mappings, and in sequences null stands in their place.
type Interest struct {
	Words []string // scalars that spell one of them are wanted, and what they are the key of
	Keys  []string // as are the scalars under these keys, and these keys of collections, wherever something in the same collection is
	Whole []string // a text that has one of these words is wanted as a whole
}

// prunes tells whether there may be something in the text that is not wanted. What is merged into a mapping can be hidden by any of
// its keys.
func (of *Interest) prunes(source string) bool {
	return of != nil && !strings.Contains(source, "<<") && !contains(source, of.Whole) && !spellsOtherwise(source)
}

// find appends the offsets of the words in source, in order.
func (of *Interest) find(source string, offsets []int) []int {
	for _, w := range of.Words {
		for i := 0; ; i++ {
			n := strings.Index(source[i:], w)
			if n < 0 {
				break
			}
			i += n
			offsets = append(offsets, i)
		}
	}
	if len(of.Words) > 1 {
		slices.Sort(offsets)
	}
	return offsets
}

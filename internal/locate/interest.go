package locate

import (
	"slices"
	"strings"

	"inject-related-images/internal/yamltext"
)

// What a text may leave out is derived from the table. A scalar that a pattern finds stands below
// all of its keys, in an object of its kind. So it is found if the text is kept below one of these
// keys, or as a whole where it spells the kind.

// contextKeys are the keys that tell in which object a place is, and editorKeys those that tell the
// key of an EditorComponent. Beside a Repository, the other parts of a reference are under splitKeys.
var (
	contextKeys = []string{"apiVersion", "kind", "schema"}
	editorKeys  = []string{"metadata", "name", "attributes", "version"}
)

// Interest returns what of a text is needed to find references in it, and the scalars under some
// more keys near them. It is nil where all of the text is.
func (s Scope) Interest(keys ...string) *yamltext.Interest {
	interest := s.table().interest
	if interest == nil || len(keys) == 0 {
		return interest
	}
	more := *interest
	more.Keys = slices.Compact(slices.Sorted(slices.Values(slices.Concat(interest.Keys, keys))))
	return &more
}

// interestIn returns what of a text is needed to find what the patterns match, or nil where all of
// it is. Those before the index places are a user's: it must show what they match, even if that
// holds nothing.
func interestIn(patterns []pattern, places int) *yamltext.Interest {
	interest := &yamltext.Interest{Keys: contextKeys}
	var kinds []pattern
	for i, p := range patterns {
		switch p.holds {
		case EditorComponent:
			interest.Keys = with(interest.Keys, editorKeys)
		case Repository, Maybe:
			interest.Keys = with(interest.Keys, splitKeys)
		}
		switch {
		case p.holds == Nothing && i >= places:
		case p.holds == Document: // which spells what is needed of it
		case word(p.kind) != "":
			kinds = append(kinds, p)
		case !p.isBelow(interest.Words):
			w := p.word()
			if w == "" {
				return nil
			}
			longer := func(other string) bool { return strings.Contains(other, w) }
			interest.Words = append(slices.DeleteFunc(interest.Words, longer), w)
		}
	}
	for _, p := range kinds {
		if w := word(p.kind); !p.isBelow(interest.Words) && !slices.Contains(interest.Whole, w) {
			interest.Whole = append(interest.Whole, w)
		}
	}
	return interest
}

// with returns the keys, and those of more that are not among them.
func with(keys, more []string) []string {
	for _, key := range more {
		if !slices.Contains(keys, key) {
			keys = append(slices.Clip(keys), key)
		}
	}
	return keys
}

// isBelow tells whether what the pattern matches is below a key that spells one of the words.
func (p *pattern) isBelow(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.ContainsFunc(p.keys, func(key string) bool { return strings.Contains(key, w) })
	})
}

// commonKeys are keys that texts are full of. Hardly anything could be left out for them.
var commonKeys = []string{"name", "value"}

// word returns what the last key of the pattern that is known spells, or "": of a common key only
// if there is no other.
func (p *pattern) word() string {
	common := ""
	for _, key := range slices.Backward(p.keys) {
		switch w := word(key); {
		case w == "":
		case slices.Contains(commonKeys, w):
			common = w
		default:
			return w
		}
	}
	return common
}

// word returns the longest part of a key that all texts spell alike: no letter or digit has an
// escape but those with its number, nor has one of these signs.
func word(key string) string {
	longest := ""
	for part := range strings.FieldsFuncSeq(key, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.')
	}) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

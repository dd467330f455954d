package engine

import "slices"

// Usage says which of the user's fields, excluded places and rows of the map matched something.
type Usage struct {
	Fields, Exclude []bool // of the places in the Scope, in their order
	Map             []bool // of the rows of the map
}

// Merge adds what matched in another text.
func (u *Usage) Merge(other Usage) {
	u.Fields = either(u.Fields, other.Fields)
	u.Exclude = either(u.Exclude, other.Exclude)
	u.Map = either(u.Map, other.Map)
}

// either returns, for each index, whether a or b is true there. One may be empty: it is of a text in
// which there was nothing to look for.
func either(a, b []bool) []bool {
	if len(a) == 0 {
		return slices.Clone(b)
	}
	for i, is := range b {
		a[i] = a[i] || is
	}
	return a
}

package locate

import (
	"slices"
	"strings"
	"sync"

	"inject-related-images/internal/yamltext"
)

// pattern is a row of a table: a Place, or a user's Field.
type pattern struct {
	keys     []string // of the path: [] is any index, * any key, *Image any key that ends so
	anywhere bool     // any keys may come before them, beginning at the document; else none, beginning at the object
	group    string   // of the object; "" is any, as in version and kind
	version  string
	kind     string
	holds    Holding
}

const anyIndex = "[]"

// step is a step down from a node to another one: into a mapping by key, or into a sequence by
// index.
type step struct {
	key     string // anyIndex
	index   int
	indexed bool
	node    *yamltext.Node // where it leads
}

// object is the object that a path leads through, and how many steps lead to it. The zero value
// stands for a document.
type object struct {
	depth                int
	group, version, kind string
}

func newObject(depth int, apiVersion, kind string) object {
	group, version, ok := strings.Cut(apiVersion, "/")
	if !ok {
		group, version = "", apiVersion
	}
	return object{depth, group, version, kind}
}

// matches tells whether the pattern is one of the path, which leads through the object o.
func (p *pattern) matches(path []step, o *object) bool {
	before := len(path) - len(p.keys)
	if before < 0 || !p.anywhere && before != o.depth {
		return false
	}
	for i := len(p.keys) - 1; i >= 0; i-- {
		if !path[before+i].is(p.keys[i]) {
			return false
		}
	}
	return (p.kind == "" || p.kind == o.kind) && (p.group == "" || p.group == o.group) &&
		(p.version == "" || p.version == o.version)
}

// is tells whether the key of a pattern is one of the step.
func (s *step) is(key string) bool {
	if s.key == key {
		return s.indexed == (key == anyIndex)
	}
	return key[0] == '*' && !s.indexed && strings.HasSuffix(s.key, key[1:])
}

// table tells what stands at the end of a path.
type table struct {
	patterns []pattern          // the first that matches counts
	byKey    map[string][]int   // the indices of those that can match a path with this last key
	byStar   []int              // the indices of those that can match a path with any other last key
	excluded int                // the index of the first of the user's fields, behind what is excluded
	places   int                // the index of the first Place
	telling  int                // the index of the first pattern that does not hold Nothing
	interest *yamltext.Interest // in texts, or nil: all of them
	spelled  []string           // one of these words is spelled by a text in which there is something to find
}

// known is the table of Places without a user's fields.
var known = sync.OnceValue(func() *table { return newTable(nil, Places) })

// newTable returns the table of a user's fields and of places, in this order.
func newTable(fields []pattern, places []Place) *table {
	t := &table{patterns: slices.Clone(fields), byKey: map[string][]int{}, places: len(fields)}
	for _, p := range places {
		pattern := p.pattern()
		if group, kind, ok := strings.Cut(p.Kind, "/"); ok {
			pattern.group, pattern.kind = group, kind
		}
		t.patterns = append(t.patterns, pattern)
	}
	for i, p := range t.patterns {
		last := ""
		if len(p.keys) > 0 {
			last = p.keys[len(p.keys)-1]
		}
		if !strings.HasPrefix(last, "*") {
			if t.byKey[last] == nil {
				t.byKey[last] = slices.Clone(t.byStar)
			}
			t.byKey[last] = append(t.byKey[last], i)
			continue
		}
		t.byStar = append(t.byStar, i)
		for key := range t.byKey {
			t.byKey[key] = append(t.byKey[key], i)
		}
	}
	t.telling = slices.IndexFunc(t.patterns, func(p pattern) bool { return p.holds != Nothing })
	if t.interest = interestIn(t.patterns, t.places); t.interest != nil {
		t.spelled = slices.Concat(t.interest.Words, t.interest.Whole)
	}
	return t
}

// want adds words that a text may spell where there is something to find, and a key that is needed
// beside them.
func (t *table) want(words []string, key string) {
	if t.interest == nil {
		return
	}
	interest := *t.interest
	interest.Words = slices.Concat(interest.Words, words)
	interest.Keys = slices.Concat(interest.Keys, []string{key, "metadata", "name", "spec"})
	slices.Sort(interest.Keys)
	interest.Keys = slices.Compact(interest.Keys)
	t.interest, t.spelled = &interest, slices.Concat(interest.Words, interest.Whole)
}

// MayFind tells whether there may be something to find in a file. It does not parse. Texts in UTF-16
// and UTF-32, which spell words with zero bytes between their letters, are for the parser to refuse.
func (s Scope) MayFind(name, source string) bool {
	return IsList(name) || strings.IndexByte(source, 0) >= 0 || s.table().mayFind(source)
}

// mayFind tells whether there may be something to find in a text.
func (t *table) mayFind(text string) bool {
	return t.interest == nil || yamltext.Spells(text, t.spelled)
}

// isExcluded tells whether a user excludes what stands at a path.
func (t *table) isExcluded(path []step, o *object) bool {
	_, ok := t.find(path, o, 0, t.excluded)
	return ok
}

// find returns the index of the first pattern of a path, from the index first on and before the
// index end.
func (t *table) find(path []step, o *object, first, end int) (index int, ok bool) {
	key := ""
	if len(path) > o.depth {
		key = path[len(path)-1].key
	}
	indices, ok := t.byKey[key]
	if !ok {
		indices = t.byStar
	}
	for _, i := range indices {
		if first <= i && i < end && t.patterns[i].matches(path, o) {
			return i, true
		}
	}
	return 0, false
}

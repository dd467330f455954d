package yamltext

// Arena is memory for the nodes of texts that live no longer than it: whoever reads many texts, one after the other, has their
// nodes take the place of each other. Not for several goroutines at a time. The zero Arena is ready.
type Arena struct {
	texts   slabs[Text]
	nodes   slabs[Node]
	refs    slabs[*Node]
	parser  fastParser
	words   []int    // of what it is to find
	changes []Change // of the last Splice
	changed []byte   // its text
	value   []byte   // of a scalar that it changed
}

// Parse is Parse with the nodes in a. Nodes that are of no interest may be missing; with nil none are.
func (a *Arena) Parse(source string, of *Interest) (*Text, error) {
	t, err := a.ParseSimple(source, of)
	if err == errUnsure {
		t.Docs, t.Aliased, err = parseAll(source)
	}
	return t, err
}

// ParseSimple is Parse for text that needs nothing of what comes before it to be understood: without anchors, aliases, tags,
// directives, exotic line breaks, and all else that people and programs seldom write. Other text is an error.
func (a *Arena) ParseSimple(source string, of *Interest) (*Text, error) {
	t := &a.texts.take(1)[0]
	*t = Text{Source: source, arena: a}
	if printable(source) < len(source) {
		if err := checkUTF8(source); err != nil {
			return nil, err
		}
		if !simpleText(source) {
			return t, errUnsure
		}
	}
	if !of.prunes(source) {
		of = nil
	}
	var err error
	t.Docs, err = a.parseFast(source, of)
	t.simple, t.pruned = err == nil, of != nil
	return t, err
}

// Reset ends the life of all texts that were parsed with a.
func (a *Arena) Reset() { a.release(arenaMark{}) }

// arenaMark is a moment in the life of an Arena.
type arenaMark struct{ texts, nodes, refs mark }

func (a *Arena) mark() arenaMark { return arenaMark{a.texts.at, a.nodes.at, a.refs.at} }

// release ends the life of all texts that were parsed since m.
func (a *Arena) release(m arenaMark) { a.texts.at, a.nodes.at, a.refs.at = m.texts, m.nodes, m.refs }

func (a *Arena) node() *Node {
	var n *Node
	if at := &a.nodes.at; at.slab < len(a.nodes.all) && at.used < len(a.nodes.all[at.slab]) {
		n = &a.nodes.all[at.slab][at.used]
		at.used++
	} else {
		n = &a.nodes.take(1)[0]
	}
	*n = Node{}
	return n
}

// links returns a copy of nodes.
func (a *Arena) links(nodes []*Node) []*Node {
	if len(nodes) == 0 {
		return nil
	}
	links := a.refs.take(len(nodes))
	copy(links, nodes)
	return links
}

// slabs hands out slices of values, which are taken back all at once, or those that were taken since a mark.
type slabs[T any] struct {
	all [][]T
	at  mark
}

// mark is a place in slabs: a slab, and how many of its values are taken.
type mark struct{ slab, used int }

func (s *slabs[T]) take(n int) []T {
	const least, doublings = 64, 6
	for s.at.slab < len(s.all) && s.at.used+n > len(s.all[s.at.slab]) {
		s.at = mark{slab: s.at.slab + 1}
	}
	if s.at.slab == len(s.all) {
		s.all = append(s.all, make([]T, max(n, least<<min(s.at.slab, doublings))))
	}
	taken := s.all[s.at.slab][s.at.used : s.at.used+n : s.at.used+n]
	s.at.used += n
	return taken
}

package yamltext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Edit puts New in the place of bytes From..To of the value of the scalar Node. New must be text that every style of scalar
// writes as it is: printable ASCII without quotes and backslashes, and without white space unless it goes into a text of lines.
type Edit struct {
	Node     *Node
	From, To int // From may be To, but not 0
	New      string
	Comment  string // to put on the line of the scalar, before a comment that is there, or ""
}

// Change puts New in the place of bytes Start..End of a text.
type Change struct {
	Start, End int
	New        string
}

// Splice makes the edits. It returns the new text and the changes that each edit was to the old one, no more than needed: what
// an edit has in common with the old value at its beginning is left alone. The new text has been parsed and compared: no value
// but those of the edits has changed. Else the error, an *UneditableError, says why not. The new text lives until the next Splice of a
// text in the same Arena.
func (t *Text) Splice(edits []Edit) (string, [][]Change, error) {
	changes, flat := make([][]Change, len(edits)), make([]Change, 0, 2*len(edits))
	for i, e := range edits {
		first := len(flat)
		change, err := t.change(e)
		if err != nil {
			return "", nil, err
		}
		flat = append(flat, change)
		if e.Comment != "" {
			_, at, err := t.Comment(e.Node)
			if err != nil {
				return "", nil, err
			}
			flat = append(flat, Change{at, at, " # " + e.Comment})
		}
		changes[i] = flat[first:len(flat):len(flat)]
	}
	spliced, err := t.arena.apply(t.Source, flat)
	if err != nil {
		return "", nil, err
	}
	if !t.rereads(spliced, edits, changes) {
		if err := t.Verify(spliced, edits, ""); err != nil {
			return "", nil, err
		}
	}
	return spliced, changes, nil
}

// change is the change that an edit of a value is.
func (t *Text) change(e Edit) (Change, error) {
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

// Comment returns the comment on the line where the scalar n ends, or of a block scalar begins, with its #, or ""; and where one
// would be put, which is before it. Nothing but the ends of flow collections may stand between: else the comment is not n's, which
// is an *UneditableError.
func (t *Text) Comment(n *Node) (comment string, at int, err error) {
	isBlock := n.Style == Literal || n.Style == Folded
	if at = n.Offset; !isBlock {
		if at, err = t.End(n); err != nil {
			return "", 0, err
		}
	}
	line := t.Source[at : at+lineLength(t.Source[at:])]
	for i := 1; i < len(line); i++ {
		if line[i] == '#' && isBlank(line[i-1]) {
			line, comment = line[:i], line[i:]
			break
		}
	}
	line = strings.TrimRight(line, " \t")
	if !isBlock && strings.Trim(line, " \t}],") != "" {
		return "", 0, uneditable("other text stands behind it on its line")
	}
	return comment, at + len(line), nil
}

// rereads tells whether spliced, which is t with the changes that the edits are, reads as it must, from the scalars that were edited
// alone. Before each of them the parser was where it is now. If the scalar reads as it must, and ends where the old one did, then what
// follows on it is the same text, and is read in the same state. Whatever is not that simple is none of this function's business.
func (t *Text) rereads(spliced string, edits []Edit, changes [][]Change) bool {
	for i, e := range edits {
		if !t.simple || e.Node.in == 0 || e.Comment != "" || !e.isASCII() || i > 0 && e.Node.Offset < edits[i-1].Node.Offset {
			return false
		}
	}
	moved := 0
	before, after := cursor{text: t.Source}, cursor{text: spliced}
	values := t.arena.changes
	for len(edits) > 0 {
		n := edits[0].Node
		before.to(n.Offset)
		after.to(n.Offset + moved)
		for values = values[:0]; len(edits) > 0 && edits[0].Node == n; edits, changes = edits[1:], changes[1:] {
			values = append(values, Change{edits[0].From, edits[0].To, edits[0].New})
			for _, c := range changes[0] {
				moved += len(c.New) - (c.End - c.Start)
			}
		}
		want, err := appendChanged(t.arena.value[:0], n.Value, values)
		t.arena.changes, t.arena.value = values, want
		_, oldEnd, oldErr := t.arena.reread(before.text, before.line, before.offset, n)
		again, end, newErr := t.arena.reread(after.text, after.line, after.offset, n)
		if err != nil || oldErr != nil || newErr != nil || end != oldEnd+moved ||
			again.Kind != Scalar || again.Style != n.Style || again.Tag != n.Tag || again.Value != string(want) {
			return false
		}
	}
	return true
}

// cursor goes forward in a text, and knows where the line begins that it is in: looking back for that, in a text of one line, would take
// the square of its length.
type cursor struct {
	text         string
	line, offset int
}

func (c *cursor) to(offset int) {
	if i := strings.LastIndexByte(c.text[c.offset:offset], '\n'); i >= 0 {
		c.line = c.offset + i + 1
	}
	c.offset = offset
}

// isASCII tells whether only whole characters give way to printable ASCII.
func (e Edit) isASCII() bool {
	for i := range len(e.New) {
		if e.New[i] < ' ' || e.New[i] > '~' {
			return false
		}
	}
	return utf8.ValidString(e.Node.Value[e.From:e.To])
}

// Verify checks that text reads as t with changes made, but for the value under a key of the only document, a mapping, which it
// may have gained. The error is an *UneditableError.
func (t *Text) Verify(text string, edits []Edit, key string) error {
	defer t.arena.release(t.arena.mark())
	docs, want, err := t.whole(edits)
	if err != nil {
		return err
	}
	again, err := t.Parse(text, nil)
	if err != nil {
		return uneditable("after the edit the text does not parse: %v", err)
	}
	if len(again.Docs) != len(docs) {
		return uneditable("the edit would change the number of documents")
	}
	for i, before := range docs {
		after := again.Docs[i]
		if key != "" {
			before, after = before.without(key), after.without(key)
		}
		if err := compare(before, after, want); err != nil {
			return err
		}
	}
	return nil
}

// whole returns all nodes of the text, and the changes that edits are to the values of those.
func (t *Text) whole(edits []Edit) ([]*Node, map[*Node][]Change, error) {
	want := make(map[*Node][]Change, len(edits))
	for _, e := range edits {
		want[e.Node] = append(want[e.Node], Change{e.From, e.To, e.New})
	}
	if !t.pruned {
		return t.Docs, want, nil
	}
	all, err := t.Parse(t.Source, nil)
	if err != nil {
		return nil, nil, err
	}
	byOffset := make(map[int][]Change, len(want))
	for n, changes := range want {
		byOffset[n.Offset] = changes
	}
	clear(want)
	var visit func(n *Node)
	visit = func(n *Node) {
		if changes := byOffset[n.Offset]; changes != nil && n.Kind == Scalar {
			want[n] = changes
		}
		for _, c := range n.Content {
			visit(c)
		}
	}
	for _, doc := range all.Docs {
		visit(doc)
	}
	if len(want) != len(byOffset) {
		return nil, nil, uneditable("its place in the whole text was not found")
	}
	return all.Docs, want, nil
}

// without returns the mapping n without a key.
func (n *Node) without(key string) *Node {
	copied := *n
	copied.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind != Scalar || k.Value != key {
			copied.Content = append(copied.Content, k, n.Content[i+1])
		}
	}
	return &copied
}

// Apply makes the changes, which it sorts, to s. Changes that overlap are an *UneditableError.
func Apply(s string, changes []Change) (string, error) {
	b, err := appendChanged(make([]byte, 0, len(s)+64*len(changes)), s, changes)
	return unsafe.String(unsafe.SliceData(b), len(b)), err
}

// apply is Apply with the new text in a, until the next one.
func (a *Arena) apply(s string, changes []Change) (string, error) {
	a.changes = append(a.changes[:0], changes...)
	b, err := appendChanged(a.changed[:0], s, a.changes)
	a.changed = b
	return unsafe.String(unsafe.SliceData(b), len(b)), err
}

func appendChanged(b []byte, s string, changes []Change) ([]byte, error) {
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Start, b.Start) })
	last := 0
	for _, c := range changes {
		if c.Start < last {
			return b, uneditable("two edits would change the same bytes")
		}
		b = append(b, s[last:c.Start]...)
		b = append(b, c.New...)
		last = c.End
	}
	return append(b, s[last:]...), nil
}

// compare checks that the node after a splice is the node before it, but for the wanted changes of values.
func compare(before, after *Node, want map[*Node][]Change) error {
	value := before.Value
	if changes := want[before]; changes != nil {
		var err error
		if value, err = Apply(value, slices.Clone(changes)); err != nil {
			return err
		}
	}
	if before.Kind != after.Kind || before.Style != after.Style || before.Tag != after.Tag || value != after.Value ||
		len(before.Content) != len(after.Content) {
		return uneditable("the edit would change more than the value: %s", describe(before, after))
	}
	for i := range before.Content {
		if err := compare(before.Content[i], after.Content[i], want); err != nil {
			return err
		}
	}
	return nil
}

func describe(before, after *Node) string {
	if before.Kind == Scalar && after.Kind == Scalar {
		return fmt.Sprintf("%.80q would read as %.80q", before.Value, after.Value)
	}
	return fmt.Sprintf("a node of %d parts would have %d", len(before.Content), len(after.Content))
}

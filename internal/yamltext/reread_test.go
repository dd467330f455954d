package yamltext

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestASplicedScalarReadsAloneAsItDoesInItsText edits scalars in any text in any way. Where the scalars alone tell that the edit is
// right, the whole text must tell so, too. And what is left out of a text makes no difference to what can be spliced.
func TestASplicedScalarReadsAloneAsItDoesInItsText(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	values := []string{
		"image: a:1", "image: 'b'", "image: \"c\"", "image: |\n    d\n    e\n", "image: >-\n    f\n\n    g\n", "- image: h", "image: [i, 'j', {k: l}]", "image: m\n    n", "image: {o: p, q: [r]}", "image:\n  s",
	}
	news := []string{"x", "q.io/x@sha256:0", "x y", " x", "x ", "#", " #x", "x: y", "x:", "-", "- x", "---", "'", "\"", "\\", "1", "true", "~", "", "|", ">", "[", "]", "{x", "x}", ",", "&x", "*x", "!x", "%", "@", "`", "?", "? x", "é", "\n", "x\ny", ":"}
	simple, spliced := 0, 0
	for range 150_000 {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			if r.IntN(2) == 0 {
				b.WriteString(soup(r))
			}
			b.WriteString(values[r.IntN(len(values))])
			b.WriteString([]string{"\n", " # x\n", "", "\n\n"}[r.IntN(4)])
		}
		source := b.String()
		text, err := Parse(source)
		if err != nil {
			continue
		}
		pruned, err := new(Arena).Parse(source, &Interest{Words: []string{"image"}, Keys: []string{"a"}})
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		var scalars, kept []*Node
		var gather func(n *Node, to *[]*Node)
		gather = func(n *Node, to *[]*Node) {
			if n.Kind == Scalar && n.Value != "" && n.in != 0 {
				*to = append(*to, n)
			}
			for _, c := range n.Content {
				gather(c, to)
			}
		}
		for i, doc := range text.Docs {
			gather(doc, &scalars)
			gather(pruned.Docs[i], &kept)
		}
		if len(scalars) == 0 {
			continue
		}
		var edits, prunedEdits []Edit
		for range 1 + r.IntN(2) {
			n := scalars[r.IntN(len(scalars))]
			from := r.IntN(len(n.Value))
			e := Edit{Node: n, From: from, To: from + 1 + r.IntN(len(n.Value)-from), New: news[r.IntN(len(news))]}
			edits = append(edits, e)
			for _, k := range kept {
				if k.Offset == n.Offset && k.Value == n.Value {
					e.Node = k
					prunedEdits = append(prunedEdits, e)
				}
			}
		}
		changes := make([][]Change, len(edits))
		fits := true
		for i, e := range edits {
			change, err := text.change(e)
			changes[i], fits = []Change{change}, fits && err == nil
		}
		if !fits {
			continue
		}
		got, err := Apply(source, append([]Change{}, concat(changes)...))
		if err != nil {
			continue
		}
		if text.rereads(got, edits, changes) {
			simple++
			if err := text.Verify(got, edits, ""); err != nil {
				t.Fatalf("%q with %+v is %q: %v", source, edits, got, err)
			}
		}
		if len(prunedEdits) == len(edits) {
			_, _, whole := text.Splice(edits)
			_, _, part := pruned.Splice(prunedEdits)
			if (whole == nil) != (part == nil) {
				t.Fatalf("%q with %+v: whole %v, pruned %v", source, edits, whole, part)
			}
			if whole == nil {
				spliced++
			}
		}
	}
	if simple < 5_000 || spliced < 5_000 {
		t.Errorf("but %d edits were told by the scalars alone, and %d spliced", simple, spliced)
	}
}

func concat(changes [][]Change) (all []Change) {
	for _, c := range changes {
		all = append(all, c...)
	}
	return all
}

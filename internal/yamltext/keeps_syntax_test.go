package yamltext

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestAnEditThatKeepsSyntaxReadsAsItMust edits scalars in any text in any way. Where Splice does
// not parse the new text, yet that must be found right. And what is left out of a text makes no
// difference to what can be spliced.
func TestAnEditThatKeepsSyntaxReadsAsItMust(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	values := []string{
		"image: a:1", "image: 'b'", "image: \"c\"", "image: |\n    d\n    e\n", "image: >-\n    f\n\n    g\n",
		"- image: h", "image: [i, 'j', {k: l}]", "image: m\n    n", "image: {o: p, q: [r]}",
		"image:\n  s", "image: -t", "image: \"u\n--v\"", "image: [w\n, ..x]", "image: 12", "image: true",
	}
	texts := []string{"x", "q.io/x@sha256:0", "q/y:1", "@z", "/a", "-b/c", "--/e", ":f/g", "./h", "..i@j", "1/2"}
	news := []string{
		"--d/", "1@", "x/:", "x y", " x", "#", " #x", "#b/c", "x: y", "x:", "- x", "---", "'", "\"", "\\", "1",
		"true", "~", "",
		"|", "[", "]", "{x", "x}", ",", "&x", "*x", "!x", "%", "`", "?", "? x", "é", "\n", "x\ny", ":",
	}
	unparsed, spliced := 0, 0
	for range 150_000 {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			if r.IntN(4) == 0 {
				b.WriteString(soup(r))
			}
			b.WriteString(values[r.IntN(len(values))])
			b.WriteString([]string{"\n", " # x\n", "", "\n\n"}[r.IntN(4)])
		}
		source := b.String()
		text, err := Parse(source, nil)
		if err != nil {
			continue
		}
		part, err := Parse(source, &Interest{Words: []string{"image"}, Keys: []string{"a"}})
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		edits, partEdits := someEdits(r, text, [][]string{texts, news}[r.IntN(2)]), []Edit(nil)
		for _, e := range edits {
			if n := scalarAt(part, e.Node.Offset); n != nil && n.Value == e.Node.Value {
				e.Node = n
				partEdits = append(partEdits, e)
			}
		}
		changes, err := text.Splice(edits)
		if err == nil && text.Standalone && !slices.ContainsFunc(edits, func(e Edit) bool { return !e.keepsSyntax() }) {
			unparsed++
			got, err := Apply(source, slices.Concat(changes...))
			if err == nil {
				err = text.Verify(got, edits, "")
			}
			if err != nil {
				t.Fatalf("%q with %+v is %q: %v", source, edits, got, err)
			}
		}
		if len(partEdits) == len(edits) {
			_, partErr := part.Splice(partEdits)
			if (err == nil) != (partErr == nil) {
				t.Fatalf("%q with %+v: whole %v, pruned %v", source, edits, err, partErr)
			}
			if err == nil {
				spliced++
			}
		}
	}
	if unparsed < 3_000 || spliced < 5_000 {
		t.Errorf("but %d edits were made without parsing, and %d spliced", unparsed, spliced)
	}
}

// someEdits returns one or two edits of scalars that are not empty.
func someEdits(r *rand.Rand, text *Text, news []string) (edits []Edit) {
	var scalars []*Node
	var gather func(n *Node)
	gather = func(n *Node) {
		if n.Kind == Scalar && n.Value != "" {
			scalars = append(scalars, n)
		}
		for _, c := range n.Content {
			gather(c)
		}
	}
	for _, doc := range text.Docs {
		gather(doc)
	}
	for range min(1+r.IntN(2), len(scalars)) {
		n := scalars[r.IntN(len(scalars))]
		from := r.IntN(len(n.Value))
		comment := []string{"", "x"}[r.IntN(8)/7]
		to := from + 1 + r.IntN(len(n.Value)-from)
		edits = append(edits, Edit{Node: n, From: from, To: to, New: news[r.IntN(len(news))], Comment: comment})
	}
	return edits
}

// scalarAt returns the scalar with a value that begins at offset, or nil.
func scalarAt(text *Text, offset int) (found *Node) {
	var visit func(n *Node)
	visit = func(n *Node) {
		if n.Kind == Scalar && n.Offset == offset && n.Value != "" {
			found = n
		}
		for _, c := range n.Content {
			visit(c)
		}
	}
	for _, doc := range text.Docs {
		visit(doc)
	}
	return found
}

func TestAKeyIsParsedAgainSinceItsLengthHasABound(t *testing.T) {
	text, err := Parse("x"+strings.Repeat("y", 998)+": z\n", nil)
	if err != nil || !text.Standalone {
		t.Fatal(err)
	}
	key := text.Docs[0].Content[0]
	_, err = text.Splice([]Edit{{Node: key, From: 0, To: 1, New: "q.io/" + strings.Repeat("z", 50)}})
	if err == nil {
		t.Error("the key may have more than 1024 characters")
	}
}

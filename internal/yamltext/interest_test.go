package yamltext

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// manyWords are more than any table of places needs. Some are parts of others.
var manyWords = Interest{
	Words: []string{
		"image", "mage", "Image", "reference", "inlined", "sidecar", "runtime", "pvc", "ref", "tools", "x-",
		"editor", "a b", "containers", "q.io",
	},
	Keys: []string{"name", "kind", "metadata", "version"},
}

// spellsOne tells whether a value has one of the words.
func spellsOne(of *Interest, value string) bool {
	return slices.ContainsFunc(of.Words, func(w string) bool { return strings.Contains(value, w) })
}

// scalars gathers the values of all scalars in n by their offsets.
func scalars(n *Node, values map[int]string) map[int]string {
	if n.Kind == Scalar {
		values[n.Offset] = n.Value
	}
	for _, c := range n.Content {
		scalars(c, values)
	}
	return values
}

// isKept checks that kept, the scalars that are not left out, are those of n that must be: all of
// them, those that spell a word, or those near to such. It tells whether there are some that spell
// a word.
func isKept(of *Interest, n *Node, kept map[int]string, all bool) (spelled bool, err error) {
	if n.Kind == Scalar {
		if spelled = spellsOne(of, n.Value); spelled || all {
			err = isIn(n, kept)
		}
		return spelled, err
	}
	for i, c := range n.Content {
		below := n.Kind == Mapping && i%2 == 1 && spellsOne(of, n.Content[i-1].Value)
		childSpelled, err := isKept(of, c, kept, all || below)
		if spelled = spelled || childSpelled; err != nil {
			return spelled, err
		}
	}
	for i := 0; spelled && n.Kind == Mapping && i < len(n.Content); i += 2 {
		if key, value := n.Content[i], n.Content[i+1]; value.Kind == Scalar && slices.Contains(of.Keys, key.Value) {
			if err := isIn(value, kept); err != nil {
				return true, err
			}
		}
	}
	return spelled, nil
}

func isIn(n *Node, kept map[int]string) error {
	if value, ok := kept[n.Offset]; !ok || value != n.Value {
		return fmt.Errorf("%q at %d is left out", n.Value, n.Offset)
	}
	return nil
}

// isPartOf checks that a pruned node has nothing that the whole one does not have, and sequences of
// the same length.
func isPartOf(pruned, whole *Node) error {
	if pruned.Kind == Scalar && pruned.Value == "" && pruned.Tag == "!!null" {
		return nil
	}
	p, w := *pruned, *whole
	p.Content, w.Content = nil, nil
	if !reflect.DeepEqual(p, w) || pruned.Kind == Sequence && len(pruned.Content) != len(whole.Content) {
		return fmt.Errorf("got %+v, of %+v", pruned, whole)
	}
	content := whole.Content
	for _, p := range pruned.Content {
		for len(content) > 0 && content[0].Offset < p.Offset {
			content = content[1:]
		}
		if len(content) == 0 {
			return fmt.Errorf("%+v is not in the whole text", p)
		}
		if err := isPartOf(p, content[0]); err != nil {
			return err
		}
		content = content[1:]
	}
	return nil
}

func TestWhatIsWantedIsNotLeftOut(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	keys := []string{
		"image", "name", "kind", "metadata", "version", "other", "spec", "pvc", "sidecar", "args", "'name'", "tool",
	}
	values := []string{
		"a", "an image", "q.io/x:1", "'reference'", "|\n%  image: x\n%  name: y",
		"[a, {name: b, image: c}, runtime]", "{a: b}", "{pvc: {name: x}}", ">-\n%  a b", "# image", "b # tools", "",
		"~",
	}
	unusual := []string{"\"a\\\n% mage\"", "\"\\x61\"", "<<", "ConfigMap"}
	var node func(b *strings.Builder, indent string, depth int)
	node = func(b *strings.Builder, indent string, depth int) {
		sequence := r.IntN(3) == 0
		for range 1 + r.IntN(4) {
			if b.WriteString(indent); sequence {
				b.WriteString("-")
			} else {
				b.WriteString(keys[r.IntN(len(keys))] + ":")
			}
			value := values[r.IntN(len(values))]
			switch {
			case depth > 0 && r.IntN(2) == 0:
				b.WriteString("\n")
				node(b, indent+"  ", depth-1)
				continue
			case r.IntN(100) == 0:
				value = unusual[r.IntN(len(unusual))]
			}
			b.WriteString(" " + strings.ReplaceAll(value, "%", indent) + "\n")
		}
	}
	smaller, spelled := 0, 0
	for range 30_000 {
		var b strings.Builder
		for range 1 + r.IntN(2) {
			b.WriteString("---\n")
			node(&b, "", 3)
		}
		source := b.String()
		of := Interest{Words: manyWords.Words[:1+r.IntN(len(manyWords.Words))], Keys: manyWords.Keys, Whole: []string{
			"ConfigMap",
		}}
		whole, err := Parse(source, nil)
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		part, err := Parse(source, &of)
		if err != nil || len(part.Docs) != len(whole.Docs) {
			t.Fatalf("%q: %d documents, %v", source, len(part.Docs), err)
		}
		for i, doc := range whole.Docs {
			all, kept := scalars(doc, map[int]string{}), scalars(part.Docs[i], map[int]string{})
			found, err := isKept(&of, doc, kept, false)
			if err == nil {
				err = isPartOf(part.Docs[i], doc)
			}
			if err != nil {
				t.Fatalf("%q with %+v: %v", source, of, err)
			}
			if len(kept) < len(all) {
				smaller++
			}
			if found {
				spelled++
			}
		}
	}
	if smaller < 10_000 || spelled < 10_000 {
		t.Errorf("but of %d documents something is left out, and in %d a word is spelled", smaller, spelled)
	}
}

func TestATextIsWholeWhereItSpellsWordsOtherwise(t *testing.T) {
	of := Interest{Words: []string{"image"}, Whole: []string{"ConfigMap"}}
	for _, source := range []string{
		"a: b\nc: \"\\x69mage\"\n", "a: b\nc: \"im\\\n  age\"\n", "a: b\nc: \"x: \\\"im\\\\\\nage\\\"\"\n",
		"a: b\nc:\n  <<: {d: e}\n", "a: b\nkind: ConfigMap\n", "a: b\nc: &x image\n",
	} {
		whole, err := Parse(source, nil)
		if err != nil {
			t.Fatal(err)
		}
		part, err := Parse(source, &of)
		if err != nil || len(part.Docs[0].Content) != len(whole.Docs[0].Content) {
			t.Errorf("%q: got %+v, %v", source, part, err)
		}
	}
}

func TestWhatIsNotWantedIsLeftOut(t *testing.T) {
	const source = "kind: A\nspec: {x: y}\nmetadata:\n  name: b\n  labels: {c: d}\n" +
		"list:\n- name: e\n- name: f\n  g: h\n  image: [i, j]\n- k: [l, image]\n"
	text, err := Parse(source, &Interest{Words: []string{"image"}, Keys: []string{"name", "kind", "metadata"}})
	if err != nil {
		t.Fatal(err)
	}
	var kept any
	if err := text.Decode(text.Docs[0], &kept); err != nil {
		t.Fatal(err)
	}
	const want = "map[kind:A list:[<nil> map[image:[i j] name:f] map[k:[<nil> image]]] metadata:map[name:b]]"
	if got := fmt.Sprint(kept); got != want {
		t.Errorf("%s: got %s, want %s", source, got, want)
	}
}

package locate_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/locate"
)

// outcome is what a finder found, comparable.
type outcome struct {
	Sites    []locate.Site
	Offsets  []int
	Problems []locate.Problem
	Err      string
}

// wholly has a finder look at all of each text, since a user's field could stand anywhere. This one stands nowhere.
var wholly = locate.NewScope([]locate.Field{{Kind: "None", Path: "none"}}, nil, nil)

func outcomeOf(source string, scope locate.Scope) outcome {
	finder := locate.Finder{Scope: scope}
	var o outcome
	if _, err := finder.File("x.yaml", source); err != nil {
		o.Err = err.Error()
	}
	for _, s := range finder.Sites {
		o.Offsets = append(o.Offsets, s.Offset())
		s.Layer, s.Node = nil, nil
		o.Sites = append(o.Sites, s)
	}
	o.Problems = finder.Problems
	return o
}

func compare(t *testing.T, source string) (sites int) {
	t.Helper()
	if wholly.Interest() != nil {
		t.Fatal("nothing is looked at wholly")
	}
	want := outcomeOf(source, wholly)
	if diff := cmp.Diff(want, outcomeOf(source, locate.Scope{}), cmp.Comparer(func(a, b locate.Site) bool {
		editorsAgree := (a.Editor == nil) == (b.Editor == nil) && (a.Editor == nil || *a.Editor == *b.Editor)
		a.Editor, b.Editor = nil, nil
		return a.Text == b.Text && editorsAgree && a.Variable == b.Variable && a.Marker == b.Marker && a.From == b.From && a.To == b.To &&
			a.Document == b.Document && a.Object == b.Object && a.Path == b.Path && a.Known == b.Known && a.Locked == b.Locked && a.Passing == b.Passing
	})); diff != "" {
		t.Fatalf("what is left out makes a difference (-whole +pruned)\n%s\nin\n%s", diff, source)
	}
	return len(want.Sites)
}

// TestNothingIsMissedInWhatIsLeftOut reads texts of the pieces of registry files in no particular order, but indented like a
// document, once as a whole and once without what can hold no reference.
func TestNothingIsMissedInWhatIsLeftOut(t *testing.T) {
	keys := []string{
		"image", "image", "name", "name", "kind", "apiVersion", "metadata", "attributes", "version", "containers", "components", "container", "spec", "data",
		"images", "other", "command", "labels", "annotations", "variables", "cheImage", "cheImageTag", "server", "inlined", "kubernetes", "\"image\"", "'name'", "\"im\\u0061ge\"", "reference", "volumes",
	}
	values := []string{
		"q.io/a/b:1", "q.io/c@sha256:" + strings.Repeat("0", 64), "x", "v1", "a b", "\"q.io/d:2\"", "'it''s'", "{image: q.io/e:1}", "[a, {name: b, image: q.io/f:1}]", "{name: e, attributes: {version: 1}}",
		"|\n%  image: q.io/g:1\n%  name: x", ">-\n%  q.io/h:1", "[x,\n%  {image: 'q.io/i:1'}]", "{a: b,\n%  c: d}", "CheCluster", "org.eclipse.che/v1", "ClusterServiceVersion", "ConfigMap", "a\n%  b", "# related-image: X",
		"b # c", "b   # c", "q.io/j:1 # related-image: RELATED_IMAGE_x", "q.io/k:1   # x", "~", "\"a\\\n%  b\"", "${RELATED_IMAGE_x}", "an image", "imageless",
	}
	names := []string{"b", "b # c", "'b' # c", "b c", "\"b\"", "1", "~", "", "b: c", "b\n    c", "|\n      b", "[b]", "{b: c}", "# c"}
	r := rand.New(rand.NewPCG(3, 4))
	var node func(b *strings.Builder, indent string, depth int)
	node = func(b *strings.Builder, indent string, depth int) {
		sequence := r.IntN(3) == 0
		for range 1 + r.IntN(4) {
			b.WriteString(indent)
			if sequence {
				b.WriteString("-")
			} else {
				b.WriteString(keys[r.IntN(len(keys))] + ":")
			}
			switch {
			case depth > 0 && r.IntN(2) == 0:
				b.WriteString("\n")
				node(b, indent+"  ", depth-1)
				continue
			case r.IntN(12) > 0:
				b.WriteString(" " + strings.ReplaceAll(values[r.IntN(len(values))], "%", indent))
			}
			b.WriteString("\n")
			if r.IntN(8) == 0 {
				b.WriteString(indent + "# an image, or what is left of it\n")
			}
		}
	}
	sites := 0
	for range 60_000 {
		var b strings.Builder
		for range 1 + r.IntN(2) {
			b.WriteString("---\n")
			if r.IntN(2) == 0 {
				comment := func() string { return []string{"", "", "", "  # an image\n"}[r.IntN(4)] }
				b.WriteString("metadata:\n" + comment() + "  name: " + names[r.IntN(len(names))] + "\n" + comment() + "  attributes:\n" + comment() +
					"    version: " + names[r.IntN(len(names))] + "\n" + comment() + "components:\n" +
					"- name: " + names[r.IntN(len(names))] + "\n  container:\n    image: q.io/l:1 # x\n")
			}
			node(&b, "", 4)
		}
		sites += compare(t, b.String())
	}
	if sites < 60_000 {
		t.Errorf("there are but %d references in the texts", sites)
	}
}

// TestNothingIsMissedOfWhatIsSpelledOtherwise has words that only the text in a text spells, by escapes of its own.
func TestNothingIsMissedOfWhatIsSpelledOtherwise(t *testing.T) {
	for _, source := range []string{
		"components:\n- kubernetes:\n    inlined: \"? \\\"im\\\\\\n  age\\\"\\n: q.io/x/a:1\\n\"\n",
		"components:\n- kubernetes:\n    inlined: \"a: b: c\\\\\\nd\"\n",
		"components:\n- kubernetes:\n    inlined: \"\\\"im\\\\x61ge\\\": q.io/x/a:1\\n\"\n",
		"components:\n- kubernetes:\n    inlined: |\n      \"im\\\n      age\": q.io/x/a:1\n",
	} {
		compare(t, source)
		if o := outcomeOf(source, locate.Scope{}); len(o.Sites)+len(o.Problems) != 1 {
			t.Errorf("%s: got %+v, want a site or a problem", source, o)
		}
	}
}

func TestNothingIsMissedInWhatIsLeftOutOfRealFiles(t *testing.T) {
	files := 0
	for _, dir := range []string{"../../examples", "../../../shared/corpus"} {
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".yaml" && filepath.Ext(name) != ".json" {
				return err
			}
			source, err := os.ReadFile(name)
			compare(t, string(source))
			files++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files == 0 {
		t.Error("there are no files")
	}
}

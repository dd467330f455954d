package locate_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

// outcome is what was found in a text, comparable.
type outcome struct {
	Sites    []locate.Site
	Offsets  []int
	Problems []locate.Problem
	Matched  [][]bool
	Err      string
}

func outcomeIn(scope locate.Scope, source string) outcome {
	found, err := scope.Find(locate.Input{Name: "x.yaml", Source: source})
	o := outcome{Sites: found.Sites, Problems: found.Problems, Matched: [][]bool{found.Fields, found.Exclude}}
	if err != nil {
		o.Err = err.Error()
	}
	for i := range found.Sites {
		o.Offsets = append(o.Offsets, found.Sites[i].Offset())
	}
	return o
}

// compare compares what is found in a text with and without what can hold no reference, and returns how much that is. A text in
// the text that can hold none may also be wrong.
func compare(t *testing.T, scope locate.Scope, source string) (sites int) {
	t.Helper()
	got, want := outcomeIn(scope, source), outcomeIn(scope.Whole(), source)
	want.Problems = slices.DeleteFunc(want.Problems, func(p locate.Problem) bool {
		return strings.HasPrefix(p.Message, "it does not parse") && !slices.Contains(got.Problems, p)
	})
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(locate.Site{}, "Ref", "Layer", "Node"), cmp.AllowUnexported(locate.Parts{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("what is left out makes a difference (-whole +rest)\n%s\nin\n%s", diff, source)
	}
	found := len(want.Sites) > 0 || slices.Contains(slices.Concat(want.Matched...), true)
	if found && !scope.MayFind("x.yaml", source) {
		t.Fatalf("there is something to find, and the text would not be parsed:\n%s", source)
	}
	return len(want.Sites)
}

func TestWhatSpellsNothingIsNotParsed(t *testing.T) {
	utf16 := "i\x00m\x00a\x00g\x00e\x00:\x00 \x00a\x00"
	for _, c := range []struct {
		name, source string
		want         bool
	}{
		{"a.yaml", "picture: quay.io/a/b:1\n  wrong: [", false},
		{"a.yaml", "picture: quay.io/a/b:1\nimage: x", true},
		{"a.yaml", "\"\\x69mage\": x", true},
		{"a.yaml", utf16, true}, // the parser refuses it
		{"a.yaml", "", false},
		{"external_images.txt", "quay.io/a/b:1", true},
	} {
		if got := (locate.Scope{}).MayFind(c.name, c.source); got != c.want {
			t.Errorf("%s: %q: got %t, want %t", c.name, c.source, got, c.want)
		}
	}
	field := locate.NewScope([]locate.Field{{Path: "picture"}}, nil, nil)
	if !field.MayFind("a.yaml", "picture: x") {
		t.Error("a user's field is not looked for")
	}
}

// scopes are those in which other things can be left out of a text: the table of places, other tables, and fields of users.
func scopes(t *testing.T) map[string]locate.Scope {
	t.Helper()
	scopes := map[string]locate.Scope{"places": {}}
	for name, rows := range map[string][]locate.Place{
		"a row with a kind":                {{"spec.runtime", "Foo", locate.Reference, ""}},
		"rows without a kind":              {{"**.runtime", "", locate.Reference, ""}, {"**.labels.*", "", locate.Anything, ""}},
		"rows of a kind, and of any":       {{"spec.*Image", "Foo", locate.Reference, ""}, {"**.command[]", "", locate.Reference, ""}},
		"a row that begins with any key":   {{"*.runtime", "", locate.Pairs, ""}},
		"a row of any key":                 {{"**.*", "", locate.Reference, ""}},
		"a row of any key of a kind":       {{"**.*", "Foo", locate.Reference, ""}},
		"a component of an editor":         {{"**.components[].runtime", "", locate.EditorComponent, ""}},
		"a split reference":                {{"**.runtime", "", locate.Split, ""}, {"other.labels", "Foo", locate.Split, ""}},
		"documents below what holds none":  {{"**.labels.other", "", locate.Document, ""}, {"**.labels", "", locate.Nothing, ""}, {"**.runtime", "", locate.Reference, ""}},
		"a row of a key with escapes":      {{`**.run/"time`, "", locate.Reference, ""}},
		"a row of a key of nothing else":   {{`**./"`, "", locate.Reference, ""}},
		"a row of a kind, and its key too": {{"spec.runtime", "Foo", locate.Reference, ""}, {"**.runtime", "", locate.Reference, ""}},
	} {
		scopes[name] = locate.ScopeOf(append(rows, locate.Places...))
	}
	for name, source := range map[string]string{
		"a field":                    "spec/runtime",
		"a field of a kind":          "{kind: Foo, path: spec/runtime}",
		"a field of a group":         "{group: acme.example, path: 'command[]'}",
		"a field of any key":         "spec/*",
		"a field of nothing else":    "'*/*'",
		"a field of a key with a /":  `metadata/annotations/run\/time`,
		"fields below what is known": "[metadata/annotations/other, {kind: ConfigMap, path: data/other}]",
	} {
		fields, err := locate.ParseFields(source)
		if err != nil {
			t.Fatal(err)
		}
		exclude, err := locate.ParseFields("[spec/other, {kind: Foo, path: spec/image}]")
		if err != nil {
			t.Fatal(err)
		}
		scopes[name] = locate.NewScope(fields, exclude, prefix("RELATED_IMAGE_"))
	}
	return scopes
}

// TestNothingIsMissedInWhatIsLeftOut reads texts of the pieces of registry files in no particular order, but indented like a
// document, as a whole and without what can hold no reference.
func TestNothingIsMissedInWhatIsLeftOut(t *testing.T) {
	keys := []string{
		"image", "image", "name", "name", "kind", "apiVersion", "metadata", "attributes", "version", "containers", "components", "container", "spec", "data",
		"images", "other", "command", "labels", "annotations", "variables", "cheImage", "cheImageTag", "server", "inlined", "kubernetes", "\"image\"", "'name'", "\"im\\u0061ge\"", "reference", "volumes",
		"env", "value", "from", "schema", "tags", "che.eclipse.org/devfile", "runtime", "runtime", "runtimeTag", "otherImage", "run/time", "\"run\\/time\"", "'run/\"time'", "\"run/\\\"time\"", "'/\"'", "\"\\/\\\"\"", "labelsTag",
	}
	values := []string{
		"q.io/a/b:1", "q.io/c@sha256:" + strings.Repeat("0", 64), "x", "v1", "a b", "\"q.io/d:2\"", "'it''s'", "{image: q.io/e:1}", "[a, {name: b, image: q.io/f:1}]", "{name: e, attributes: {version: 1}}",
		"|\n%  image: q.io/g:1\n%  name: x", ">-\n%  q.io/h:1", "[x,\n%  {image: 'q.io/i:1'}]", "|\n%  runtime: q.io/r:1\n%  kind: Foo", "a=q.io/s:1;b=q.io/t:1", "\"{\\\"run\\/time\\\": \\\"q.io/u:1\\\"}\"", "{a: b,\n%  c: d}", "CheCluster", "org.eclipse.che/v1", "DockerImage", "olm.bundle", "BuildConfig", "Foo", "Foo", "acme.example/v1", "ClusterServiceVersion", "ConfigMap", "a\n%  b", "# related-image: X",
		"b # c", "b   # c", "q.io/j:1 # related-image: RELATED_IMAGE_x", "q.io/k:1   # x", "~", "\"a\\\n%  b\"", "${RELATED_IMAGE_x}", "an image", "imageless",
	}
	names := []string{"b", "b # c", "'b' # c", "b c", "\"b\"", "1", "~", "", "b: c", "b\n    c", "|\n      b", "[b]", "{b: c}", "# c"}
	keys = append(keys, "repository", "repository", "registry", "tag", "\"tag\"", "version", "digest", "newName", "newTag")
	values = append(values, "q.io/v", "acme/w", "\"\"", "sha256:"+strings.Repeat("1", 64), "{repository: q.io/x, tag: 1}",
		"{registry: q.io, repository: y, digest: ''}", "Kustomization", "kustomize.config.k8s.io/v1beta1")
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
	text := func() string {
		var b strings.Builder
		for range 1 + r.IntN(2) {
			b.WriteString("---\n")
			if r.IntN(2) == 0 {
				comment := func() string { return []string{"", "", "", "  # an image\n"}[r.IntN(4)] }
				b.WriteString("metadata:\n" + comment() + "  name: " + names[r.IntN(len(names))] + "\n" + comment() + "  attributes:\n" + comment() +
					"    version: " + names[r.IntN(len(names))] + "\n" + comment() + "components:\n" +
					"- name: " + names[r.IntN(len(names))] + "\n  container:\n    image: q.io/l:1 # x\n")
			}
			if r.IntN(2) == 0 {
				b.WriteString("apiVersion: " + []string{"acme.example/v1", "v1"}[r.IntN(2)] + "\nkind: " + []string{"Foo", "ConfigMap", "CheCluster", "BuildConfig", "Bar"}[r.IntN(5)] + "\n")
			}
			node(&b, "", 4)
		}
		return b.String()
	}
	for name, scope := range scopes(t) {
		t.Run(name, func(t *testing.T) {
			texts, sites := 3_000, 0
			if testing.Short() { // as make race is: in one goroutine it finds nothing
				texts = 300
			}
			for range texts {
				sites += compare(t, scope, text())
			}
			if sites < texts {
				t.Errorf("there are but %d references in the texts", sites)
			}
		})
	}
}

// TestNothingIsMissedOfWhatIsSpelledOtherwise has words that only the text in a text spells, by escapes of its own.
func TestNothingIsMissedOfWhatIsSpelledOtherwise(t *testing.T) {
	const inlined = "components:\n- kubernetes:\n    inlined: "
	for _, source := range []string{
		inlined + "\"? \\\"im\\\\\\n  age\\\"\\n: q.io/x/a:1\\n\"\n",
		inlined + "\"a: b: c\\\\\\nd\"\n",
		inlined + "\"\\\"im\\\\x61ge\\\": q.io/x/a:1\\n\"\n",
		inlined + "|\n      \"im\\\n      age\": q.io/x/a:1\n",
	} {
		compare(t, locate.Scope{}, source)
		if o := outcomeIn(locate.Scope{}, source); len(o.Sites)+len(o.Problems) != 1 {
			t.Errorf("%s: got %+v, want a site or a problem", source, o)
		}
	}
}

func TestNothingIsMissedOfKeysThatCanBeSpelledOtherwise(t *testing.T) {
	for key, source := range map[string]string{
		"a/b": `"a\/b": q.io/x/a:1`,
		`a"b`: `"a\"b": q.io/x/a:1`,
		"a'b": "'a''b': q.io/x/a:1",
		"a b": `"a\ b": q.io/x/a:1`,
		"aéb": `"a\xe9b": q.io/x/a:1`,
		"/":   `"\/": q.io/x/a:1`,
	} {
		if sites := compare(t, locate.ScopeOf([]locate.Place{{key, "", locate.Reference, ""}}), source); sites != 1 {
			t.Errorf("%s: got %d sites, want one", source, sites)
		}
	}
}

func TestARowOfTheTableIsAllThatAPlaceNeeds(t *testing.T) {
	scope := locate.ScopeOf(append([]locate.Place{
		{"spec.runtime", "Foo", locate.Reference, ""},
		{"**.tools[]", "", locate.Reference, ""},
	}, locate.Places...))
	foo := "apiVersion: acme.example/v1\nkind: Foo\nspec: {other: q.io/a:1, runtime: q.io/b:1}\n"
	source := foo + "---\ntools: [q.io/c:1]\ncomponents: [{openshift: {inlined: " + strconv.Quote(foo) + "}}]\n" +
		"---\napiVersion: acme.example/v1\nkind: Bar\nspec: {runtime: q.io/d:1}\n"
	var got []string
	for _, s := range findIn(t, scope, "x.yaml", source).Sites {
		got = append(got, fmt.Sprintf("%d %s %s", s.Document, s.Path, s.Ref))
	}
	want := []string{"0 spec.runtime q.io/b:1", "1 tools[0] q.io/c:1", "1 components[0].openshift.inlined#spec.runtime q.io/b:1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s\nin\n%s", diff, source)
	}
}

func TestWhatATextMayLeaveOutIsDerivedFromTheTable(t *testing.T) {
	context := []string{"apiVersion", "kind", "schema"}
	for _, test := range []struct {
		rows []locate.Place
		want *yamltext.Interest
	}{
		{[]locate.Place{{"**.a.image", "", locate.Reference, ""}, {"image2.b", "", locate.Reference, ""}}, &yamltext.Interest{Words: []string{"image"}, Keys: context}},
		{[]locate.Place{{"a.tools", "", locate.Reference, ""}, {"a.tool", "", locate.Pairs, ""}}, &yamltext.Interest{Words: []string{"tool"}, Keys: context}},
		{[]locate.Place{{"a.*Image", "", locate.Reference, ""}, {"b.c.*", "", locate.Anything, ""}}, &yamltext.Interest{Words: []string{"Image", "c"}, Keys: context}},
		{[]locate.Place{{"a.b", "Foo", locate.Reference, ""}, {"a.*", "Foo", locate.Reference, ""}}, &yamltext.Interest{Whole: []string{"Foo"}, Keys: context}},
		{[]locate.Place{{"a.b", "Foo", locate.Reference, ""}, {"b", "", locate.Reference, ""}}, &yamltext.Interest{Words: []string{"b"}, Keys: context}},
		{[]locate.Place{{"a", "", locate.Nothing, ""}, {"b", "", locate.Document, ""}}, &yamltext.Interest{Keys: context}},
		{[]locate.Place{{"**.*", "", locate.Reference, ""}}, nil},
		{[]locate.Place{{"**.x[].value", "", locate.Reference, ""}, {"**.y.name", "", locate.Reference, ""}}, &yamltext.Interest{Words: []string{"x", "y"}, Keys: context}},
		{[]locate.Place{{"**.name", "", locate.Reference, ""}}, &yamltext.Interest{Words: []string{"name"}, Keys: context}},
		{[]locate.Place{{"a[].b", "", locate.EditorComponent, ""}}, &yamltext.Interest{Words: []string{"b"}, Keys: append(context, "metadata", "name", "attributes", "version")}},
	} {
		if diff := cmp.Diff(test.want, locate.ScopeOf(test.rows).Interest()); diff != "" {
			t.Errorf("%v: (-want +got)\n%s", test.rows, diff)
		}
	}
}

func TestNothingIsMissedInWhatIsLeftOutOfRealFiles(t *testing.T) {
	scopes, files := scopes(t), 0
	for _, dir := range []string{"../../examples", "../../../shared/corpus"} {
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".yaml" && filepath.Ext(name) != ".json" {
				return err
			}
			source, err := os.ReadFile(name)
			for _, scope := range scopes {
				compare(t, scope, string(source))
			}
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

// prefix is what the names of variables begin with.
type prefix string

func (p prefix) Has(name string) bool { return strings.HasPrefix(name, string(p)) }

func (p prefix) Parts() []string { return []string{string(p)} }

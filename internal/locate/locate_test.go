package locate_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/locate"
)

func findIn(t *testing.T, scope locate.Scope, name, source string) locate.Result {
	t.Helper()
	found, err := scope.Find(locate.Input{Name: name, Source: source})
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	return found
}

// find returns the sites of a file, a line each: document, path, reference, and where it is a component of an editor which.
func find(t *testing.T, name, source string) []string {
	t.Helper()
	found := findIn(t, locate.Scope{}, name, source)
	got := []string{}
	for _, s := range found.Sites {
		line := fmt.Sprintf("%d %s %s", s.Document, s.Path, s.Text)
		if s.Invalid != "" {
			line += ": " + s.Invalid
		}
		if s.Editor != nil {
			line += fmt.Sprintf(" %s/%s/%s", s.Editor.Editor, s.Editor.Version, s.Editor.Component)
		}
		if s.Unreachable != "" {
			line += " unreachable"
		}
		switch {
		case s.NotEdited:
			line += " not edited"
		case s.ByKey:
			line += " by its key"
		case !s.Known:
			line += " unknown"
		}
		got = append(got, line)
		if at := source[s.Offset():]; s.Layer.Parent == nil && s.Parts == nil && !strings.HasPrefix(at, s.Ref.Name()) {
			t.Errorf("the offset of %s is at %.20q", line, at)
		}
	}
	for _, p := range found.Problems {
		got = append(got, fmt.Sprintf("! %d %s %s", p.Document, p.Path, p.Message))
	}
	if found.Templates > 0 {
		got = append(got, fmt.Sprintf("%d templates", found.Templates))
	}
	return got
}

// TestPlaces reads cases from a file: a name, YAML, and what is found in it. Each place of the table has one.
func TestPlaces(t *testing.T) {
	data, err := os.ReadFile("testdata/places.txt")
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for _, c := range strings.Split(string(data), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		name, row, _ := strings.Cut(name, " | ")
		source, want, ok := strings.Cut(rest, "\n--- found\n")
		if !ok {
			t.Fatalf("%s: a case has a line --- found", name)
		}
		for r := range strings.SplitSeq(row, "; ") {
			covered[r] = true
		}
		t.Run(name, func(t *testing.T) {
			wanted := []string{}
			if want = strings.TrimSpace(want); want != "" {
				wanted = strings.Split(want, "\n")
			}
			if diff := cmp.Diff(wanted, find(t, "x.yaml", source+"\n")); diff != "" {
				t.Errorf("(-want +got)\n%s\nin\n%s", diff, source)
			}
		})
	}
	for _, p := range locate.Places {
		if row := strings.TrimSpace(p.Kind + " " + p.Path); !covered[row] {
			t.Errorf("the place %q has no case", row)
		}
	}
}

func TestAliasesDoNotExplode(t *testing.T) {
	for _, circular := range []string{"a: &s [*s ]\n<<: *s\n", "a: &m {<<: *m, image: q.io/x:1}\n", "a: &m\n  b: {<<: [*m, *m]}\n"} {
		findIn(t, locate.Scope{}, "x.yaml", circular)
	}
	merges := "x0: &x0 {a: {image: q.io/udi:1}}\n"
	for i := 1; i < 40; i++ {
		merges += fmt.Sprintf("x%d: &x%d {<<: [*x%d , *x%d ]}\n", i, i, i-1, i-1)
	}
	if problems := findIn(t, locate.Scope{}, "x.yaml", merges).Problems; len(problems) == 0 {
		t.Errorf("got no problems, want one about aliases")
	}
	source := "a0: &a0 {image: q.io/x:1}\n"
	for i := 1; i < 40; i++ {
		source += fmt.Sprintf("a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i-1, i-1)
	}
	found := findIn(t, locate.Scope{}, "x.yaml", source)
	if len(found.Problems) != 1 || !strings.Contains(found.Problems[0].Message, "nodes behind aliases") {
		t.Errorf("got problems %v, want one about aliases", found.Problems)
	}
}

// TestManyAliasesOfOneNodeAreBounded has two aliases, and as many as stand for millions of nodes.
func TestManyAliasesOfOneNodeAreBounded(t *testing.T) {
	times := func(n int, s string) string { return strings.Repeat(s, n) }
	for name, test := range map[string]struct{ node, item string }{
		"scalars of a mapping":  {"{image: q.io/x:1, " + times(5000, "k: 1, ") + "}", "- *a\n"},
		"items of a sequence":   {"[" + times(5000, "1, ") + "]", "- *a\n"},
		"mappings":              {"[" + times(3000, "{image: q.io/x:1}, ") + "]", "- *a\n"},
		"keys merged in":        {"{image: q.io/x:1, " + times(5000, "k: 1, ") + "}", "- {<<: *a}\n"},
		"keys merged in a list": {"{image: q.io/x:1, " + times(5000, "k: 1, ") + "}", "- {<<: [{a: b}, *a]}\n"},
		"keys merged in twice":  {"{image: q.io/x:1, " + times(5000, "k: 1, ") + "}\nm: &m {<<: *a}", "- {<<: *m}\n"},
		"a long scalar":         {"'" + times(9000, "text ") + "'", "- image: *a\n"},
		"documents in a scalar": {"|\n" + times(3000, "  - image: q.io/x:1\n"), "- {apiVersion: v1, kind: ConfigMap, data: {a.yaml: *a}}\n"},
		"in several documents":  {"[" + times(500, "1, ") + "]", times(50, "- *a\n") + "---\na: &a [" + times(500, "1, ") + "]\nb:\n"},
	} {
		of := func(n int) locate.Result {
			return findIn(t, locate.Scope{}, "x.yaml", "a: &a "+test.node+"\nb:\n"+times(n, test.item)+"- 1\n")
		}
		if few := of(2); len(few.Problems) > 0 {
			t.Errorf("%s: got of two aliases problems %v", name, few.Problems)
		}
		many := of(400_000 / len(test.item))
		if len(many.Problems) != 1 || !strings.Contains(many.Problems[0].Message, "nodes behind aliases") || len(many.Sites) > 150_000 {
			t.Errorf("%s: got %d sites and problems %v, want one about aliases", name, len(many.Sites), many.Problems)
		}
	}
}

func TestDocumentsAreNestedToALimit(t *testing.T) {
	source := "image: q.io/x:1\n"
	for range 20 {
		source = "components:\n- kubernetes:\n    inlined: |\n" + indent(source)
	}
	found := findIn(t, locate.Scope{}, "x.yaml", source)
	if len(found.Sites) != 0 || len(found.Problems) != 1 || !strings.Contains(found.Problems[0].Message, "nested more than") {
		t.Errorf("got %d sites and problems %v, want one about nesting", len(found.Sites), found.Problems)
	}
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n      ") + "\n"
}

func TestFieldsAreAUsersOwnPlaces(t *testing.T) {
	source := `apiVersion: acme.example/v1
kind: Workshop
metadata: {annotations: {tool: q.io/a:1, "a/b": q.io/b:1, image: q.io/never:1}}
spec:
  lessons: [{picture: q.io/c:1}, {picture: nginx}]
  pairs: a=q.io/d:1
  lines: "q.io/e:1\nq.io/f:1"
  text: "x: {image: q.io/g:1}"
  names: [q.io/h:1, word, "{{ x }}"]
  image: q.io/never:2
  extra: {image: q.io/never:3}
---
apiVersion: acme.example/v2
kind: Workshop
spec: {lessons: [{picture: q.io/never:4}]}
`
	fields, err := locate.ParseFields(`
- {group: acme.example, version: v1, kind: Workshop, path: "spec/lessons[]/picture"}
- {kind: Workshop, path: metadata/annotations/tool}
- path: metadata/annotations/a\/b
- /spec/pairs
- spec/lines
- spec/text
- spec/names[]
`)
	if err != nil {
		t.Fatal(err)
	}
	exclude, err := locate.ParseFields("spec/image\n---\n{path: spec/extra}")
	if err != nil {
		t.Fatal(err)
	}
	found := findIn(t, locate.NewScope(fields, exclude, nil), "x.yaml", source)
	var got []string
	for _, s := range found.Sites {
		got = append(got, fmt.Sprintf("%d %s %s %t", s.Document, s.Path, s.Ref, s.Known))
	}
	want := []string{
		"0 metadata.annotations.tool q.io/a:1 true", `0 metadata.annotations["a/b"] q.io/b:1 true`,
		"0 spec.lessons[0].picture q.io/c:1 true", "0 spec.lessons[1].picture nginx true", "0 spec.pairs q.io/d:1 true",
		"0 spec.lines q.io/e:1 true", "0 spec.lines q.io/f:1 true", "0 spec.text#x.image q.io/g:1 false",
		"0 spec.names[0] q.io/h:1 true", "0 spec.names[1] word true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFieldsSayWhatIsWrongWithThem(t *testing.T) {
	for source, want := range map[string]string{
		"{paht: a}":   `a field has no key "paht": it has group, version, kind, path`,
		"{kind: Foo}": `path "": a path is keys with / between them`,
		"a//b":        `path "a//b"`,
		"[1]":         "a field is a path",
		"{path: [a]":  "line 1",
		"- - nested":  "a field is a path",

		"spec/list[name=x]/image":     `path "spec/list[name=x]/image": it can match nothing: a path has keys, and [] for all items of a list`,
		"spec/list/[name=x]/image":    "it can match nothing",
		"spec/list[0]/image":          "it can match nothing",
		"spec/list[*]":                "it can match nothing",
		"'**/image'":                  "it can match nothing",
		"spec/image*":                 "it can match nothing",
		"spec/list[][name=x]/image":   "it can match nothing",
		"{kind: Foo, path: 'a[b=c]'}": "it can match nothing",
		"kind: [Foo]\n":               `path ""`,
	} {
		if _, err := locate.ParseFields(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseFields(%q): got %v, want an error with %s", source, err, want)
		}
	}
}

func TestALineThatAUserDeclaresIsAReferenceOrADocument(t *testing.T) {
	fields, err := locate.ParseFields("x[]")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"q.io/a:1":                 "x[0] q.io/a:1",
		"a=q.io/a:1;b=q.io/b:1":    "x[0] q.io/a:1, x[0] q.io/b:1",
		"a=b":                      "x[0] a=b: invalid",
		"image: q.io/a:1":          "x[0]#image q.io/a:1",
		"image: ${IMAGE}":          "1 templates",
		"{image: q.io/a:1}":        "x[0]#image q.io/a:1",
		"[{image: q.io/a:1}]":      "x[0]#[0].image q.io/a:1",
		"{a: b}":                   "",
		"[]":                       "",
		"":                         "",
		"{{ x }}":                  "1 templates",
		"${X} y":                   "1 templates",
		"docker://q.io/a:1":        "x[0] docker://q.io/a:1: invalid",
		"q.io/a: 1":                "x[0] q.io/a: 1: invalid",
		"some words":               "x[0] some words: invalid",
		"{{ .RELATED_IMAGE_a }}":   "x[0] {{ .RELATED_IMAGE_a }}: invalid",
		"{{ RELATED_IMAGE_a }}":    "x[0] {{ RELATED_IMAGE_a }}",
		"a: {image: Busybox}":      "", // as under any key image
		"a: {image: '${b}', c: d}": "1 templates",
	} {
		found := findIn(t, locate.NewScope(fields, nil, prefix("RELATED_")), "x.yaml", fmt.Sprintf("x: [%q]", text))
		var got []string
		for _, s := range found.Sites {
			line := s.Path + " " + s.Text
			if s.Invalid != "" {
				line += ": invalid"
			}
			got = append(got, line)
		}
		if found.Templates > 0 {
			got = append(got, fmt.Sprintf("%d templates", found.Templates))
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWhatAUserGaveIsFoundOrNot(t *testing.T) {
	const source = `apiVersion: acme.example/v1
kind: Workshop
metadata: {annotations: {tool: q.io/a:1}}
spec:
  picture: q.io/b:1
  lessons: [{picture: q.io/c:1}]
  count: 5
  plain: {nothing: here}
  words: [one, two]
  text: "spec: {inner: q.io/d:1}"
`
	for _, test := range []struct {
		fields, exclude string
		want            string // of fields, then of what is excluded
	}{
		{"[spec/picture, spec/pictures, {kind: Workshop, path: spec/picture}, {kind: Foo, path: spec/picture}]", "", "[true false true false] []"},
		{"[metadata/annotations/tool, 'spec/lessons[]/picture', 'spec/lessons[]', spec/lessons, spec/count]", "", "[true true false false false] []"},
		{"spec/text", "spec/text", "[true] [true]"},
		{"[spec/text, spec/inner]", "", "[true true] []"},
		{"", "[spec/plain, spec/plain/nothing, spec/words, spec/count, spec/none]", "[] [true false true true false]"},
		{"", "[{kind: Workshop, path: spec/lessons}, {kind: Foo, path: spec/lessons}, '*']", "[] [false false true]"},
		{"", "[{kind: Workshop, path: spec/lessons}, {kind: Foo, path: spec/lessons}, 'spec/*']", "[] [true false true]"},
	} {
		parse := func(source string) []locate.Field {
			fields, err := locate.ParseFields(source)
			if err != nil {
				t.Fatal(err)
			}
			return fields
		}
		found := findIn(t, locate.NewScope(parse(test.fields), parse(test.exclude), nil), "x.yaml", source)
		if got := fmt.Sprint(found.Fields, found.Exclude); got != test.want {
			t.Errorf("fields %s, exclude %s: got %s, want %s", test.fields, test.exclude, got, test.want)
		}
	}
}

func TestWhatIsExcludedIsNotFound(t *testing.T) {
	source := "spec:\n  containers: [{image: q.io/a:1}]\n  env: [{name: RELATED_IMAGE_x, value: q.io/b:1}]\n  RELATED_IMAGE_x: q.io/c:1\n  image: q.io/d:1\n" +
		"  helm: {repository: q.io/e, tag: 1, digest: ''}\n"
	for exclude, want := range map[string]string{
		"spec":                     "",
		"spec/containers":          "env[0].value RELATED_IMAGE_x image helm.digest",
		"'spec/containers[]'":      "env[0].value RELATED_IMAGE_x image helm.digest",
		"spec/env":                 "containers[0].image RELATED_IMAGE_x image helm.digest",
		"'spec/env[]'":             "containers[0].image RELATED_IMAGE_x image helm.digest",
		"'spec/env[]/value'":       "containers[0].image RELATED_IMAGE_x image helm.digest",
		"spec/RELATED_IMAGE_x":     "containers[0].image env[0].value image helm.digest",
		"[spec/image, spec/other]": "containers[0].image env[0].value RELATED_IMAGE_x helm.digest",
		"spec/helm":                "containers[0].image env[0].value RELATED_IMAGE_x image",
		"spec/helm/repository":     "containers[0].image env[0].value RELATED_IMAGE_x image",
		"spec/helm/digest":         "containers[0].image env[0].value RELATED_IMAGE_x image",
	} {
		fields, err := locate.ParseFields(exclude)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range findIn(t, locate.NewScope(nil, fields, prefix("RELATED_IMAGE_")), "x.yaml", source).Sites {
			got = append(got, strings.TrimPrefix(s.Path, "spec."))
		}
		slices.Sort(got)
		wanted := strings.Fields(want)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("exclude %s: got %v, want %v", exclude, got, wanted)
		}
	}
}

func TestAFieldBesideTheNameOfAVariableIsFoundOnce(t *testing.T) {
	fields, err := locate.ParseFields("'spec/env[]/value'")
	if err != nil {
		t.Fatal(err)
	}
	found := findIn(t, locate.NewScope(fields, nil, prefix("RELATED_IMAGE_")), "x.yaml", "spec: {env: [{name: RELATED_IMAGE_x, value: q.io/b:1}]}")
	if len(found.Sites) != 1 || !found.Sites[0].Known || found.Sites[0].Named == nil {
		t.Errorf("got %+v, want one site, at a known place and beside a name", found.Sites)
	}
}

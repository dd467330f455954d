package locate_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/locate"
)

// find returns the sites of a file, a line each: document, path, reference, and where it is a component of an editor which.
func find(t *testing.T, name, source string) []string {
	t.Helper()
	var finder locate.Finder
	if _, err := finder.File(name, source); err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	got := []string{}
	for _, s := range finder.Sites {
		line := fmt.Sprintf("%d %s %s", s.Document, s.Path, s.Ref)
		if s.Editor != nil {
			line += fmt.Sprintf(" %s/%s/%s", s.Editor.Editor, s.Editor.Version, s.Editor.Component)
		}
		got = append(got, line)
		if at := source[s.Offset():]; s.Layer.Parent == nil && !strings.HasPrefix(at, s.Ref.String()) {
			t.Errorf("the offset of %s is at %.20q", line, at)
		}
	}
	for _, p := range finder.Problems {
		got = append(got, fmt.Sprintf("! %d %s %d %s", p.Document, p.Path, p.Line, p.Message))
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
		covered[row] = true
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

func TestListsAreReadByLine(t *testing.T) {
	source := "\uFEFFq.io/a/b:1\r\n\r\n# q.io/c:2\n  q.io/d:3  \nnot one\nq.io/e"
	got := find(t, "v3/external_images.txt", source)
	want := []string{"0  q.io/a/b:1", "0  q.io/d:3", "0  q.io/e", `! 0  5 "not one" is not an image reference`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAliasesDoNotExplode(t *testing.T) {
	source := "a0: &a0 {image: q.io/x:1}\n"
	for i := 1; i < 40; i++ {
		source += fmt.Sprintf("a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i-1, i-1)
	}
	var finder locate.Finder
	if _, err := finder.File("x.yaml", source); err != nil {
		t.Fatal(err)
	}
	if len(finder.Problems) != 1 || !strings.Contains(finder.Problems[0].Message, "nodes behind aliases") {
		t.Errorf("got problems %v, want one about aliases", finder.Problems)
	}
}

func TestDocumentsAreNestedToALimit(t *testing.T) {
	source := "image: q.io/x:1\n"
	for range 20 {
		source = "components:\n- kubernetes:\n    inlined: |\n" + indent(source)
	}
	var finder locate.Finder
	if _, err := finder.File("x.yaml", source); err != nil {
		t.Fatal(err)
	}
	if len(finder.Sites) != 0 || len(finder.Problems) != 1 || !strings.Contains(finder.Problems[0].Message, "nested more than") {
		t.Errorf("got %d sites and problems %v, want one about nesting", len(finder.Sites), finder.Problems)
	}
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n      ") + "\n"
}

package locate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/locate"
)

func TestListsAreReadByLine(t *testing.T) {
	source := "\uFEFFq.io/a/b:1\r\n\r\n# q.io/c:2\n  q.io/d:3  \nnot one\nq.io/e"
	got := find(t, "v3/external_images.txt", source)
	want := []string{"0  q.io/a/b:1", "0  q.io/d:3", "0  not one: an image reference has no white space", "0  q.io/e"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestEnvFilesAreListsOfPairs has what files that end with .env are written with, and of what is found the key, the text, and
// how far it counts.
func TestEnvFilesAreListsOfPairs(t *testing.T) {
	const pinned = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"
	for source, want := range map[string]string{
		"a=q.io/a:1":                            "a q.io/a:1",
		"\uFEFFa=q.io/a:1\r\nb=q.io/b:1\r\n":    "a q.io/a:1, b q.io/b:1",
		"# c=q.io/c:1\n\n  a = q.io/a:1  ":      "a q.io/a:1",
		"export a=q.io/a:1 # b=q.io/b:1":        "a q.io/a:1",
		"a='q.io/a:1'\nb=\"q.io/b:1\"\t# why":   "a q.io/a:1, b q.io/b:1",
		"a=q.io/a:1,b=q.io/b:1;c=q.io/c:1 d=x":  "a q.io/a:1, b q.io/b:1, c q.io/c:1, d x by its key",
		"17=q.io/java:17;":                      "17 q.io/java:17",
		"a=\"17=q.io/a:17\n21=q.io/a:21\n\"":    "17 q.io/a:17, 21 q.io/a:21",
		`a="17=q.io/a:17\n21=q.io/a:21"`:        "17 q.io/a:17, n21 q.io/a:21",
		"a=17=q.io/a:17,21=q.io/a:21":           "17 q.io/a:17, 21 q.io/a:21",
		"a=q.io/a:1,q.io/b:1 q.io/c x":          "a q.io/a:1, a q.io/b:1",
		"a=;q.io/a:1;b=":                        " q.io/a:1",
		"a=q.io/a" + pinned:                     "a q.io/a" + pinned,
		"a=mongo" + pinned:                      "a mongo" + pinned,
		"a=mongo:5\nb=q.io/b\nc=localhost:80":   "a mongo:5 by its key, b q.io/b by its key, c localhost:80 by its key",
		"a=Q.io/A:1\nb=--x y\nc=\nd":            "",
		"words without a key q.io/a:1":          " q.io/a:1",
		"a=${RELATED_IMAGE_x}\nb=q.io/b:1":      "a ${RELATED_IMAGE_x}, b q.io/b:1",
		"a={{ RELATED_IMAGE_x }}\nb=q.io/b:1":   "a {{ RELATED_IMAGE_x }}, b q.io/b:1",
		"a=${RELATED_IMAGE_x:-y z};b=q.io/b:1":  "b q.io/b:1",
		"a=RELATED_IMAGE_x\nb=q.io/b:1":         "b q.io/b:1", // it may be meant as the name
		"a=$(RELATED_IMAGE_x)\nb=RELATED":       "a $(RELATED_IMAGE_x)",
		"PATH=$PATH:/bin\na={{ x }}":            "",
		"RELATED_IMAGE_x=mongo":                 "RELATED_IMAGE_x mongo beside RELATED_IMAGE_x",
		"RELATED_IMAGE_x=q.io/a:1 q.io/b:1":     "RELATED_IMAGE_x q.io/a:1 beside RELATED_IMAGE_x, RELATED_IMAGE_x q.io/b:1",
		"RELATED_IMAGE_x=\nRELATED_IMAGE_y='' ": "",
	} {
		var got []string
		for _, name := range []string{"x/params.env", ".env"} {
			found := findIn(t, named("RELATED_IMAGE_"), name, source)
			got = nil
			for _, s := range found.Sites {
				line := s.Key + " " + s.Text
				if s.Named != nil {
					line += " beside " + s.Named.Variable
				}
				if s.ByKey {
					line += " by its key"
				}
				if s.Invalid != "" {
					line += " invalid"
				}
				if at := s.Offset(); s.Known || source[at:at+len(s.Text)] != s.Text {
					t.Errorf("%q: got %+v, want it at no known place, and its offset to be that of %s", source, s, s.Text)
				}
				got = append(got, line)
			}
			if found.Templates > 0 {
				t.Errorf("%q: %d templates were counted, want none", source, found.Templates)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", source, diff)
		}
	}
}

func TestAPairBesideTheNameOfAVariableKnowsItsObject(t *testing.T) {
	source := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: op}\nspec: {containers: [{env: [{name: X, value: %q}]}]}\n"
	found := findIn(t, named("RELATED_IMAGE_"), "x.yaml", fmt.Sprintf(source, "RELATED_IMAGE_a=q.io/a:1 b=q.io/b:1"))
	if len(found.Sites) != 2 || found.Sites[1].Named != nil {
		t.Fatalf("got %+v, want two sites, the first beside a name", found.Sites)
	}
	want := &locate.Named{Variable: "RELATED_IMAGE_a", Kind: "Deployment", Name: "op"}
	if diff := cmp.Diff(want, found.Sites[0].Named); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNothingElseIsBelowWhatHoldsNothing has rows before that of the annotations, and variables' names below it.
func TestNothingElseIsBelowWhatHoldsNothing(t *testing.T) {
	fields, err := locate.ParseFields("metadata/annotations/tool")
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range []locate.Scope{named("RELATED_IMAGE_"), locate.NewScope(fields, nil, prefix("RELATED_IMAGE_"))} {
		source := "metadata: {annotations: {RELATED_IMAGE_x: q.io/a:1, list: [{name: RELATED_IMAGE_x, value: q.io/b:1}]}}\n" +
			"variables: {RELATED_IMAGE_x: q.io/c:1}\n"
		if found := findIn(t, scope, "x.yaml", source); len(found.Sites) > 0 {
			t.Errorf("got %+v, want no sites", found.Sites)
		}
	}
}

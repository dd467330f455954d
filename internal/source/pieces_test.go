package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestAStreamIsCutIntoItsDocuments(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for name, test := range map[string]struct {
		stream string
		want   []string // the texts
	}{
		"nothing":                  {"", nil},
		"nothing but comments":     {"# a\n---\n# b\n...\n\n", nil},
		"one":                      {"a: 1\n", []string{"a: 1\n"}},
		"several":                  {"a: 1\n---\nb: 1\n--- c\n---", []string{"a: 1\n", "---\nb: 1\n", "--- c\n"}},
		"with CRLF":                {"a: 1\r\n---\r\nb: 1\r\n", []string{"a: 1\r\n", "---\r\nb: 1\r\n"}},
		"with a byte order mark":   {"\ufeff---\na: 1\n", []string{"\ufeff---\na: 1\n"}},
		"with directives":          {"%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 1\n", []string{"%YAML 1.2\n---\na: 1\n...", "\n%YAML 1.2\n---\nb: 1\n"}},
		"dashes that are no end":   {"a: |\n  ---\n---b: 1\n ---\n", []string{"a: |\n  ---\n---b: 1\n ---\n"}},
		"a mapping in braces":      {"{a: '}{', b: \"}\"}\n{c: 1}\n", []string{"{a: '}{', b: \"}\"}\n{c: 1}\n"}},
		"JSON":                     {"{\"a\": {\"b\": [{}]}}\n", []string{"{\"a\": {\"b\": [{}]}}\n"}},
		"JSON behind JSON":         {"{\"a\": 1}{}\n { \"b\": 1}\n# c\n{\n}", []string{"{\"a\": 1}", "{}\n ", "{ \"b\": 1}\n# c\n", "{\n}"}},
		"JSON and YAML":            {"{\"a\": 1}\n---\nb: 1\n---\n{\"c\": 1}\n{\"d\": 1}\n", []string{"{\"a\": 1}\n", "---\nb: 1\n", "---\n{\"c\": 1}\n", "{\"d\": 1}\n"}},
		"brackets in strings":      {`{"a": "}{\"}{\\"}{"b": "\\\""}`, []string{`{"a": "}{\"}{\\"}`, `{"b": "\\\""}`}},
		"JSON that is YAML":        {"{\"a\": 1}: 2\n{}\n", []string{"{\"a\": 1}: 2\n{}\n"}},
		"JSON that is not closed":  {"{\"a\": [\n---\nb: 1\n", []string{"{\"a\": [\n", "---\nb: 1\n"}},
		"long lines":               {`{"a": "` + long + `"}{"b": "` + long + `"}`, []string{`{"a": "` + long + `"}`, `{"b": "` + long + `"}`}},
		"a long line that is YAML": {"a: " + long + "\n---\nb: 1\n", []string{"a: " + long + "\n", "---\nb: 1\n"}},
	} {
		for kind, r := range map[string]io.Reader{"at once": strings.NewReader(test.stream), "by bytes": iotest.OneByteReader(strings.NewReader(test.stream))} {
			var got []string
			for p, err := range pieces(r) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, p.text)
				if at := test.stream[p.offset:]; !strings.HasPrefix(at, p.text) {
					t.Errorf("%s: %q is not at offset %d", name, p.text, p.offset)
				}
				if want := strings.Count(test.stream[:p.offset], "\n"); p.lines != want {
					t.Errorf("%s: %q: got %d lines before it, want %d", name, p.text, p.lines, want)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s, read %s: (-want +got)\n%.2000s", name, kind, diff)
			}
		}
	}
}

func TestAStreamThatBreaksIsAnError(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("a: 1\n---\nb: "), iotest.ErrReader(broken))
	var last error
	for _, last = range pieces(r) {
	}
	if !errors.Is(last, broken) {
		t.Errorf("got %v, want %v", last, broken)
	}
}

func TestAStreamIsReadNoFurtherThanItIsWanted(t *testing.T) {
	first := "a: 1\n---\n"
	r := io.MultiReader(strings.NewReader(first), iotest.ErrReader(errors.New("it was read")))
	for p, err := range pieces(r) {
		if err != nil || p.text != "a: 1\n" {
			t.Errorf("got %q, %v", p.text, err)
		}
		break
	}
}

// TestOfACatalogOnlyOnePackageIsKept reads 10,000 bundles.
func TestOfACatalogOnlyOnePackageIsKept(t *testing.T) {
	var catalog strings.Builder
	const packages, bundles = 100, 100
	for p := range packages {
		fmt.Fprintf(&catalog, `{"schema": "olm.package", "name": "p%d", "defaultChannel": "a"}`, p)
		fmt.Fprintf(&catalog, `{"schema": "olm.channel", "package": "p%d", "name": "a", "entries": [{"name": "p%[1]d.v0"}`, p)
		for b := 1; b < bundles; b++ {
			fmt.Fprintf(&catalog, `, {"name": "p%[1]d.v%[2]d", "replaces": "p%[1]d.v%[3]d"}`, p, b, b-1)
		}
		fmt.Fprintln(&catalog, "]}")
		for b := range bundles {
			fmt.Fprintf(&catalog, `{"schema": "olm.bundle", "package": "p%d", "name": "p%[1]d.v%d", "image": "quay.io/acme/p:1", `+
				`"properties": [{"type": "olm.csv.metadata", "value": {}}], "relatedImages": [{"name": "x", "image": "quay.io/acme/x:%[2]d"}]}`, p, b)
			fmt.Fprintln(&catalog)
		}
	}
	o := Opener{Stdin: strings.NewReader(catalog.String()), Package: "p42"}
	found, err := o.open(Stdin)
	if err != nil {
		t.Fatal(err)
	}
	if want := packages + 1 + bundles; len(found.blobs) != want || len(found.documents) != 0 {
		t.Errorf("got %d documents of the catalog and %d others, want %d and none", len(found.blobs), len(found.documents), want)
	}
	releases, err := o.releases(found)
	if err != nil || len(releases) != 1 || releases[0].Name != "p42.v99" || releases[0].Where != "stdin:4343" {
		t.Errorf("got %v, %v, want p42.v99 in line 4343", releases, err)
	}
	o = Opener{Stdin: strings.NewReader(catalog.String())}
	if found, err = o.open(Stdin); err != nil {
		t.Fatal(err)
	}
	for _, b := range found.blobs {
		if b.Read != nil {
			t.Fatalf("%s was kept, though nothing says which package is meant", b)
		}
	}
}

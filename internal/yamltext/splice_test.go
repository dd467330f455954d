package yamltext_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/yamltext"
)

// replaceAll edits every occurrence of old in any scalar's value.
func replaceAll(t *testing.T, source, old, text string) (string, error) {
	t.Helper()
	parsed, err := yamltext.Parse(source, nil)
	if err != nil {
		t.Fatalf("Parse(%q): %v", source, err)
	}
	var edits []yamltext.Edit
	var walk func(n *yamltext.Node)
	walk = func(n *yamltext.Node) {
		if n.Kind == yamltext.Scalar {
			for from := 0; ; {
				i := strings.Index(n.Value[from:], old)
				if i < 0 {
					break
				}
				edits = append(edits, yamltext.Edit{Node: n, From: from + i, To: from + i + len(old), New: text})
				from += i + len(old)
			}
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	for _, doc := range parsed.Docs {
		walk(doc)
	}
	if len(edits) == 0 {
		t.Fatalf("no scalar of %q holds %q", source, old)
	}
	return splice(parsed, edits)
}

// splice returns the text with the edits made.
func splice(text *yamltext.Text, edits []yamltext.Edit) (string, error) {
	changes, err := text.Splice(edits)
	if err != nil {
		return "", err
	}
	return yamltext.Apply(text.Source, slices.Concat(changes...))
}

func TestSpliceChangesTheValueAndNoOtherByte(t *testing.T) {
	const old, text = "q.io/x/y:1", "q.io/x/y@sha256:00"
	for name, source := range map[string]string{
		"plain":                      "image: OLD\n",
		"plain with comment":         "image: OLD # OTHER\n",
		"plain without final break":  "a: 1\nimage: OLD",
		"plain before trailing tabs": "image: OLD \t\nb: 1\n",
		"single-quoted":              "image: 'OLD'\n",
		"double-quoted":              "image: \"OLD\"  # OTHER \n",
		"literal":                    "image: |\n  OLD\n",
		"literal, strip":             "image: |-\n      OLD\nb: 2\n",
		"literal, keep":              "image: |+\n  OLD\n\n\nb: 2\n",
		"literal, indicator":         "image: |2-\n    OLD\n   x\nb: 2\n",
		"folded":                     "image: >-\n  OLD\n",
		"folded, keep":               "image: >+\n\n  OLD\n\n",
		"folded, in prose":           "d: >\n   see\n   OLD now,\n\n   or\n     OLD\n   done\nb: 2\n",
		"header comment":             "image: >- # OTHER\n  OLD\n",
		"CRLF":                       "a: 1\r\nimage: OLD\r\nb: |\r\n  x\r\n  OLD\r\nc: >-\r\n  OLD\r\n",
		"lone CR":                    "a: 1\rimage: OLD\rb: 2\r",
		"BOM":                        "\uFEFFimage: OLD\n",
		"BOM and comment":            "\uFEFF# é\nimage: OLD\n",
		"non-ASCII before":           "{é: '日本 💥', image: OLD}\n",
		"U+0085 ends a line":         "a: 'x'\u0085image: OLD\n",
		"U+2028 ends a line":         "a: \"x\u2028y\"\nimage: OLD\n",
		"flow":                       "c: [{image: OLD, n: a}, {\"image\":\"OLD\"}]\n",
		"JSON":                       "{\"c\": [\n\t{\"image\": \"OLD\"}\n]}\n",
		"anchor and tag":             "image: &a !!str OLD\nb: !x &c 'OLD'\nd: &e\n  OLD\nf: *a\n",
		"anchor, comment, block":     "image: &a # OTHER\n  !!str\n  OLD\nb: !!str >-\n  OLD\n",
		"explicit key":               "? image\n: OLD\n",
		"several documents":          "---\nimage: OLD\n---\n# OTHER\nimage: 'OLD'\n...\n---\nb: \"OLD\"\n",
		"directive":                  "%YAML 1.1\n---\nimage: OLD\n",
		"directive of YAML 1.2":      "%YAML 1.2\n---\nimage: OLD\n",
		"directives of YAML 1.2":     "\uFEFF# OTHER\n%YAML  1.2 # OTHER\n%TAG !e! tag:e\n---\nimage: OLD\n...\n%YAML 1.3\n---\nb: OLD\n",
		"BOM, document":              "a: 1\n---\n\uFEFFimage: OLD\nb: OLD\n",
		"BOM, marker":                "image: OLD\n\uFEFF---\nimage: OLD\nb: é OLD\n",
		"BOM, marker, CRLF":          "\uFEFFimage: OLD\r\n\uFEFF---\r\nimage: OLD\r\n",
		"BOM, directive":             "a: OLD\n...\n\uFEFF%YAML 1.2\n---\nimage: OLD\n",
		"BOM, comment":               "a: OLD\n\uFEFF# OTHER\n---\nimage: OLD\n",
		"BOM, sequence":              "a: OLD\n---\n\uFEFF- image: OLD\n- b: OLD\n",
		"BOM, flow":                  "a: OLD\n---\n\uFEFF{\"image\": \"OLD\"}\n",
		"BOMs":                       "\uFEFF\uFEFFa: OLD\n\uFEFF\n\uFEFF\uFEFFimage: OLD\n",
		"compact sequence":           "c:\n- image: OLD\n-  image:   OLD\n",
		"plain over lines":           "d: one\n  two OLD\n\n  three\nb: 2\n",
		"single-quoted over lines":   "d: 'it''s\n\n   two OLD\n   three'\nb: 2\n",
		"double-quoted over lines":   "d: \"one \\\n  \\  OLD\n\n\n  \\x41\\u00e9\\_ OLD\\\n\n  z\"\nb: 2\n",
		"PyYAML's wrapped text":      "d: \"a: 1\\nb: \\\"\\u2026\\\"\\nimage: OLD\\n\\\n  \\  c: x\\n\"\n",
		"key":                        "OLD: 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			in := strings.NewReplacer("OLD", old, "OTHER", old).Replace(source)
			want := strings.NewReplacer("OLD", text, "OTHER", old).Replace(source)
			got, err := replaceAll(t, in, old, text)
			if err != nil {
				t.Fatalf("Splice of %q: %v", in, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Splice of %q: (-want +got)\n%s", in, diff)
			}
		})
	}
}

func TestSpliceFillsEmptyScalars(t *testing.T) {
	for source, want := range map[string]string{
		"a: ''\n":                  "a: 'NEW'\n",
		"a: \"\" # ''\n":           "a: \"NEW\" # ''\n",
		"a: !!str ''\n":            "a: !!str 'NEW'\n",
		"a: &a !!str # ''\n  ''\n": "a: &a !!str # ''\n  'NEW'\n",
		"{a: '', b: ''}":           "{a: 'NEW', b: ''}",
		"a: \"\\\n  \"\n":          "a: \"NEW\\\n  \"\n",
		"a:\n":                     "a: NEW\n",
		"a:  # b\n\nb: 1\n":        "a: NEW  # b\n\nb: 1\n",
		"{a: , b: 1}":              "{a: NEW, b: 1}",
		"{a, b: 1}":                "",
		"{a:, b: 1}":               "",
		"? a\nb: 1\n":              "",
		"a: &b\nb: *b \n":          "",
		"a:":                       "a: NEW",
		"a: !!str\n":               "",
		"a: |\n":                   "",
	} {
		text, err := yamltext.Parse(source, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := splice(text, []yamltext.Edit{{Node: text.Docs[0].Content[1], New: "NEW"}})
		if uneditable := (*yamltext.UneditableError)(nil); want == "" && !errors.As(err, &uneditable) || want != "" && err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", source, got, err, want)
		}
	}
}

func TestSpliceKeepsTheEscapesThatTheValuesHaveInCommon(t *testing.T) {
	const old, text = "q.io/x/y:1", "q.io/x/y@sha256:00"
	got, err := replaceAll(t, `{"image": "\x71.io/x\u002Fy:1"}`, old, text)
	want := `{"image": "\x71.io/x\u002Fy@sha256:00"}`
	if err != nil || got != want {
		t.Errorf("Splice: got %q, %v, want %q", got, err, want)
	}
}

func TestSpliceReplacesAnEscapeAsAWhole(t *testing.T) {
	got, err := replaceAll(t, "image: \"q.io/x/y\\x3a\\\n  1\"\n", "q.io/x/y:1", "q.io/x/y@sha256:00")
	want := "image: \"q.io/x/y@sha256:00\"\n"
	if err != nil || got != want {
		t.Errorf("Splice: got %q, %v, want %q", got, err, want)
	}
}

func TestACommentIsPutBehindTheOneThatIsThere(t *testing.T) {
	for source, want := range map[string]string{
		"a: OLD":                           "a: NEW # m",
		"a: OLD\nb: c\n":                   "a: NEW # m\nb: c\n",
		"a: OLD  \r\nb: c":                 "a: NEW # m  \r\nb: c",
		"a: OLD # why":                     "a: NEW # why # m",
		"a: 'OLD'   # why \t \r\nb: c":     "a: 'NEW'   # why # m \t \r\nb: c",
		"[{a: OLD}] # kpt-set: ${x}\n":     "[{a: NEW}] # kpt-set: ${x} # m\n",
		"a: >- # why\n  OLD\n":             "a: >- # why # m\n  NEW\n",
		"a: |  \n  OLD\n":                  "a: | # m  \n  NEW\n",
		"a: \"O\\x4cD\" #\n":               "a: \"NEW\" # # m\n",
		"a: b # OLD\nc: OLD\t# é\n# OLD\n": "a: b # OLD\nc: NEW\t# é # m\n# OLD\n",
	} {
		text, err := yamltext.Parse(source, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := "", error(nil)
		if n := scalarWith(text.Docs[0], "OLD"); n != nil {
			got, err = splice(text, []yamltext.Edit{{Node: n, To: len("OLD"), New: "NEW", Comment: "m"}})
		}
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", source, got, err, want)
		}
	}
}

// scalarWith returns the first scalar whose value begins with text, or nil.
func scalarWith(n *yamltext.Node, text string) *yamltext.Node {
	if n.Kind == yamltext.Scalar && strings.HasPrefix(n.Value, text) {
		return n
	}
	for _, c := range n.Content {
		if found := scalarWith(c, text); found != nil {
			return found
		}
	}
	return nil
}

func TestSpliceRefusesAnEditThatChangesMore(t *testing.T) {
	for name, test := range map[string]struct{ source, old, text string }{
		"a comment begins":       {"image: OLD\n", "OLD", "x #y"},
		"a quote ends":           {"image: 'OLD'\n", "OLD", "x'"},
		"a document begins":      {"image: |\n  OLD\n", "OLD", "x\n---\ny"},
		"a mapping appears":      {"image: OLD\n", "OLD", "a: b"},
		"the type changes":       {"image: OLD\n", "OLD", "12"},
		"inside of an escape":    {"image: \"\\u00e9\"\n", "\xa9", "x"},
		"the same bytes, edited": {"a: &x OLD\nb: \"\\\n\"\n", "OLD", "*x"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := replaceAll(t, test.source, test.old, test.text)
			var uneditable *yamltext.UneditableError
			if !errors.As(err, &uneditable) {
				t.Errorf("Splice of %q: got %q, %v, want an *UneditableError", test.source, got, err)
			}
		})
	}
}

func TestSpliceOfNothingReturnsTheText(t *testing.T) {
	for _, source := range []string{"", "\n", "# nothing\n", "---\n...\n", "a: 1\r\n\r\nb: [ ]   \n", "\uFEFF"} {
		text, err := yamltext.Parse(source, nil)
		if err != nil {
			t.Fatalf("Parse(%q): %v", source, err)
		}
		if got, err := splice(text, nil); err != nil || got != source {
			t.Errorf("Splice of %q: got %q, %v", source, got, err)
		}
	}
}

func TestParseErrorsNameTheLine(t *testing.T) {
	for source, want := range map[string]string{
		"a: 1\nb: [\n":          "line 2",
		"a: 1\nb: \xff\n":       "line 2: byte 0xff is not UTF-8",
		"a: b: c\n":             "line 1",
		"x: 1\n\ty: 2\n":        "line 2",
		"a: {{ image }}x\n":     "line 1",
		"a: &a x\n---\nb: *a\n": "line 3: unknown anchor 'a'",
	} {
		if _, err := yamltext.Parse(source, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): got error %v, want one with %q", source, err, want)
		}
	}
}

func TestLinesCountCharactersAndNoByteOrderMark(t *testing.T) {
	source := "\uFEFFab\r\né日x\n\uFEFF\uFEFFcd\n"
	lines := yamltext.NewLines(source)
	for text, want := range map[string][2]int{"ab": {1, 1}, "b": {1, 2}, "é": {2, 1}, "x": {2, 3}, "cd": {3, 1}, "d": {3, 2}} {
		line, column := lines.At(strings.Index(source, text))
		if got := [2]int{line, column}; got != want {
			t.Errorf("At(%q): got %v, want %v", text, got, want)
		}
	}
}

// TestLinesAreAskedForInAnyOrder compares the answers with those of lines that were counted from
// the beginning.
func TestLinesAreAskedForInAnyOrder(t *testing.T) {
	source := "\uFEFFab\r\n\né日x\n" + strings.Repeat("long ", 50) + "\nend"
	lines := yamltext.NewLines(source)
	for range 500 {
		offset := len("\uFEFF") + rand.IntN(len(source)-len("\uFEFF"))
		for !utf8.RuneStart(source[offset]) {
			offset--
		}
		before := strings.TrimPrefix(source[:offset], "\uFEFF")
		line, column := lines.At(offset)
		if want := 1 + strings.Count(before, "\n"); line != want {
			t.Errorf("At(%d): got line %d, want %d", offset, line, want)
		}
		if want := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]); column != want {
			t.Errorf("At(%d): got column %d, want %d", offset, column, want)
		}
	}
}

// FuzzSplice edits the first reference in any text: whatever is spliced must be for yaml.v3, which
// is asked by itself, the same text with that value changed.
func FuzzSplice(f *testing.F) {
	const old, text = "q.io/x:1", "q.io/x@sha256:00"
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		f.Fatalf("found scripts %v, %v", scripts, err)
	}
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(strings.ReplaceAll(string(file.Data), "quay.io/acme/udi:latest", old))
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		parsed, err := yamltext.Parse(source, nil)
		if err != nil {
			return
		}
		if got, err := splice(parsed, nil); err != nil || got != source {
			t.Fatalf("Splice of nothing: got %q, %v, want %q", got, err, source)
		}
		got, err := replaceFirst(parsed, old, text)
		if err != nil || got == "" {
			return
		}
		before, ok := values(source)
		after, stillOK := values(got)
		if !ok {
			return // JSON's escapes, which yaml.v3 does not know
		}
		if !stillOK || len(before) != len(after) {
			t.Fatalf("%q became %q: yaml.v3 reads %q, then %q", source, got, before, after)
		}
		changed := 0
		for i := range before {
			if before[i] != after[i] {
				changed++
				if after[i] != strings.Replace(before[i], old, text, 1) {
					t.Fatalf("%q became %q: the value %q became %q", source, got, before[i], after[i])
				}
			}
		}
		if changed != 1 {
			t.Fatalf("%q became %q: %d values changed", source, got, changed)
		}
	})
}

// replaceFirst edits the first scalar that holds old, and returns the new text, or "" if none does.
func replaceFirst(parsed *yamltext.Text, old, text string) (string, error) {
	var find func(n *yamltext.Node) *yamltext.Node
	find = func(n *yamltext.Node) *yamltext.Node {
		if n.Kind == yamltext.Scalar && strings.Contains(n.Value, old) {
			return n
		}
		for _, c := range n.Content {
			if found := find(c); found != nil {
				return found
			}
		}
		return nil
	}
	for _, doc := range parsed.Docs {
		if n := find(doc); n != nil {
			from := strings.Index(n.Value, old)
			return splice(parsed, []yamltext.Edit{{Node: n, From: from, To: from + len(old), New: text}})
		}
	}
	return "", nil
}

// values returns the values of all scalars, by yaml.v3.
func values(source string) (values []string, ok bool) {
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			values = append(values, n.Value)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(source))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			return values, true
		} else if err != nil {
			return nil, false
		}
		walk(&doc)
	}
}

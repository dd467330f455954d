package yamltext

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"inject-related-images/internal/yamltext/internal/fastyaml"
)

// same compares the trees of both parsers. The offsets of nothing may differ.
func same(fast, slow *Node) error {
	a, b := *fast, *slow
	a.Content, b.Content = nil, nil
	if a.Kind == Scalar && a.Value == "" && a.Style == Plain {
		a.Offset = b.Offset
	}
	if !reflect.DeepEqual(a, b) || len(fast.Content) != len(slow.Content) {
		return fmt.Errorf("fast %+v with %d nodes, yaml.v3 %+v with %d", a, len(fast.Content), b, len(slow.Content))
	}
	for i := range fast.Content {
		if err := same(fast.Content[i], slow.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

// agree checks that the fast parser reads source as yaml.v3 does, or is unsure, which it returns.
func agree(source string) (unsure bool, err error) {
	fast, _, sure := fastyaml.Parse(source, nil)
	if !sure {
		return true, nil
	}
	slow, _, err := parseAll(source)
	if IsJSON(source) && (err != nil || !isYAML(source)) {
		return false, nil // TestJSONIsReadAsGoReadsIt holds it to something else
	}
	if err != nil {
		if strings.Contains(err.Error(), "escape") {
			return false, nil // JSON's, which yaml.v3 does not know
		}
		return false, fmt.Errorf("yaml.v3 says %w", err)
	}
	if len(fast) != len(slow) {
		return false, fmt.Errorf("fast reads %d documents, yaml.v3 %d", len(fast), len(slow))
	}
	for i := range fast {
		if err := same(fast[i], slow[i]); err != nil {
			return false, err
		}
	}
	return false, nil
}

// isYAML tells whether YAML can have all characters of JSON.
func isYAML(source string) bool {
	return !strings.ContainsFunc(source, func(c rune) bool {
		return c == '\r' || 0x7f <= c && c < 0xA0 || c == 0x2028 || c == 0x2029 || c >= 0xFEFF
	})
}

func TestFastParserReadsRealFilesAsYAMLv3Does(t *testing.T) {
	files, unsure := 0, 0
	for _, dir := range []string{"../../examples", "../../../shared/corpus"} {
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".yaml" && filepath.Ext(name) != ".json" {
				return err
			}
			source, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			files++
			u, err := agree(string(source))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if u {
				unsure++
				t.Logf("%s: unsure", name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files == 0 || unsure > files/20 {
		t.Errorf("the fast parser is unsure of %d of %d files", unsure, files)
	}
}

func TestFastParserIsSureOfWhatIsUsual(t *testing.T) {
	for _, source := range []string{
		"a: b#c\n", "a: http://x/y#z\n", "- a: b\n  c:\n  - d\n-   e\n", "a:\n\n  # x\n  b: c # d\n",
		"a: [b, {c: d}, \"e\"]\n", "{\"a\":1}", "--- # x\na: b\n---\nc: |-\n  d\n\n  e\n",
		"a: >-\n  b\n   c\nd: 'e\n  f'\n", "a: b\n  c\nd: e", "\uFEFFa: b\r\nc:\r\n", "{\"a\": \"\\ud83d\\ude00\"}\n",
	} {
		if unsure, err := agree(source); unsure || err != nil {
			t.Errorf("%q: unsure %t, %v", source, unsure, err)
		}
	}
}

func TestFastParserIsUnsureOfWhatItMayReadOtherwise(t *testing.T) {
	deep, long := 20_000, strings.Repeat("x", 1_100)
	for _, source := range []string{
		"a: &b c\n", "a: *b\n", "a: !!str b\n", "%YAML 1.1\n---\na: b\n", "? a\n: b\n", "a:\n\tb\n", "a: b\n...\n",
		"a\n", "|\n  a\n", "a: @b\n", "a: [b, c: d]\n",
		"a: \"b\u2028c\"\n", "a: \"b\u2029c\"\n", "a: \"b\u0085c\"\n", "a: \"b\rc\"\n", "a: \"b\uFEFFc\"\n",
		"a: \"b\uFFFEc\"\n", "a: \"b\uFFFFc\"\n", "a: \"b\x00c\"\n", "a: \"b\x7Fc\"\n",
		"a: \"b\xFFc\"\n", strings.Repeat("[", deep) + strings.Repeat("]", deep), strings.Repeat("- ", deep) + "a",
		long + ": a\n", "{" + long + ": a}\n",
	} {
		if unsure, _ := agree(source); !unsure {
			t.Errorf("%.80q: it is sure", source)
		}
	}
}

func FuzzFastParserAgreesWithYAMLv3(f *testing.F) {
	for _, seed := range []string{
		"a: 1\nb:\n- x\n- y: z\n  w: |\n    l\n   \n", "{\"a\": [1, \"b\\/c\"], 'c': d}\n",
		"---\na: >-\n  b\n\n  c\n# x\n---\n- - 'it''s'\n  - \"q\\\n    r\"\n",
		"k: a b\n  c # d\ne:\n  f: [g, {h: i}]\n", "a:\r\n  b: |+\r\n    c\r\n\r\nd: e\r\n",
		"- |2\n    x\n- >\n  a\n   b\n  c\n", "\uFEFFa: é\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if checkUTF8(source) != nil {
			return
		}
		if _, err := agree(source); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	})
}

// soup writes a text of YAML's pieces in no particular order, but indented like a document.
func soup(r *rand.Rand) string {
	pieces := []string{
		"a", "b c", ": ", ":", "- ", "-", "\n", "\n  ", "\n", "\n    ", " ", "  ", "'", "\"", "'x'", "\"y\"", "''",
		"|", ">", "|-", ">+", "|2", "#", " # x",
		"---", "\n---\n", "...", "\t", "{", "}", "[", "]", ", ", ",", "é", "\\n", "\\", "\r\n", "k: ", "k:\n  ",
		"- k: v\n", "~", "1", "true", "?", "<<",
		"k: |\n  x\n", "k: >\n  x\n\n  y\n", "- >-\n  x\n   y\n", "{a: b}", "[c, 'd']", "k: 'v'\n", "\"k\": v\n",
	}
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestFastParserReadsAnythingAsYAMLv3DoesOrIsUnsure(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const texts = 200_000
	unsure, failed := 0, 0
	for range texts {
		source := soup(r)
		u, err := agree(source)
		if err != nil {
			t.Errorf("%q: %v", source, err)
			if failed++; failed == 20 {
				t.FailNow()
			}
		}
		if u {
			unsure++
		}
	}
	t.Logf("unsure of %d of %d", unsure, texts)
}

// TestFastParserKnowsNumbersFromText reads what looks like a number, a time, a truth or nothing,
// wherever it can stand.
func TestFastParserKnowsNumbersFromText(t *testing.T) {
	values := []string{
		"0", "1", "-1", "+1", "08", "007", "0x1F", "0X1f", "0x_1", "0x", "0o7", "0o8", "0b1", "0b2", "0B1", "1_000",
		"1__0", "_1", "12345678901234567890", "99999999999999999",
		"1.5", "1.", ".5", ".", "..", "1.2.3", "0.0.0", "1e3", "1E3", "1e", "1e+3", "1.5e-3", "0e0", ".inf", "-.INF",
		".nan", ".NaN", "inf", "nan", "1:2", "1:30:00", "190:20:30",
		"2026-11-22", "2026-11-22T10:00:00Z", "2026-11-22 10:00:00", "2026-1-2", "2026-13-40", "20261122", "true",
		"True", "TRUE", "tRUE", "false", "yes", "Yes", "no", "NO", "on",
		"Off", "y", "Y", "n", "N", "null", "Null", "NULL", "nULL", "~", "~1", "<<", "=", "100m", "2Gi", "512Mi",
		"0.5", "v1", "1a", "1-2", "1+2", "1 2", "0a", "1x2", "é1", "1é",
	}
	for _, value := range values {
		for _, form := range []string{
			"k: %\n", "- %\n", "k:\n  %\n", "[%]\n", "{k: %}\n", "%: v\n", "{%: v}\n", "k: % # c\n", "k: %\r\n",
			"k: %", "k: '%'\n", "k: |\n  %\n",
		} {
			if _, err := agree(strings.ReplaceAll(form, "%", value)); err != nil {
				t.Errorf("%q: %v", strings.ReplaceAll(form, "%", value), err)
			}
		}
	}
}

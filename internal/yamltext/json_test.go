package yamltext_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/yamltext"
)

// jsonTokens returns the texts, other values and collections of JSON in order, as Go's decoder has
// them.
func jsonTokens(t *testing.T, source string) []string {
	t.Helper()
	var tokens []string
	decoder := json.NewDecoder(strings.NewReader(source))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return tokens
		}
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' || token == '[' {
				tokens = append(tokens, token.String())
			}
		case string:
			tokens = append(tokens, fmt.Sprintf("%q", token))
		case nil:
			tokens = append(tokens, "null")
		default:
			tokens = append(tokens, fmt.Sprint(token))
		}
	}
}

// nodeTokens returns the same of a node.
func nodeTokens(n *yamltext.Node) []string {
	var tokens []string
	switch {
	case n.Kind == yamltext.Mapping:
		tokens = append(tokens, "{")
	case n.Kind == yamltext.Sequence:
		tokens = append(tokens, "[")
	case n.Style == yamltext.DoubleQuoted:
		return []string{fmt.Sprintf("%q", n.Value)}
	default:
		return []string{n.Value}
	}
	for _, c := range n.Content {
		tokens = append(tokens, nodeTokens(c)...)
	}
	return tokens
}

// randomJSON writes JSON with everything in it that YAML does not have.
func randomJSON(r *rand.Rand, b *bytes.Buffer, depth int) {
	space := func() { b.WriteString([]string{"", "", " ", "\n", "\r\n", "\t", "\r", "  \n\t"}[r.IntN(8)]) }
	text := func() {
		b.WriteByte('"')
		for range r.IntN(5) {
			b.WriteString([]string{
				"a", " ", "  ", "é", "\x7f", "\u0080", "\u0085", " \u0085 ", "\u2028", "\u2029 ", "\uFEFF", "\uFFFE", "\uFFFF", "💥", "'", "#", ": ", "- ", "{", "q.io/x:1",
				`\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`, `\u0000`, `\u00e9`, `\ud83d\ude00`, `\ud800`, `\udc00`, `\ud800x`, `\ud800\u0041`, `\ud800\ud800`, `\uDBFF\uDFFF`,
				strings.Repeat("long", 300),
			}[r.IntN(38)])
		}
		b.WriteByte('"')
	}
	space()
	switch what := r.IntN(6); {
	case what == 0 && depth > 0, depth == 3:
		b.WriteString("[")
		space()
		for i := range r.IntN(4) {
			if i > 0 {
				b.WriteString(",")
			}
			randomJSON(r, b, depth-1)
		}
		b.WriteString("]")
	case what == 1 && depth > 0:
		b.WriteString("{")
		space()
		for i := range r.IntN(4) {
			if i > 0 {
				b.WriteString(",")
				space()
			}
			text()
			space()
			b.WriteString(":")
			randomJSON(r, b, depth-1)
		}
		b.WriteString("}")
	case what == 2:
		b.WriteString([]string{"0", "-1", "1.5", "1e3", "1E-3", "true", "false", "null"}[r.IntN(8)])
	default:
		text()
	}
	space()
}

func TestJSONIsReadAsGoReadsIt(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		var b bytes.Buffer
		randomJSON(r, &b, 3)
		source := b.String()
		parsed, err := yamltext.Parse(source, nil)
		if err != nil || len(parsed.Docs) != 1 {
			t.Fatalf("Parse(%q): got %+v, %v", source, parsed, err)
		}
		got, want := strings.Join(nodeTokens(parsed.Docs[0]), "\n"), strings.Join(jsonTokens(t, source), "\n")
		if got != want {
			t.Fatalf("Parse(%q): got %s, want %s", source, got, want)
		}
	}
}

// TestJSONValuesAreReadOneBehindTheOther has streams as jq and opm write them, which are no YAML.
func TestJSONValuesAreReadOneBehindTheOther(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 5_000 {
		var b bytes.Buffer
		values := 2 + r.IntN(3)
		for range values {
			randomJSON(r, &b, 3)
		}
		source := b.String()
		parsed, err := yamltext.Parse(source, nil)
		if err != nil || len(parsed.Docs) != values {
			t.Fatalf("Parse(%q): got %+v, %v, want %d documents", source, parsed, err, values)
		}
		var got []string
		for _, doc := range parsed.Docs {
			got = append(got, nodeTokens(doc)...)
		}
		if want := jsonTokens(t, source); !slices.Equal(got, want) {
			t.Fatalf("Parse(%q): got %v, want %v", source, got, want)
		}
	}
	for _, source := range []string{"{} {} x", "{}, {}", "{} 1", "{} \"a\"", "{} {", "{} }", "[] # c\n[]", "{} 'a': b"} {
		if parsed, err := yamltext.Parse(source, nil); err == nil {
			t.Errorf("Parse(%q): got %+v, want an error", source, parsed)
		}
	}
}

func TestJSONThatIsNoYAMLIsEditedInPlace(t *testing.T) {
	const old, text = "q.io/x/y:1", "q.io/x/y@sha256:00"
	for name, source := range map[string]string{
		"a raw DEL":                 "{\"a\": \"\x7f\", \"image\": \"OLD\"}",
		"a raw DEL beside":          "{\"image\": \"\x7fOLD\"}",
		"a C1 control":              "{\"a\": \"\u0080\", \"image\": \"OLD\"}",
		"a lone surrogate":          `{"a": "\ud800", "image": "OLD"}`,
		"a lone surrogate beside":   `{"image": "OLD\udc00\ud800\u0041"}`,
		"a long key":                `{"` + strings.Repeat("k", 1025) + `": {"image": "OLD"}}`,
		"a long key on two lines":   "{\"" + strings.Repeat("k", 2000) + "\"\n: {\"image\": \"OLD\"}}",
		"a byte order mark inside":  "{\"a\": \"\uFEFF\", \"image\": \"OLD\"}",
		"U+FFFF":                    "{\"a\": \"\uFFFF\", \"image\": \"OLD\"}",
		"several values":            `{"a": 1}{"image": "OLD"} [{"image": "OLD"}]` + "\n",
		"values on lines":           "{\"image\": \"OLD\"}\n{\"image\": \"OLD\"}\r\n\n",
		"a lone CR":                 "\r[\"\x7f\",\r{\"image\": \"OLD\"}\r]\r\n",
		"a byte order mark before":  "\uFEFF {\"a\": \"\x7f\", \"image\": \"OLD\"}\n",
		"white space before a tab":  "\t{\"a\": \"\x7f\", \"image\": \"OLD\"}",
		"U+2028 between two blanks": "{\"a\": \"\x7f \u2028 \", \"image\": \"OLD\"}",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := replaceAll(t, strings.ReplaceAll(source, "OLD", old), old, text)
			if want := strings.ReplaceAll(source, "OLD", text); err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

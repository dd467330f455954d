package krm_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"inject-related-images/internal/krm"
)

// TestQuotesAreYAML quotes all characters that there are.
func TestQuotesAreYAML(t *testing.T) {
	var want []byte
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf8.ValidRune(r) {
			want = utf8.AppendRune(want, r)
		}
		if r%1000 != 0 && r != unicode.MaxRune {
			continue
		}
		var got string
		if err := yaml.Unmarshal([]byte(krm.Quote(string(want))), &got); err != nil || got != string(want) {
			t.Fatalf("characters up to %U: got %q, %v, want %q", r, got, err, want)
		}
		want = want[:0]
	}
}

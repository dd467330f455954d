package engine

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestTheReferenceHasAllRules compares the headings of the reference with the rules, in order. Their
// examples are run by the program's tests.
func TestTheReferenceHasAllRules(t *testing.T) {
	text, err := os.ReadFile("../../fn/inject-related-images/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, match := range regexp.MustCompile("(?m)^### [0-9]+\\. `([a-z-]+)`$").FindAllSubmatch(text, -1) {
		got = append(got, string(match[1]))
	}
	for _, r := range rules {
		if r.name != "" && !slices.Contains(want, r.name) {
			want = append(want, r.name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the reference has the rules %q, want %q", got, want)
	}
}

package krm_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/config"
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

// TestAForeignCSVIsAnErrorOnlyIfThatFails has a variable without an image, which fails too.
func TestAForeignCSVIsAnErrorOnlyIfThatFails(t *testing.T) {
	csv := strings.Replace(releaseItem{name: "o.v1", image: "1"}.String(), "env: [",
		"env: [{name: RELATED_IMAGE_bad, value: check release}, ", 1)
	source := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: " + csv + "\nitems:\n- spec: {containers: [{image: other.io/x:1}]}\n"
	for failOn, want := range map[string]framework.Severity{
		"bad-variable":          framework.Error,
		"bad-variable,-foreign": framework.Warning,
	} {
		_, results, err := run(source, config.Values{"mode": {Text: "check"}, "fail-on": {Text: failOn}})
		var got []framework.Severity
		for _, r := range results {
			if strings.Contains(r.Message, "does not have the repository of the reference") {
				got = append(got, r.Severity)
			}
		}
		if err == nil || !slices.Equal(got, []framework.Severity{want}) {
			t.Errorf("fail-on %s: got %v, %v, want one result, %s, and an error", failOn, got, err, want)
		}
	}
}

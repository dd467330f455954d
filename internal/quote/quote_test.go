package quote_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/quote"
)

var names = map[string]string{ // and how they are quoted
	"":                             "",
	"v3/plugins/a b.yaml":          "v3/plugins/a b.yaml",
	"größe/日本.yaml":                "größe/日本.yaml",
	"quay.io/acme/udi:1@sha256:00": "quay.io/acme/udi:1@sha256:00",
	"[::1]:5000/acme/udi":          "[::1]:5000/acme/udi",
	"a\tb\nc\rd":                   `"a\tb\nc\rd"`,
	"\a\b\v\f":                     `"\a\b\v\f"`,
	`say "a\b"`:                    `"say \"a\\b\""`,
	"\x1b[31mred\x00\x7f":          `"\033[31mred\000\177"`,
	"\u0085\u009b1m":               `"\302\205\302\2331m"`,
	"a\u202eb\u2066c\ufeffd\u2028": `"a\342\200\256b\342\201\246c\357\273\277d\342\200\250"`,
	"\U000e0041":                   `"\363\240\201\201"`,
	"latin \xe9\xff.yaml":          `"latin \351\377.yaml"`,
	"\ufffd":                       "\ufffd", // by itself it is text
	"::error title=x::y":           `":\072error title=x:\072y"`,
	"a ##[group]b ##vso[task.x]":   `"a #\043[group]b #\043vso[task.x]"`,
	":::error":                     `"::\072error"`,
	"# ## a::1":                    "# ## a::1",
}

func TestNamesAreQuotedAsGitDoes(t *testing.T) {
	for name, want := range names {
		got := quote.Name(name)
		if got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
		if again := quote.Text(got); again != got {
			t.Errorf("%q: a message with the name %s has it as %s", name, got, again)
		}
		if text := quote.Text(name); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e }) {
			t.Errorf("%q: got the message %q", name, text)
		}
	}
}

// TestGitReadsQuotedNames has git list files by names that it is given quoted.
func TestGitReadsQuotedNames(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on this machine")
	}
	for name := range names {
		if name == "" || strings.Contains(name, "\x00") {
			continue
		}
		dir := t.TempDir()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		patch := "--- /dev/null\n+++ " + quote.Name("b/"+name) + "\n@@ -0,0 +1 @@\n+a\n"
		git := exec.Command("git", "apply", "-")
		git.Dir, git.Stdin = dir, strings.NewReader(patch)
		output, err := git.CombinedOutput()
		if content, err2 := os.ReadFile(file); err != nil || err2 != nil || string(content) != "a\n" {
			t.Errorf("%q: %v %s, %v", name, err, output, err2)
		}
	}
}

func TestJoinedErrorsAreLines(t *testing.T) {
	a, b := errors.New("a\n::error"), fmt.Errorf("b: %w", os.ErrNotExist)
	both := errors.Join(a, errors.Join(b))
	for _, test := range []struct {
		err  error
		want []string
	}{
		{a, []string{`a\n:\072error`}},
		{both, []string{`a\n:\072error`, "b: file does not exist"}},
		{fmt.Errorf("csv\n: %w", both), []string{`csv\n: a\n:\072error`, `csv\n: b: file does not exist`}},
		{fmt.Errorf("%w\n%w", a, b), []string{`a\n:\072error`, "b: file does not exist"}},
		{fmt.Errorf("%w\nand %w", a, b), []string{`a\n:\072error\nand b: file does not exist`}},
		{fmt.Errorf("%w: more", b), []string{`b: file does not exist: more`}},
	} {
		if got := quote.Lines(test.err); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.err, got, test.want)
		}
	}
}

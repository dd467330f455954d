package files

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/yamlgen"
)

// pair is a file before and after edits.
type pair struct{ name, before, after string }

// pairs generates registry files, whose references change, and files of lines with edits near each other.
func pairs() []pair {
	const each = 300
	r := rand.New(rand.NewPCG(5, 6))
	references := []yamlgen.Reference{
		{Old: "q.io/x/a:1", New: "q.io/x/a@sha256:" + strings.Repeat("0a", 32)},
		{Old: "q.io/x/b:1", New: "other.io/y/t:2"},
		{Old: "q.io/x/c:1", New: "q.io/x/c:1"},
	}
	var result []pair
	for i := range each {
		text := yamlgen.Generate(r, references)
		before, after := editedLines(r)
		result = append(result, pair{fmt.Sprintf("registry/%d.yaml", i), text.Before, text.After},
			pair{fmt.Sprintf("lines/no. %d.txt", i), before, after}) // the name has a space
	}
	return slices.DeleteFunc(result, func(p pair) bool { return p.before == p.after })
}

// editedLines generates lines, some of which repeat, and edits with a few lines between them, or none.
func editedLines(r *rand.Rand) (before, after string) {
	newline := []string{"\n", "\n", "\r\n"}[r.IntN(3)]
	line := func() string {
		if r.IntN(2) == 0 {
			return "repeated " + strconv.Itoa(r.IntN(4)) + newline
		}
		return "unique " + strconv.Itoa(r.Int()) + newline
	}
	var old, new strings.Builder
	untouched := r.IntN(10)
	for range 10 + r.IntN(70) {
		kept := line()
		old.WriteString(kept)
		if untouched > 0 {
			untouched--
			new.WriteString(kept)
			continue
		}
		for range []int{1, 1, 1, 0, 2, 3}[r.IntN(6)] { // replaced, deleted, or replaced and more behind it
			new.WriteString(line())
		}
		untouched = r.IntN(12)
	}
	before, after = old.String(), new.String()
	if r.IntN(4) == 0 {
		before = strings.TrimRight(before, "\r\n")
	}
	if r.IntN(4) == 0 {
		after = strings.TrimRight(after, "\r\n")
	}
	return before, after
}

// TestPatchAppliesAndReversesEveryDiff has GNU patch turn the old texts into the new ones and back.
// Each hunk must fit where its header says: patch tells where it moved one (offset) or left out
// context (fuzz).
func TestPatchAppliesAndReversesEveryDiff(t *testing.T) {
	need(t, "patch")
	files := pairs()
	dir := t.TempDir()
	var diffs strings.Builder
	for _, p := range files {
		write(t, filepath.Join(dir, "tree", p.name), p.before)
		diffs.WriteString(Unified(p.name, p.before, p.after))
	}
	write(t, filepath.Join(dir, "diffs"), diffs.String())
	for _, direction := range []struct {
		args []string
		want func(pair) string
	}{
		{[]string{"-p1", "-i", "../diffs"}, func(p pair) string { return p.after }},
		{[]string{"-p1", "-R", "-i", "../diffs"}, func(p pair) string { return p.before }},
	} {
		out, err := gnu(filepath.Join(dir, "tree"), "patch", direction.args...)
		if err != nil {
			t.Fatalf("patch %v: %v\n%s", direction.args, err, out)
		}
		for line := range strings.Lines(out) {
			if !strings.HasPrefix(line, "patching file ") {
				t.Errorf("patch %v says: %s", direction.args, line)
			}
		}
		for _, p := range files {
			got, err := os.ReadFile(filepath.Join(dir, "tree", p.name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(direction.want(p), string(got)); diff != "" {
				t.Errorf("patch %v: %s: (-want +got)\n%s", direction.args, p.name, diff)
			}
		}
	}
}

// TestHunkHeadersAreThoseOfGNUDiff compares headers where GNU diff keeps the same lines, which it
// does in nearly all texts. In the others the headers must agree with their own lines.
func TestHunkHeadersAreThoseOfGNUDiff(t *testing.T) {
	need(t, "diff")
	files := pairs()
	same, several := 0, 0
	dir := t.TempDir()
	for _, p := range files {
		write(t, filepath.Join(dir, "a", p.name), p.before)
		write(t, filepath.Join(dir, "b", p.name), p.after)
		out, _ := gnu(dir, "diff", "--text", "-U3", "a/"+p.name, "b/"+p.name) // it exits with 1 where files differ
		theirs := hunks(t, p.name, out)
		ours := hunks(t, p.name, Unified(p.name, p.before, p.after))
		if !slices.EqualFunc(ours, theirs, func(a, b hunk) bool { return a.body == b.body }) {
			continue
		}
		same++
		if len(ours) > 1 {
			several++
		}
		if diff := cmp.Diff(theirs, ours, cmp.AllowUnexported(hunk{})); diff != "" {
			t.Errorf("%s: (-GNU diff +got)\n%s", p.name, diff)
		}
	}
	if same < len(files)*9/10 || several < len(files)/5 {
		t.Errorf("of %d texts %d have the same lines in GNU diff's hunks, %d of them in several: that is too few",
			len(files), same, several)
	}
}

// hunk is a hunk as its header has it, and its lines.
type hunk struct {
	from, old, to, new int // -from,old +to,new
	body               string
}

// hunks reads a diff of one file. Each header must agree with the lines below it and with the hunks before it.
func hunks(t *testing.T, name, diff string) []hunk {
	t.Helper()
	var result []hunk
	shift, next := 0, 1 // how many lines the hunks before added; the first old line behind them
	for _, text := range strings.Split(diff, "\n@@ ")[1:] {
		header, body, _ := strings.Cut(text, "\n")
		h := hunk{old: 1, new: 1, body: strings.TrimSuffix(body, "\n")}
		from, to, _ := strings.Cut(strings.TrimSuffix(header, " @@"), " ")
		fmt.Sscanf(from, "-%d,%d", &h.from, &h.old) // GNU diff writes -5 for -5,1
		fmt.Sscanf(to, "+%d,%d", &h.to, &h.new)
		old, new := 0, 0
		for line := range strings.SplitSeq(h.body, "\n") {
			switch line[0] {
			case ' ':
				old, new = old+1, new+1
			case '-':
				old++
			case '+':
				new++
			}
		}
		if old != h.old || new != h.new || h.to != h.from+shift || h.from < next {
			t.Errorf("%s: the hunk @@ %s has %d old and %d new lines, behind line %d and hunks that added %d, in\n%s",
				name, header, old, new, next-1, shift, diff)
		}
		shift, next = shift+new-old, h.from+old
		result = append(result, h)
	}
	return result
}

// need skips the test where a tool is missing, but fails it in CI.
func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing", tool)
	}
	t.Skipf("%s is not on this machine", tool)
}

// gnu runs a tool in dir, in English, and returns what it says.
func gnu(dir, tool string, args ...string) (string, error) {
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

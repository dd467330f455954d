package files

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPatchAndGitReadDiffs applies diffs of files with odd names. A name that holds a diff must not
// change the file that it names.
func TestPatchAndGitReadDiffs(t *testing.T) {
	const before, after = "a\nb\nc\n", "a\nx\nc\n"
	for _, command := range [][]string{{"patch", "-p1"}, {"git", "apply"}} {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("%s is not on this machine", command[0])
			continue
		}
		for _, name := range []string{
			"plain.yaml", "a b.yaml", " a", "a ", "a\tb.yaml", "a\nb.yaml", "a\r.yaml", `"a\b".yaml`, "größe/日本.yaml", "latin \xe9.yaml",
			"\x1b[31m\u202e.yaml", "::error title=x::y.yaml", "x 2020-01-01 00:00:00 +0000",
			"x\n--- a/victim\n+++ b/victim\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n--- a/y",
		} {
			dir := t.TempDir()
			write := func(name, content string) {
				file := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write(name, before)
			write("victim", before)
			diff := Unified(name, before, after)
			if lines := strings.Count(diff, "\n"); lines != 7 {
				t.Errorf("%q: got a diff of %d lines, want 7:\n%s", name, lines, diff)
			}
			run := exec.Command(command[0], command[1:]...)
			run.Dir, run.Stdin = dir, strings.NewReader(diff)
			output, err := run.CombinedOutput()
			got, _ := os.ReadFile(filepath.Join(dir, name))
			victim, _ := os.ReadFile(filepath.Join(dir, "victim"))
			if err != nil || string(got) != after || string(victim) != before {
				t.Errorf("%s of %q: %v, %s, got %q, and of another file %q\n%s", command[0], name, err, output, got, victim, diff)
			}
		}
	}
}

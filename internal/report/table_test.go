package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/report"
)

func table(t *testing.T, screen report.Screen, findings ...engine.Finding) string {
	t.Helper()
	files := make([][]engine.Finding, len(findings))
	for i, f := range findings {
		files[i] = []engine.Finding{f}
	}
	return written(t, "table", report.Findings{Files: files, Screen: screen})
}

func TestTableWrapsWhatIsTooWide(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0", 64)
	got := table(t, report.Screen{Width: 60},
		engine.Finding{File: "日本/a.yaml", Line: 7, Image: "q.io/a/b:1", Status: engine.Stale, Proposed: "q.io/a/b@" + digest},
		engine.Finding{File: "plugin-registry/b.yaml", Line: 12, Image: "q.io/c", Status: engine.Uncovered, Message: "the CSV has no image of this repository"},
	)
	want := `STATUS     WHERE             IMAGE       THE CSV SAYS
stale      日本/a.yaml:7     q.io/a/b:1  @sha256:00000000
                                         0000…
uncovered  plugin-registry/  q.io/c      the CSV has no
           b.yaml:12                     image of this
                                         repository
2 references in 2 files: 1 stale, 1 uncovered
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTableOfWhatNoFileShouldHave writes names with letters that terminals do not show one by one.
func TestTableOfWhatNoFileShouldHave(t *testing.T) {
	for _, odd := range []string{"\x1b[31mred\x1b[0m", "\x1b[3", "a\tb", "👩\u200d👩\u200d👧\u200d👦", "e\u0301\u0302", "\x00\x7f", "🇩🇪🇫🇷", "\xff\xfe", "…", "\u200b"} {
		for _, width := range []int{1, 40, 60, 200} {
			file := strings.Repeat(odd, 20)
			got := table(t, report.Screen{Width: width}, engine.Finding{File: file, Line: 1, Image: odd, Status: engine.Drifted, Message: file + " " + file})
			if !strings.HasSuffix(got, "\n1 reference in 1 file: 1 drifted\n") {
				t.Errorf("%q in %d columns: got %q", odd, width, got)
			}
		}
	}
}

// TestTableIsNoWiderThanTheScreen writes more rows than are written at a time, with colours and
// letters of all widths.
func TestTableIsNoWiderThanTheScreen(t *testing.T) {
	const width = 72
	var findings []engine.Finding
	for i := range 2_000 {
		findings = append(findings, engine.Finding{
			File: fmt.Sprintf("%s/%d.yaml", strings.Repeat("é日x-", i%9), i), Line: i + 1, Image: strings.Repeat("image", i%7+1), Status: policy.Statuses()[i%7],
			Message: strings.Repeat("why … ", i%5),
		})
	}
	got := table(t, report.Screen{Width: width, Color: true}, findings...)
	plain := table(t, report.Screen{Width: width}, findings...)
	if text.StripEscape(got) != plain {
		t.Error("colours change more than colours")
	}
	joined := regexp.MustCompile(`\s+`).ReplaceAllString(plain, "")
	lines := strings.Split(plain, "\n")
	for _, line := range lines[:len(lines)-2] {
		if text.StringWidthWithoutEscSequences(line) > width || strings.HasSuffix(line, " ") || !utf8.ValidString(line) {
			t.Fatalf("the line %q is wider than %d, ends with a space, or with half a letter", line, width)
		}
	}
	if !strings.Contains(joined, "2000referencesin2000files") {
		t.Errorf("the table ends with %q", plain[max(0, len(plain)-200):])
	}
	if rows := regexp.MustCompile(`(?m)^[a-z]+ `).FindAllString(plain, -1); len(rows) != len(findings) {
		t.Errorf("there are %d rows for %d findings", len(rows), len(findings))
	}
}

package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
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
	got := table(t, report.Screen{Width: 80},
		engine.Finding{File: "日本/a.yaml", Line: 7, Image: "q.io/acme/日本/devtools:1.2", Status: engine.Stale, Proposed: "q.io/acme/日本/devtools@" + digest},
		engine.Finding{File: "plugin-registry/java/b.yaml", Line: 12, Image: "q.io/c", Status: engine.Unreachable, Message: "the CSV has no image of this repository"},
	)
	want := `STATUS       WHERE                  IMAGE                  THE CSV SAYS
stale        日本/a.yaml:7          q.io/acme/日本/        @sha256:000000000000…
                                    devtools:1.2
unreachable  plugin-registry/java/  q.io/c                 the CSV has no image
             b.yaml:12                                     of this repository
2 references in 2 files: 1 stale, 1 unreachable
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTableShowsCandidatesButNotDozens(t *testing.T) {
	image := func(digit int) string { return "q.io/a/b@sha256:" + strings.Repeat(fmt.Sprint(digit), 64) }
	got := table(t, report.Screen{Width: 200},
		engine.Finding{File: "a", Image: "q.io/a/b:9", Status: engine.Drifted, Message: "why", Candidates: []string{image(1)}},
		engine.Finding{File: "a", Image: "q.io/a/bc:9", Status: engine.Ambiguous, Message: "why", Candidates: []string{image(1), image(2), image(3), image(4)}},
		engine.Finding{File: "a", Image: "q.io/a/b", Status: engine.Ambiguous, Candidates: []string{image(1), image(2), image(3), image(4), image(5), image(6)}},
	)
	want := `STATUS     WHERE  IMAGE        THE CSV SAYS
drifted    a:0    q.io/a/b:9   why; candidates: @sha256:111111111111…
ambiguous  a:0    q.io/a/bc:9  why; candidates: q.io/a/b@sha256:111111111111…, q.io/a/b@sha256:222222222222…, q.io/a/b@sha256:333333333333…, q.io/a/b@sha256:444444444444…
ambiguous  a:0    q.io/a/b     candidates: @sha256:111111111111…, @sha256:222222222222…, @sha256:333333333333…, @sha256:444444444444…, 2 more
`
	if got, _, _ = strings.Cut(got, "3 references"); want != regexp.MustCompile(`\n {30,}`).ReplaceAllString(got, " ") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTableOfWhatNoFileShouldHave writes names with letters that terminals do not show one by one.
func TestTableOfWhatNoFileShouldHave(t *testing.T) {
	for _, odd := range []string{"\x1b[31mred\x1b[0m", "\x1b[3", "a\tb", "👩\u200d👩\u200d👧\u200d👦", "e\u0301\u0302", "\x00\x7f", "🇩🇪🇫🇷", "\xff\xfe", "…", "\u200b", "a\nb"} {
		for _, width := range []int{1, 40, 80, 200} {
			file := strings.Repeat(odd, 20)
			got := table(t, report.Screen{Width: width}, engine.Finding{File: file, Line: 1, Image: odd, Status: engine.Drifted, Message: file + " " + file})
			if !strings.HasSuffix(got, "\n1 reference in 1 file: 1 drifted\n") {
				t.Errorf("%q in %d columns: got %q", odd, width, got)
			}
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if w := text.StringWidth(line); w > max(width, 40) || strings.ContainsFunc(line, unicode.IsControl) {
					t.Errorf("%q in %d columns: got the line %q, of %d columns", odd, width, line, w)
				}
			}
		}
	}
}

func TestTableFitsInto40Columns(t *testing.T) {
	for _, width := range []int{0, 39, 40} {
		got := table(t, report.Screen{Width: width},
			engine.Finding{File: "devfiles/java/1.4.0/a.yaml", Line: 7, Image: "q.io/a:1", Status: engine.Unreachable, Message: "why not"},
		)
		want := `STATUS       WHERE
             IMAGE
             THE CSV SAYS
unreachable  devfiles/java/1.4.0/
             a.yaml:7
             q.io/a:1
             why not
1 reference in 1 file: 1 unreachable
`
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in %d columns: (-want +got)\n%s", width, diff)
		}
	}
}

// TestTableIsNoWiderThanTheScreen writes more rows than are written at a time, with colours and
// letters of all widths.
func TestTableIsNoWiderThanTheScreen(t *testing.T) {
	const width = 82
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

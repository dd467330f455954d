package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/report"
)

// written returns findings in a format, with their counts.
func written(t *testing.T, format string, r report.Findings) string {
	t.Helper()
	f, err := report.FormatOf(format, report.FindingsFormats())
	if err != nil {
		t.Fatal(err)
	}
	r.Counts = policy.New(policy.Images, nil).Count(r.Files...)
	var out bytes.Buffer
	if err := f.Findings(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFindingsForProgramsAreOneArray compares what is written with what encoders write of all
// findings at once.
func TestFindingsForProgramsAreOneArray(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		all := make([]engine.Finding, n)
		for i := range all {
			all[i] = engine.Finding{
				File: fmt.Sprintf("%d.yaml", i), Path: "a[0].<b>", Line: i, Image: "q.io/a: \"b\"", Status: engine.Ambiguous,
				Candidates: []string{"q.io/a", "- x"}[:i%3], Message: "1.5 \x7f\uFEFF",
			}
		}
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(all); err != nil {
			t.Fatal(err)
		}
		findings := report.Findings{Files: [][]engine.Finding{all[:n/3], all[n/3:]}}
		if diff := cmp.Diff(want.String(), written(t, "json", findings)); diff != "" {
			t.Errorf("%d findings as JSON (-want +got)\n%.2000s", n, diff)
		}
		asYAML, err := yaml.JSONToYAML([]byte(strings.NewReplacer("\x7f", `\u007f`, "\uFEFF", `\ufeff`).Replace(want.String())))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(asYAML), written(t, "yaml", findings)); diff != "" {
			t.Errorf("%d findings as YAML (-want +got)\n%.2000s", n, diff)
		}
	}
}

func TestALineIsAFinding(t *testing.T) {
	got := written(t, "line", report.Findings{Files: [][]engine.Finding{{
		{File: "a.yaml", Line: 7, Column: 3, Image: "q.io/a:1", Status: engine.Stale, Proposed: "q.io/a@sha256:0", Rule: "tag", Entry: "RELATED_IMAGE_a"},
		{File: "a.yaml", Line: 8, Column: 3, Image: "q.io/a@sha256:0", Status: engine.Current, Entry: "RELATED_IMAGE_a"},
	}, {
		{File: "b\nc.yaml", Line: 1, Column: 1, Image: "q.io/b:2", Status: engine.Ambiguous, Message: "it has 2 images", Candidates: []string{"q.io/b:3", "q.io/b:4"}},
	}}})
	want := `a.yaml:7:3: stale: q.io/a:1 -> q.io/a@sha256:0 [tag RELATED_IMAGE_a]
a.yaml:8:3: current: q.io/a@sha256:0 [RELATED_IMAGE_a]
b\nc.yaml:1:1: ambiguous: q.io/b:2 it has 2 images: q.io/b:3, q.io/b:4
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAFormatThatThereIsNotIsAnError(t *testing.T) {
	for _, name := range []string{"", "xml", "JSON"} {
		if _, err := report.FormatOf(name, report.FindingsFormats()); err == nil || !strings.Contains(err.Error(), "choose one of table, json, yaml, list, line") {
			t.Errorf("findings in %q: got %v, want an error with the formats", name, err)
		}
	}
	if _, err := report.FormatOf("list", report.CatalogFormats()); err == nil || !strings.HasSuffix(err.Error(), "choose one of table, json, yaml") {
		t.Errorf("a catalog in list: got %v, want an error with the formats", err)
	}
}

// full takes so many bytes.
type full int

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	findings := report.Findings{Files: [][]engine.Finding{make([]engine.Finding, 5000)}, Screen: report.Screen{Width: 80}}
	for i := range findings.Files[0] {
		findings.Files[0][i] = engine.Finding{Status: engine.Stale, Image: fmt.Sprint(i)}
	}
	findings.Counts = policy.New(policy.Images, nil).Count(findings.Files...)
	for _, format := range report.FindingsFormats() {
		f, err := report.FormatOf(format, report.FindingsFormats())
		if err != nil {
			t.Fatal(err)
		}
		length := len(written(t, format, findings))
		for _, room := range []int{0, 1, length / 2, length - 1} {
			out := full(room)
			if err := f.Findings(&out, findings); !errors.Is(err, errFull) {
				t.Errorf("%s into %d of %d bytes: got %v, want %v", format, room, length, err, errFull)
			}
		}
	}
}

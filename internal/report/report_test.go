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
	"inject-related-images/internal/report"
)

// TestFindingsForProgramsAreOneArray compares what is written in parts with what encoders write of all findings at once.
func TestFindingsForProgramsAreOneArray(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 5000} {
		all := make([]engine.Finding, n)
		for i := range all {
			all[i] = engine.Finding{
				File: fmt.Sprintf("%d.yaml", i), Path: "a[0].<b>", Line: i, Image: "q.io/a: \"b\"", Status: engine.Ambiguous,
				Candidates: []string{"q.io/a", "- x"}[:i%3], Message: "1.5 \x7f\uFEFF",
			}
		}
		var want, got bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(all); err != nil {
			t.Fatal(err)
		}
		files := [][]engine.Finding{all[:n/3], all[n/3:]}
		if err := report.Findings(&got, report.FormatJSON, report.Screen{}, files, counted(files), false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("%d findings as JSON (-want +got)\n%.2000s", n, diff)
		}
		asYAML, err := yaml.JSONToYAML([]byte(strings.NewReplacer("\x7f", `\u007f`, "\uFEFF", `\ufeff`).Replace(want.String())))
		if err != nil {
			t.Fatal(err)
		}
		got.Reset()
		if err := report.Findings(&got, report.FormatYAML, report.Screen{}, files, counted(files), false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(asYAML), got.String()); diff != "" {
			t.Errorf("%d findings as YAML (-want +got)\n%.2000s", n, diff)
		}
	}
}

// full takes so many writes.
type full int

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if *f--; *f < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	files := [][]engine.Finding{make([]engine.Finding, 5000)}
	for i := range files[0] {
		files[0][i].Status = engine.Stale
	}
	for _, format := range []report.Format{report.FormatTable, report.FormatJSON, report.FormatYAML} {
		for _, writes := range []full{0, 1, 20, 49} {
			if err := report.Findings(&writes, format, report.Screen{Width: 80}, files, counted(files), false); !errors.Is(err, errFull) {
				t.Errorf("%s: got %v, want %v", format, err, errFull)
			}
		}
	}
}

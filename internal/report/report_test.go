package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
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
	if err := f.WriteFindings(&out, r); err != nil {
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
		printable := strings.NewReplacer("\x7f", `\u007f`, "\uFEFF", `\ufeff`).Replace(want.String())
		findings := report.Findings{Files: [][]engine.Finding{all[:n/3], all[n/3:]}}
		if diff := cmp.Diff(printable, written(t, "json", findings)); diff != "" {
			t.Errorf("%d findings as JSON (-want +got)\n%.2000s", n, diff)
		}
		asYAML, err := yaml.JSONToYAML([]byte(printable))
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
		{File: "b c.yaml", Line: 1, Column: 1, Image: "q.io/b:2", Status: engine.Ambiguous, Message: "it has 2 images", Candidates: []string{"q.io/b:3", "q.io/b:4"}},
		{File: "b c.yaml", Line: 2, Column: 1, Image: "q.io/b:2", Status: engine.Ambiguous, Rule: "tag", Candidates: []string{"q.io/b:3"}},
	}}})
	want := `a.yaml:7:3: stale: q.io/a:1 -> q.io/a@sha256:0 [tag RELATED_IMAGE_a]
a.yaml:8:3: current: q.io/a@sha256:0 [RELATED_IMAGE_a]
b c.yaml:1:1: ambiguous: q.io/b:2 it has 2 images; candidates: q.io/b:3, q.io/b:4
b c.yaml:2:1: ambiguous: q.io/b:2 [tag] candidates: q.io/b:3
4 references in 2 files: 1 stale, 1 current, 2 ambiguous
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAnOddNameDoesNotBreakALine(t *testing.T) {
	for odd, want := range map[string][2]string{ // as a name, and in a message
		"a\nb.yaml":           {`"a\nb.yaml"`, `a\nb.yaml`},
		"\x1b[31mred":         {`"\033[31mred"`, `\033[31mred`},
		"\xff\x00\x7f":        {`"\377\000\177"`, `\377\000\177`},
		"::error title=x::\r": {`":\072error title=x::\r"`, `:\072error title=x::\r`},
		`a\n "b"'`:            {`"a\\n \"b\"'"`, `a\n "b"'`},
		"日本/é/👩/\uFFFD x":     {"日本/é/👩/\uFFFD x", "日本/é/👩/\uFFFD x"},
	} {
		f := engine.Finding{
			File: odd, Line: 1, Column: 2, Image: odd, Status: engine.Invalid, Proposed: odd, Rule: "map", Entry: odd, Message: odd,
			Candidates: []string{odd},
		}
		findings := report.Findings{Files: [][]engine.Finding{{f}}}
		name, text := want[0], want[1]
		line := fmt.Sprintf("%s:1:2: invalid: %[1]s -> %[1]s [map %[1]s] %s; candidates: %[2]s\n1 reference in 1 file: 1 invalid\n", name, text)
		if got := written(t, "line", findings); got != line {
			t.Errorf("got %q, want %q", got, line)
		}
		if got := written(t, "list", findings); got != name+"\n" {
			t.Errorf("got %q, want %q", got, name+"\n")
		}
		findings.Screen.Width = 1000
		table := fmt.Sprintf("invalid  %s:1  %[1]s  %s: %[2]s; candidates: %[2]s\n", name, text)
		if got := written(t, "table", findings); !strings.Contains(got, table) {
			t.Errorf("got %q, want %q", got, table)
		}
	}
}

// TestProgramsReadOddNames reads from JSON and YAML what no name in them shows as it is.
func TestProgramsReadOddNames(t *testing.T) {
	odd := "\n::error::\n\t\x1b[31m\x7f\u0085\u009b\u2028\u202e\u2066\ufeff\ufffe\uffff\U000e0041 : - #"
	findings := report.Findings{Files: [][]engine.Finding{{{File: odd, Image: "q.io/a"}, {File: "b.yaml", Image: odd}}}}
	for _, format := range []string{"json", "yaml"} {
		got := written(t, format, findings)
		for _, r := range got {
			if r != '\n' && r < 0xffff && !unicode.IsPrint(r) {
				t.Errorf("%s: %q is written as it is: %q", format, r, got)
			}
		}
		var read []engine.Finding
		if err := yaml.Unmarshal([]byte(got), &read); err != nil || len(read) != 2 || read[0].File != odd || read[1].Image != odd {
			t.Errorf("%s: read %+v, %v, of %s", format, read, err, got)
		}
	}
}

func TestALineIsAnEntry(t *testing.T) {
	parse := func(s string) imageref.Ref {
		ref, err := imageref.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	digest := "sha256:" + strings.Repeat("0", 64)
	f, err := report.FormatOf("line", report.CatalogFormats())
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	err = f.WriteCatalog(&got, report.Catalog{Entries: []report.Entry{
		{Entry: catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_a_plugin_registry_image_GE______", parse("q.io/a@"+digest))},
		{Entry: catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_server", parse("q.io/server:next"))},
	}})
	want := "RELATED_IMAGE_a_plugin_registry_image_GE______ registry q.io/a:1 (plugin registry) q.io/a@" + digest +
		"\nRELATED_IMAGE_server plain q.io/server:next\n"
	if err != nil || got.String() != want {
		t.Errorf("got %q, %v, want %q", &got, err, want)
	}
}

// TestAnEntryHasWhatBecameOfIt writes an entry that is new, one whose image and name have changed, and
// one that is gone.
func TestAnEntryHasWhatBecameOfIt(t *testing.T) {
	entry := func(name, digit string) *catalog.Entry {
		image, err := imageref.Parse("q.io/a@sha256:" + strings.Repeat(digit, 64))
		if err != nil {
			t.Fatal(err)
		}
		e := catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_a_plugin_registry_image_"+name, image)
		return &e
	}
	n := []int{3, 0, 1}
	entries := []report.Entry{
		report.Since(catalog.Change{Before: entry("GE______", "1"), After: entry("GI______", "2")}),
		report.Since(catalog.Change{After: entry("GM______", "3")}),
		report.Since(catalog.Change{Before: entry("GQ______", "4")}),
	}
	for i := range entries {
		entries[i].References = &n[i]
	}
	for format, want := range map[string]string{
		"table": `CHANGE   NAME                                                  STANDS FOR                  IMAGE                        REFERENCES
changed  RELATED_IMAGE_a_plugin_registry_image_GI______        q.io/a:2 (plugin registry)  q.io/a@sha256:111111111111…  3
         (was RELATED_IMAGE_a_plugin_registry_image_GE______)                              → @sha256:222222222222…
added    RELATED_IMAGE_a_plugin_registry_image_GM______        q.io/a:3 (plugin registry)  q.io/a@sha256:333333333333…  0
removed  RELATED_IMAGE_a_plugin_registry_image_GQ______        q.io/a:4 (plugin registry)  q.io/a@sha256:444444444444…  1
3 images: 1 added, 1 removed, 1 changed
`,
		"line": "changed RELATED_IMAGE_a_plugin_registry_image_GI______ (was RELATED_IMAGE_a_plugin_registry_image_GE______) registry " +
			"q.io/a:2 (plugin registry) q.io/a@sha256:" + strings.Repeat("1", 64) + " -> q.io/a@sha256:" + strings.Repeat("2", 64) + " 3 references\n" +
			"added RELATED_IMAGE_a_plugin_registry_image_GM______ registry q.io/a:3 (plugin registry) q.io/a@sha256:" + strings.Repeat("3", 64) + " 0 references\n" +
			"removed RELATED_IMAGE_a_plugin_registry_image_GQ______ registry q.io/a:4 (plugin registry) q.io/a@sha256:" + strings.Repeat("4", 64) + " 1 reference\n",
	} {
		f, err := report.FormatOf(format, report.CatalogFormats())
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		err = f.WriteCatalog(&got, report.Catalog{Entries: entries, Screen: report.Screen{Width: 150}})
		if diff := cmp.Diff(want, got.String()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", format, err, diff)
		}
	}
}

// TestWhatIsShown has what the formats show of one finding of each status.
func TestWhatIsShown(t *testing.T) {
	var file []engine.Finding
	for _, status := range policy.Statuses() {
		file = append(file, engine.Finding{Status: status, Image: "q.io/" + string(status)})
	}
	file = append(file, engine.Finding{Status: engine.Current, Image: "q.io/unpinned", Message: "it is a tag"})
	const all = "stale injected current drifted ambiguous uncovered unreachable invalid unpinned"
	for _, test := range []struct {
		name     string
		findings report.Findings
		people   string // what table and line show
		programs string
	}{
		{"images", report.Findings{}, all, all},
		{"inject and check", report.Findings{OnlyChanges: true}, strings.Replace(all, "current ", "", 1), all},
		{
			"--status stale,drifted",
			report.Findings{OnlyChanges: true, Statuses: []engine.Status{engine.Stale, engine.Drifted}},
			"stale drifted", "stale drifted",
		},
		{
			"--status current",
			report.Findings{OnlyChanges: true, Statuses: []engine.Status{engine.Current}},
			"current unpinned", "current unpinned",
		},
		{"--quiet", report.Findings{Quiet: true}, "", ""},
	} {
		test.findings.Files = [][]engine.Finding{file}
		test.findings.Screen.Width = 200
		for _, format := range report.FindingsFormats() {
			f, err := report.FormatOf(format, report.FindingsFormats())
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Fields(test.programs)
			if f.Counts {
				want = strings.Fields(test.people)
			}
			out := written(t, format, test.findings)
			var got []string
			for _, image := range regexp.MustCompile(`q\.io/[a-z]+`).FindAllString(out, -1) {
				got = append(got, strings.TrimPrefix(image, "q.io/"))
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s shows %q, want %q", test.name, format, got, want)
			}
			counts := "9 references in 1 file: 1 stale, 1 injected, 2 current, 1 drifted, 1 ambiguous, 1 uncovered, 1 unreachable, 1 invalid\n"
			if strings.HasSuffix(out, counts) != f.Counts || test.findings.Quiet && f.Counts && out != counts {
				t.Errorf("%s: %s ends with %q, its last line has the counts: %t", test.name, format, out, f.Counts)
			}
		}
	}
}

func TestAFormatThatThereIsNotIsAnError(t *testing.T) {
	for _, name := range []string{"", "xml", "JSON"} {
		if _, err := report.FormatOf(name, report.FindingsFormats()); err == nil || !strings.Contains(err.Error(), "choose one of table, line, json, yaml, list") {
			t.Errorf("findings in %q: got %v, want an error with the formats", name, err)
		}
	}
	if _, err := report.FormatOf("list", report.CatalogFormats()); err == nil || !strings.HasSuffix(err.Error(), "choose one of table, line, json, yaml") {
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
			if err := f.WriteFindings(&out, findings); !errors.Is(err, errFull) {
				t.Errorf("%s into %d of %d bytes: got %v, want %v", format, room, length, err, errFull)
			}
		}
	}
}

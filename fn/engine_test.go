package fn_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/fn"
)

const (
	exampleBundle   = "../examples/registry/bundle"
	exampleRegistry = "../examples/registry"
)

// exampleTexts returns the files of the example with references, by the names that the commands show.
func exampleTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := fs.WalkDir(os.DirFS(exampleRegistry), ".", func(name string, entry fs.DirEntry, err error) error {
		if entry.IsDir() || !slices.Contains([]string{".yaml", ".json", ".txt"}, path.Ext(name)) {
			return err
		}
		text, err := os.ReadFile(exampleRegistry + "/" + name)
		texts[exampleRegistry+"/"+name] = string(text)
		return err
	})
	if err != nil || len(texts) < 10 {
		t.Fatalf("found %d files, %v", len(texts), err)
	}
	return texts
}

func exampleEngine(t *testing.T, o fn.Options) *fn.Engine {
	t.Helper()
	engine, err := fn.Load(fn.Sources{CSVs: []string{exampleBundle}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func TestAnEngineFindsWhatTheCommandImagesWrites(t *testing.T) {
	var out, log bytes.Buffer
	command := fn.Command{
		CSVs: []string{exampleBundle}, Paths: []string{exampleRegistry}, Format: "json", Out: &out, Log: &log,
	}
	if err := fn.Images(command); err != nil {
		t.Fatal(err, &log)
	}
	engine, findings := exampleEngine(t, fn.Options{Check: true}), []fn.Finding{}
	for name, text := range exampleTexts(t) {
		outcome, err := engine.Inject(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Text != text {
			t.Errorf("%s: the text was changed, though Check is set", name)
		}
		findings = append(findings, outcome.Findings...)
	}
	slices.SortStableFunc(findings, func(a, b fn.Finding) int { return strings.Compare(a.File, b.File) })
	encoded, err := json.Marshal(findings)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []any
	if err := json.Unmarshal(out.Bytes(), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("%d findings: (-command +engine)\n%s", len(want), diff)
	}
}

func TestAnEngineWritesWhatTheCommandInjectWrites(t *testing.T) {
	copies := t.TempDir()
	command := fn.Command{
		CSVs: []string{exampleBundle}, Paths: []string{exampleRegistry}, Format: "line", Out: io.Discard, Log: io.Discard,
	}
	if err := fn.Inject(command, copies); err != nil {
		t.Fatal(err)
	}
	engine := exampleEngine(t, fn.Options{})
	changed := 0
	for name, text := range exampleTexts(t) {
		outcome, err := engine.Inject(name, text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(copies + strings.TrimPrefix(name, exampleRegistry))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), outcome.Text); diff != "" {
			t.Errorf("%s: (-command +engine)\n%s", name, diff)
		}
		injected := slices.ContainsFunc(outcome.Findings, func(f fn.Finding) bool { return f.Status == fn.Injected })
		if injected != (outcome.Text != text) {
			t.Errorf("%s: injected is %v, changed is %v", name, injected, outcome.Text != text)
		}
		if injected {
			changed++
		}
	}
	if changed == 0 {
		t.Error("no text was changed")
	}
}

func TestAnEngineServesSeveralGoroutines(t *testing.T) {
	engine, texts := exampleEngine(t, fn.Options{}), exampleTexts(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for name, text := range texts {
				outcome, err := engine.Inject(name, text)
				if err != nil {
					t.Error(err)
					continue
				}
				if again, err := engine.Inject(name, outcome.Text); err != nil || again.Text != outcome.Text {
					t.Errorf("%s: a second run changed the text, %v", name, err)
				}
			}
		})
	}
	group.Wait()
}

func TestAnEngineWarnsOfWhatCannotBeReadInAText(t *testing.T) {
	engine, err := fn.New(exampleCSV, fn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := engine.Inject("map.yaml", `apiVersion: v1
kind: ConfigMap
data:
  devfile.yaml: "schemaVersion: 2.2.0\ncomponents: [{container: {image: quay.io/acme/udi:2.15}"
`)
	const want = `map.yaml: data["devfile.yaml"]: `
	if err != nil || len(outcome.Warnings) != 1 || !strings.HasPrefix(outcome.Warnings[0], want) {
		t.Errorf("got warnings %q and error %v, want one that begins with %s", outcome.Warnings, err, want)
	}
}

func TestAPreviousCSVWithoutVariablesKnowsNothing(t *testing.T) {
	without := strings.NewReplacer("RELATED_IMAGE_", "OTHER_", "2.15.0", "2.14.0").Replace(exampleCSV)
	if _, err := fn.New(exampleCSV, fn.Options{}, without); err != nil {
		t.Errorf("got %v, want none", err)
	}
}

func TestTheFoldersOfANameTellWhichRegistryItIs(t *testing.T) {
	const name = "RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK"
	_, value, _ := strings.Cut(exampleCSV, name+"\n")
	plugins := strings.ReplaceAll("                - name: "+name+"\n"+value, "devfile", "plugin")
	engine, err := fn.New(exampleCSV+strings.ReplaceAll(plugins, "2222", "1111"), fn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"v3/plugins/a/meta.yaml":    "quay.io/acme/udi@sha256:" + strings.Repeat("1", 64),
		"devfiles/a/devfile.yaml":   "quay.io/acme/udi@sha256:" + strings.Repeat("2", 64),
		"somewhere/a/whatever.yaml": "",
	} {
		outcome, err := engine.Inject(name, "image: quay.io/acme/udi:2.15")
		if err != nil || outcome.Findings[0].Proposed != want {
			t.Errorf("%s: got %+v, %v, want %q", name, outcome.Findings, err, want)
		}
	}
}

func TestAnEngineKeepsTheNameOfAPlaceholderInAComment(t *testing.T) {
	engine, err := fn.New(exampleCSV, fn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := engine.Inject("a.yaml", "image: ${RELATED_IMAGE_udi}")
	want := "image: quay.io/acme/udi@sha256:" + strings.Repeat("2", 64) + " # related-image: RELATED_IMAGE_udi"
	if err != nil || outcome.Text != want {
		t.Errorf("got %q, %v, want %q", outcome.Text, err, want)
	}
}

func TestFindingsFailAsInTheCommands(t *testing.T) {
	for _, test := range []struct {
		options fn.Options
		fails   bool
	}{
		{fn.Options{Check: true}, true},
		{fn.Options{Check: true, FailOn: []string{"-stale"}}, false},
		{fn.Options{}, false},
	} {
		engine, err := fn.New(exampleCSV, test.options)
		if err != nil {
			t.Fatal(err)
		}
		outcome, err := engine.Inject("a.yaml", "image: quay.io/acme/udi:2.15")
		if err != nil || engine.Fails(outcome.Findings[0]) != test.fails {
			t.Errorf("%+v: got %+v, %v, want fails %v", test.options, outcome.Findings, err, test.fails)
		}
	}
}

func TestAnEngineWarnsOfVariablesWithoutAnImage(t *testing.T) {
	const bad = "                - {name: RELATED_IMAGE_bad, value: check release}\n"
	engine, err := fn.New(exampleCSV+bad, fn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := engine.Warnings(); len(got) != 1 || !strings.Contains(got[0], "RELATED_IMAGE_bad") {
		t.Errorf("got %q, want one of RELATED_IMAGE_bad", got)
	}
}

func TestOptionsGoBeforeTheAnnotationsOfTheCSV(t *testing.T) {
	csv := strings.Replace(exampleCSV, "{name: acme.v2.15.0}",
		`{name: acme.v2.15.0, annotations: {inject-related-images/arch: sparc, inject-related-images/keep-tag: "true"}}`, 1)
	if _, err := fn.New(csv, fn.Options{}); fn.ExitCode(err) != fn.ExitUsage || !strings.Contains(err.Error(), `"sparc"`) {
		t.Errorf("got %v, want wrong usage by the annotation", err)
	}
	engine, err := fn.New(csv, fn.Options{Arch: "arm64"})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := engine.Inject("a.yaml", "image: quay.io/acme/udi:2.15")
	if err != nil || !strings.HasPrefix(outcome.Text, "image: quay.io/acme/udi:2.15@sha256:2") {
		t.Errorf("got %q, %v, want the tag to be kept", outcome.Text, err)
	}
}

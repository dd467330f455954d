package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"inject-related-images/fn"
	"inject-related-images/internal/catalog"
	"inject-related-images/testdata/bench/input"
)

var orchestrators = map[string]input.Orchestrator{"kustomize": input.Kustomize, "kpt": input.Kpt}

// list returns a ResourceList.
func list(tb testing.TB, resources int, by input.Orchestrator) string {
	tb.Helper()
	var b strings.Builder
	if err := input.WriteList(&b, resources, by); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// csv returns the file of the CSV.
func csv(tb testing.TB) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "csv.yaml")
	if err := input.WriteCSV(file); err != nil {
		tb.Fatal(err)
	}
	return file
}

// folder returns a folder of registry files.
func folder(tb testing.TB, files int, current bool) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := input.WriteFolder(dir, files, current); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// inject runs the command of that name.
func inject(csv, folder string) error { return fn.Inject(command(csv, folder), "") }

// check finds that there is something to inject.
func check(csv, folder string) error {
	err := fn.Check(command(csv, folder))
	if code := fn.ExitCode(err); code != fn.ExitFindings {
		return fmt.Errorf("check ended with %d (%w), want %d", code, err, fn.ExitFindings)
	}
	return nil
}

func command(csv, folder string) fn.Command {
	return fn.Command{CSVs: []string{csv}, Paths: []string{folder}, Format: "line", Out: io.Discard, Log: io.Discard}
}

// contents returns the files below dir by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTheSameCallMakesTheSameBytes(t *testing.T) {
	for name, by := range orchestrators {
		if once, again := list(t, 50, by), list(t, 50, by); once != again {
			t.Errorf("two lists as %s sends them differ", name)
		}
	}
	if diff := cmp.Diff(contents(t, folder(t, 50, false)), contents(t, folder(t, 50, false))); diff != "" {
		t.Errorf("two folders differ: %s", diff)
	}
}

func TestResourcesAndFilesHaveTheirSizes(t *testing.T) {
	const resources, files = 600, 200
	for name, by := range orchestrators {
		if size := (len(list(t, resources, by)) - len(list(t, 0, by))) / resources; size < 2300 || size > 2500 {
			t.Errorf("as %s sends it a resource has %d bytes, want about 2,400", name, size)
		}
	}
	for _, current := range []bool{false, true} {
		size := 0
		for _, content := range contents(t, folder(t, files, current)) {
			size += len(content)
		}
		if size /= files; size < 3800 || size > 4300 {
			t.Errorf("a file has %d bytes, want about 4,000", size)
		}
	}
}

func TestAListIsTwoThirdsDeploymentsAndTheRestHoldsDevfiles(t *testing.T) {
	var got struct {
		Items []struct {
			Kind string
			Data map[string]string
			Spec struct {
				Components []any
				Template   struct {
					Spec struct {
						Containers     []any
						InitContainers []any `yaml:"initContainers"`
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(list(t, 600, input.Kustomize)), &got); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for i, item := range got.Items {
		kinds[item.Kind]++
		switch pod := item.Spec.Template.Spec; item.Kind {
		case "Deployment":
			if len(pod.Containers) != 2 || len(pod.InitContainers) != 1 {
				t.Errorf("item %d has %d containers and %d init containers, want 2 and 1", i, len(pod.Containers), len(pod.InitContainers))
			}
		case "ConfigMap":
			var devfile struct{ Components []any }
			if err := yaml.Unmarshal([]byte(item.Data["devfile.yaml"]), &devfile); err != nil || len(devfile.Components) < input.References {
				t.Errorf("item %d holds no devfile with %d components: %v", i, input.References, err)
			}
		case "DevWorkspaceTemplate":
			if len(item.Spec.Components) < input.References {
				t.Errorf("item %d has %d components, want %d", i, len(item.Spec.Components), input.References)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"Deployment": 400, "ConfigMap": 100, "DevWorkspaceTemplate": 100}, kinds); diff != "" {
		t.Errorf("kinds: (-want +got)\n%s", diff)
	}
}

func TestTheCSVHasAllSchemes(t *testing.T) {
	c := catalogOf(t, csv(t))
	schemes := map[catalog.Scheme]int{}
	for _, e := range c.Entries() {
		schemes[e.Scheme]++
	}
	want := map[catalog.Scheme]int{
		catalog.Registry: 60, catalog.Editor: 12, catalog.Sample: 12, catalog.Plain: 16, catalog.RelatedImage: 19, catalog.Container: 1,
	}
	if diff := cmp.Diff(want, schemes); diff != "" || len(c.Entries()) != input.Entries || len(c.Warnings()) > 0 {
		t.Errorf("the CSV has %d entries, want %d; warnings %q; (-want +got)\n%s", len(c.Entries()), input.Entries, c.Warnings(), diff)
	}
}

func TestTheFunctionInjectsAThirdOfTheReferences(t *testing.T) {
	for name, by := range orchestrators {
		var out, log bytes.Buffer
		if err := fn.Function(strings.NewReader(list(t, 100, by)), &out, &log, fn.Options{}); err != nil {
			t.Fatal(err)
		}
		const want = "300 references in 100 resources: 100 injected, 200 uncovered"
		if !strings.Contains(out.String(), want) || log.Len() > 0 {
			t.Errorf("as %s sends it: got no %q, log %q", name, want, log.String())
		}
	}
}

// TestTheReferencesAreDecidedInAllWays looks at files that hold ResourceLists as well: the commands tell the rule.
func TestTheReferencesAreDecidedInAllWays(t *testing.T) {
	dir := folder(t, 100, false)
	for name, by := range orchestrators {
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(list(t, 100, by)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := fn.Images(fn.Command{CSVs: []string{csv(t)}, Paths: []string{dir}, Format: "json", Out: &out, Log: io.Discard}); err != nil {
		t.Fatal(err)
	}
	var findings []struct{ Status, Rule string }
	if err := json.Unmarshal(out.Bytes(), &findings); err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	statuses := map[string]int{}
	for _, f := range findings {
		statuses[f.Status]++
		rules[f.Rule] = true
	}
	if diff := cmp.Diff(map[string]int{"stale": 300, "uncovered": 600}, statuses); diff != "" {
		t.Errorf("statuses: (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"": true, "tag": true, "editor": true, "sample": true, "related-image": true}, rules); diff != "" {
		t.Errorf("rules: (-want +got)\n%s", diff)
	}
}

func TestInjectMakesAStaleFolderCurrent(t *testing.T) {
	stale, current := folder(t, 200, false), contents(t, folder(t, 200, true))
	for name, content := range contents(t, stale) {
		if content == current[name] {
			t.Errorf("%s is not stale", name)
		}
	}
	if err := inject(csv(t), stale); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(current, contents(t, stale)); diff != "" {
		t.Errorf("(-current +injected)\n%s", diff)
	}
}

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
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"inject-related-images/fn"
)

// reference is a row of a truth.json.
type reference struct {
	File, Path, Old, Rule string
	CSVValue              *string `json:"csvValue"`
}

// want is the text that the reference must have after injection.
func (r reference) want() string {
	switch r.Rule {
	case "env-exact", "other-registry-env":
		name := r.Old
		if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
			name = name[:i]
		}
		_, digest, _ := strings.Cut(*r.CSVValue, "@")
		return name + "@" + digest
	case "editor-key", "sample-encoded":
		return *r.CSVValue
	}
	return r.Old
}

// statuses are the statuses that a reference may have before injection.
func (r reference) statuses() []string {
	switch {
	case r.want() != r.Old:
		return []string{"stale"}
	case r.Rule == "editor-key", r.Rule == "already-digest:in-csv":
		return []string{"current"}
	case strings.HasPrefix(r.Rule, "repo-only-AMBIGUOUS"):
		return []string{"ambiguous"}
	case r.Rule == "already-digest:NOT-in-csv":
		return []string{"drifted", "uncovered"}
	}
	return []string{"uncovered"}
}

// compared says what the corpus tests compared, for TestMain: that they skip must not go unseen.
var compared string

// corpus calls test for each real pair of CSV and registry. They are in a folder beside the project
// that not every machine has; where CI has the folder, it must have them.
func corpus(t *testing.T, test func(t *testing.T, pair string, truth []reference)) {
	t.Helper()
	pairs := corpusFiles(t, "*/truth.json")
	for _, file := range pairs {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var truth []reference
			if err := json.Unmarshal(data, &truth); err != nil {
				t.Fatal(err)
			}
			test(t, filepath.Dir(file), truth)
		})
	}
}

// corpusFiles returns the files of the corpus that a pattern names. Without any it skips the test, or fails it.
func corpusFiles(t *testing.T, pattern string) []string {
	t.Helper()
	shared := filepath.Join(repository(t), "../shared")
	found, _ := filepath.Glob(filepath.Join(shared, "corpus", pattern))
	if len(found) == 0 {
		compared = "the corpus is not on this machine: no references were compared"
		if _, err := os.Stat(shared); err == nil && os.Getenv("CI") == "true" {
			t.Fatalf("there is no corpus in %s", shared)
		}
		t.Skip("the corpus is not on this machine")
	}
	return found
}

type finding struct {
	File, Path, Image, Status, Proposed string
	Line, Column                        int
}

// run runs a command on dir and returns its findings.
func run(t *testing.T, pair, dir string, command func(fn.Command) error) ([]finding, error) {
	t.Helper()
	t.Chdir(dir)
	return runOn(t, filepath.Join(pair, "csv.yaml"), []string{"."}, command)
}

// runOn runs a command on PATHs and returns its findings.
func runOn(t *testing.T, csv string, paths []string, command func(fn.Command) error) ([]finding, error) {
	t.Helper()
	var out bytes.Buffer
	err := command(fn.Command{CSVs: []string{csv}, Paths: paths, Format: "json", Out: &out, Log: io.Discard})
	var findings []finding
	if err := json.Unmarshal(out.Bytes(), &findings); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	return findings, err
}

func inject(c fn.Command) error { return fn.Inject(c, "") }

func writable(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "registry")
	copyTree(t, from, dir)
	return dir
}

func TestCorpusIsInjectedToTheByte(t *testing.T) {
	pairs, references := 0, 0
	corpus(t, func(t *testing.T, pair string, truth []reference) {
		before := filepath.Join(pair, "registry")
		dir := writable(t, before)
		checkStatuses(t, pair, dir, truth)
		if _, err := run(t, pair, dir, fn.Check); fn.ExitCode(err) != fn.ExitFindings {
			t.Errorf("check before: got %v, want exit code 1", err)
		}
		if _, err := run(t, pair, dir, inject); err != nil {
			t.Fatalf("inject: %v", err)
		}
		sources, results, changed := files(t, before), files(t, dir), 0
		for name, source := range sources {
			want, n := expect(source, name, truth)
			changed += n
			if results[name] != want {
				t.Errorf("%s: (-want +got)\n%s", name, cmp.Diff(want, results[name]))
			}
		}
		if len(results) != len(sources) {
			t.Errorf("got %d files, want %d", len(results), len(sources))
		}
		t.Logf("%d references in %d files, %d of them changed", len(truth), len(sources), changed)
		again, err := run(t, pair, dir, inject)
		if err != nil {
			t.Fatalf("second inject: %v", err)
		}
		for _, f := range again {
			if f.Status == "injected" {
				t.Errorf("a second run changes %+v", f)
			}
		}
		if _, err := run(t, pair, dir, fn.Check); err != nil {
			t.Errorf("check after: %v", err)
		}
		pairs, references = pairs+1, references+len(truth)
	})
	compared = fmt.Sprintf("%d references of %d real pairs of CSV and registry were compared", references, pairs)
}

// TestCorpusInARepositoryIsAsAlone puts each registry into the root of a repository with what these have beside it.
func TestCorpusInARepositoryIsAsAlone(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join(repository(t), "testdata/repository.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	corpus(t, func(t *testing.T, pair string, _ []reference) {
		dir := writable(t, filepath.Join(pair, "registry"))
		alone, errAlone := run(t, pair, dir, fn.Check)
		for _, f := range archive.Files {
			name := filepath.Join(dir, f.Name)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		within, errWithin := run(t, pair, dir, fn.Check)
		if diff := cmp.Diff(alone, within); diff != "" || fn.ExitCode(errWithin) != fn.ExitCode(errAlone) {
			t.Errorf("got %v, want %v; (-alone +in a repository)\n%s", errWithin, errAlone, diff)
		}
	})
}

func checkStatuses(t *testing.T, pair, dir string, truth []reference) {
	t.Helper()
	findings, err := run(t, pair, dir, fn.Images)
	if err != nil {
		t.Fatalf("images: %v", err)
	}
	type place struct{ file, path, image string }
	found := map[place][]finding{}
	for _, f := range findings {
		p := place{f.File, f.Path, f.Image}
		found[p] = append(found[p], f)
	}
	for _, r := range truth {
		p := place{r.File, path(r.Path), r.Old}
		if len(found[p]) == 0 {
			t.Errorf("%+v was not found", r)
			continue
		}
		f := found[p][0]
		found[p] = found[p][1:]
		if want := strings.Join(r.statuses(), " "); !strings.Contains(want, f.Status) {
			t.Errorf("%+v: got %+v, want status %s", r, f, want)
		}
		if want := r.want(); want != r.Old && f.Proposed != want {
			t.Errorf("%+v: got %s, want %s", r, f.Proposed, want)
		}
	}
	if len(findings) != len(truth) {
		t.Errorf("got %d findings for %d references", len(findings), len(truth))
	}
}

// path turns the path of a truth.json, components.0.referenceContent.#0.image, into ours.
func path(s string) string {
	if strings.HasPrefix(s, "line.") {
		return ""
	}
	var b strings.Builder
	for key := range strings.SplitSeq(s, ".") {
		switch {
		case key == "#0":
			b.WriteString("#")
		case strings.Trim(key, "0123456789") == "":
			b.WriteString("[" + key + "]")
		default:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "#") {
				b.WriteString(".")
			}
			b.WriteString(key)
		}
	}
	return b.String()
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	result := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		result[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// expect makes the text that a file must have: it replaces each reference of the truth on a line that has it after "image:" or
// by itself, without knowing YAML.
func expect(source, name string, truth []reference) (string, int) {
	lines := strings.SplitAfter(source, "\n")
	n := 0
	done := map[int]bool{}
	for _, r := range truth {
		if r.File != name || r.want() == r.Old {
			continue
		}
		for i, line := range lines {
			text := strings.Trim(strings.TrimSpace(line), `'"`)
			if _, after, ok := strings.Cut(text, "image: "); ok {
				text = strings.Trim(after, `'"`)
			}
			text, _, _ = strings.Cut(text, " #")
			if text == r.Old && !done[i] {
				lines[i] = strings.Replace(line, r.Old, r.want(), 1)
				done[i] = true
				n++
				break
			}
		}
	}
	return strings.Join(lines, ""), n
}

func TestCorpusThroughTheKRMDoorIsTheSame(t *testing.T) {
	corpus(t, func(t *testing.T, pair string, _ []reference) {
		dir := writable(t, filepath.Join(pair, "registry"))
		sources := files(t, dir)
		if _, err := run(t, pair, dir, inject); err != nil {
			t.Fatalf("inject: %v", err)
		}
		injected := files(t, dir)
		var items []any
		for name, source := range sources {
			items = append(items, map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap",
				"metadata": map[string]any{"name": "x", "annotations": map[string]string{"internal.config.kubernetes.io/path": name}},
				"data":     map[string]string{filepath.Base(name): source},
			})
		}
		csv, err := os.ReadFile(filepath.Join(pair, "csv.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var config yaml.Node // keeps the comments
		if err := yaml.Unmarshal(csv, &config); err != nil {
			t.Fatal(err)
		}
		list := map[string]any{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": config.Content[0]}
		in, err := yaml.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		var out, log bytes.Buffer
		if err := fn.Function(bytes.NewReader(in), &out, &log, fn.Options{}); err != nil {
			t.Fatalf("Function: %v\n%s", err, log.Bytes())
		}
		var result struct {
			Items []struct {
				Metadata struct{ Annotations map[string]string }
				Data     map[string]string
			}
		}
		if err := yaml.Unmarshal(out.Bytes(), &result); err != nil {
			t.Fatal(err)
		}
		if len(result.Items) != len(sources) {
			t.Fatalf("got %d items, want %d", len(result.Items), len(sources))
		}
		for _, item := range result.Items {
			name := item.Metadata.Annotations["internal.config.kubernetes.io/path"]
			if diff := cmp.Diff(injected[name], item.Data[filepath.Base(name)]); diff != "" {
				t.Errorf("%s: (-files +ConfigMap)\n%s", name, diff)
			}
		}
	})
}

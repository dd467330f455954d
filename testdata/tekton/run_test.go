package tekton_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
)

// The files of the example, and what its CSV says of the references in them.
const (
	meta    = "registry/plugin-registry/v3/plugins/acme/java/1.4.0/meta.yaml"
	devfile = "registry/devfile-registry/devfiles/java/devfile.yaml"
	editor  = "registry/editors-definitions/acme-code-latest.yaml"
)

var injected = map[string]map[string]string{
	meta: {
		"quay.io/acme/sidecar-java:17": "quay.io/acme/sidecar-java@sha256:bf4f8c2b990d9ee31417be1a3b02fa88feee58cc958895bc99efda8d35daefed",
		"quay.io/acme/udi:2.15":        "quay.io/acme/udi@sha256:699438865abe78ca777ade8cb398ae934a9edecd48de2168ab119629ac87dc69",
	},
	devfile: {
		"quay.io/acme/udi:2.15": "quay.io/acme/udi@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb",
	},
	editor: {
		"quay.io/acme/code:next":  "quay.io/acme/code@sha256:5aa1734bbeade3a1aef42001f7af44521484adc25023b45a69d107b548109425",
		"quay.io/acme/udi:latest": "quay.io/acme/udi@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb",
	},
}

// only returns what is injected into some of the files.
func only(files ...string) map[string]map[string]string {
	some := maps.Clone(injected)
	maps.DeleteFunc(some, func(file string, _ map[string]string) bool { return !slices.Contains(files, file) })
	return some
}

// claim returns a copy of the example's workspace, as a volume that belongs to the user of the steps.
func claim(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(scratch(t), "claim")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(example, "workspace"))); err != nil {
		t.Fatal(err)
	}
	if err := give(dir, 65532, 65532); err != nil {
		t.Fatal(err)
	}
	return dir
}

// image is the param of that name: where containers run, what they run.
func (m machine) imageParam() v1.Params {
	if !m.contained() {
		return nil
	}
	return v1.Params{param("image", m.image)}
}

func param(name, value string, more ...string) v1.Param {
	return v1.Param{Name: name, Value: *v1.NewStructuredValues(value, more...)}
}

func array(name string, values ...string) v1.Param {
	return v1.Param{Name: name, Value: v1.ParamValue{Type: v1.ParamTypeArray, ArrayVal: values}}
}

// newTaskRun returns a run of a Task of the example on a volume.
func newTaskRun(m machine, docs documents, name, claim string, params ...v1.Param) *taskRun {
	return &taskRun{
		machine: m, docs: docs, spec: docs.tasks[name].Spec, params: append(params, m.imageParam()...),
		workspaces: map[string]string{"bundle": filepath.Join(claim, "bundle"), "registry": filepath.Join(claim, "registry")},
	}
}

// want runs the Task and compares its exit code and results.
func (r *taskRun) want(t *testing.T, code int, results map[string]string) {
	t.Helper()
	if err := r.run(); err != nil {
		t.Fatal(err)
	}
	if r.code != code {
		t.Errorf("got exit code %d, want %d\n%s", r.code, code, r.output)
	}
	if diff := cmp.Diff(results, r.results); diff != "" {
		t.Errorf("results: (-want +got)\n%s\n%s", diff, r.output)
	}
}

func counts(injected, stale, uncovered string) map[string]string {
	return map[string]string{"injected": injected, "stale": stale, "uncovered": uncovered}
}

// wantTexts compares the files of a folder.
func wantTexts(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got, _ := snapshot(t, dir)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", filepath.Base(dir), diff)
	}
}

func TestThePipelinesInjectTheBundleAndASecondRunWritesNothing(t *testing.T) {
	m, docs := newMachine(t), load(t)
	one := func(s string) v1.ParamValue { return *v1.NewStructuredValues(s) }
	list := func(s ...string) v1.ParamValue { return array("", s...).Value }
	for _, test := range []struct {
		run           string
		tasks         []string
		first, second map[string]v1.ParamValue
	}{
		{
			"inject-related-images-",
			[]string{"bundle", "inject", "check"},
			map[string]v1.ParamValue{"injected": one("5"), "stale": one("0"), "uncovered": one("1")},
			map[string]v1.ParamValue{"injected": one("0"), "stale": one("0"), "uncovered": one("1")},
		},
		{
			"inject-related-images-matrix-",
			[]string{"registries"},
			map[string]v1.ParamValue{"injected": list("1", "2", "2"), "stale": list("0", "0", "0"), "uncovered": list("1", "0", "0")},
			map[string]v1.ParamValue{"injected": list("0", "0", "0"), "stale": list("0", "0", "0"), "uncovered": list("1", "0", "0")},
		},
	} {
		t.Run(test.run, func(t *testing.T) {
			dir := claim(t)
			texts, _ := snapshot(t, dir)
			for i, results := range []map[string]v1.ParamValue{test.first, test.second} {
				_, before := snapshot(t, dir)
				r := pipelineRun{machine: m, docs: docs, run: docs.runs[test.run], params: m.imageParam(), folder: dir}
				if err := r.execute(); err != nil {
					t.Fatal(err)
				}
				if r.failed != nil {
					t.Fatalf("exit code %d\n%s", r.failed.code, r.failed.output)
				}
				if diff := cmp.Diff(test.tasks, r.tasks); diff != "" {
					t.Errorf("tasks: (-want +got)\n%s", diff)
				}
				if diff := cmp.Diff(results, r.results); diff != "" {
					t.Errorf("results: (-want +got)\n%s", diff)
				}
				wantTexts(t, dir, replaced(texts, injected))
				_, after := snapshot(t, dir)
				for file, was := range before {
					if written := after[file] != was; written != (i == 0 && injected[file] != nil) {
						t.Errorf("%s: written: %v\nwas %s\nis  %s", file, written, was, after[file])
					}
				}
			}
		})
	}
}

func TestTheCheckOfThePipelineFailsOnWhatItIsToldTo(t *testing.T) {
	m, docs := newMachine(t), load(t)
	r := pipelineRun{
		machine: m, docs: docs, run: docs.runs["inject-related-images-"], folder: claim(t),
		params: append(m.imageParam(), param("fail-on", "stale,uncovered")),
	}
	if err := r.execute(); err != nil {
		t.Fatal(err)
	}
	if r.failed == nil || r.failed.code != 1 || !slices.Equal(r.tasks, []string{"bundle", "inject", "check"}) {
		t.Errorf("after the tasks %v: got %+v, want that check fails with exit code 1", r.tasks, r.failed)
	}
}

// TestChecksFailOnWhatIsStaleAndWriteNothing runs the checks alone, on what nobody has injected anything into.
func TestChecksFailOnWhatIsStaleAndWriteNothing(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	_, before := snapshot(t, dir)
	r := pipelineRun{machine: m, docs: docs, run: docs.runs["inject-related-images-"], folder: dir, params: m.imageParam(), tasks: []string{"bundle", "inject"}}
	if err := r.execute(); err != nil {
		t.Fatal(err)
	}
	if r.failed == nil || r.failed.code != 1 || !maps.Equal(r.failed.results, counts("0", "5", "1")) {
		t.Errorf("Pipeline: got %+v, want that check fails with exit code 1 and its results written", r.failed)
	}
	steps := newTaskRun(m, docs, "inject-and-check", dir)
	steps.spec.Steps = steps.spec.Steps[1:]
	steps.want(t, 1, map[string]string{"stale": "5", "uncovered": "1"})
	newTaskRun(m, docs, "inject-related-images", dir, param("command", "check")).want(t, 1, counts("0", "5", "1"))
	newTaskRun(m, docs, "inject-related-images", dir, param("command", "images")).want(t, 0, counts("0", "5", "1"))
	if _, after := snapshot(t, dir); !maps.Equal(before, after) {
		t.Errorf("files changed: %s", cmp.Diff(before, after))
	}
}

func TestABundleThatCannotBeUsedEndsThePipelineBeforeItWrites(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	if err := os.Remove(filepath.Join(dir, "bundle/csv.yaml")); err != nil {
		t.Fatal(err)
	}
	_, before := snapshot(t, dir)
	r := pipelineRun{machine: m, docs: docs, run: docs.runs["inject-related-images-"], folder: dir, params: m.imageParam()}
	if err := r.execute(); err != nil {
		t.Fatal(err)
	}
	if r.failed == nil || r.failed.code != 3 || !slices.Equal(r.tasks, []string{"bundle"}) {
		t.Errorf("after the tasks %v: got %+v, want that bundle fails with exit code 3", r.tasks, r.failed)
	}
	if _, after := snapshot(t, dir); !maps.Equal(before, after) {
		t.Errorf("files changed: %s", cmp.Diff(before, after))
	}
}

func TestTheTaskInjectsByItsDefaults(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	texts, _ := snapshot(t, dir)
	newTaskRun(m, docs, "inject-related-images", dir).want(t, 0, counts("5", "0", "1"))
	wantTexts(t, dir, replaced(texts, injected))
}

func TestTheTaskTakesFilesAndFolders(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	texts, _ := snapshot(t, dir)
	r := newTaskRun(m, docs, "inject-related-images", dir, param("path", "plugin-registry"), array("paths", strings.TrimPrefix(editor, "registry/")), param("csv", "csv.yaml"))
	r.want(t, 0, counts("4", "0", "0"))
	wantTexts(t, dir, replaced(texts, only(meta, editor)))
}

// TestAPathIsNothingButAPath gives what could be taken for a flag, or a shell's.
func TestAPathIsNothingButAPath(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	for _, path := range []string{"--diff", "$HOME", "`id`; x"} {
		r := newTaskRun(m, docs, "inject-related-images", dir, param("command", "check"), array("paths", path))
		r.want(t, 3, counts("0", "5", "1"))
		if want := path + ": no such file or directory"; !strings.Contains(r.output, want) {
			t.Errorf("path %q: got no %q in\n%s", path, want, r.output)
		}
	}
}

// TestTheTaskHasAllOptions compares its params with the flags of the program.
func TestTheTaskHasAllOptions(t *testing.T) {
	m, docs := newMachine(t), load(t)
	args := []string{"run", "--rm", "--pull=never", m.image}
	program := m.engine
	if !m.contained() {
		program, args = m.program, nil
	}
	help, err := exec.Command(program, append(args, "check", "--help")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for _, match := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([\w-]+)`).FindAllStringSubmatch(string(help), -1) {
		flags = append(flags, match[1])
	}
	// a param, by the param flags, written by the Task, the param command; those of images and catalogs by the param flags
	notOptions := []string{"csv", "help", "mirrors", "mode", "output", "quiet", "result-file", "status", "bundle", "ca", "insecure", "package", "root"}
	flags = slices.DeleteFunc(flags, func(flag string) bool { return slices.Contains(notOptions, flag) })
	var params []string
	for _, spec := range docs.tasks["inject-related-images"].Spec.Params {
		if !slices.Contains([]string{"command", "csv", "path", "paths", "flags", "image"}, spec.Name) {
			params = append(params, spec.Name)
		}
	}
	slices.Sort(flags)
	slices.Sort(params)
	if diff := cmp.Diff(flags, params); diff != "" || len(flags) == 0 {
		t.Errorf("options: (-program +Task)\n%s", diff)
	}
}

// TestOptionsReachTheProgram gives each option a value that shows.
func TestOptionsReachTheProgram(t *testing.T) {
	m, docs := newMachine(t), load(t)
	for _, test := range []struct {
		params  []v1.Param
		code    int
		results map[string]string
		want    string
	}{
		{[]v1.Param{param("keep-tag", "true"), param("path", "plugin-registry")}, 0, counts("2", "0", "0"), "quay.io/acme/sidecar-java:17@sha256:bf4f8c2b990d"},
		{[]v1.Param{param("record", "true"), param("path", "plugin-registry")}, 0, counts("2", "0", "0"), "# related-image: RELATED_IMAGE_sidecar_java\n"},
		{[]v1.Param{param("mirror", "quay.io=registry.local:5000/quay"), param("path", "plugin-registry")}, 0, counts("2", "0", "0"), "registry.local:5000/quay/acme/sidecar-java@sha256:bf4f8c2b990d"},
		{[]v1.Param{param("alias", "docker.io/bitnami/redis=quay.io/acme/sidecar-java"), param("path", "devfile-registry")}, 0, counts("1", "0", "1"), "redis:7.2"},
		{[]v1.Param{param("match-repository", "true"), param("alias", "docker.io/bitnami/redis=quay.io/acme/sidecar-java"), param("path", "devfile-registry")}, 0, counts("2", "0", "0"), "quay.io/acme/sidecar-java@sha256:bf4f8c2b990d"},
		{[]v1.Param{param("exclude", "spec/containers[]/image")}, 0, counts("3", "0", "1"), `image: "quay.io/acme/sidecar-java:17"`},
		{[]v1.Param{param("fields", "- kind: Widget\n  path: spec/picture\n- spec/more"), param("path", "widget.yaml")}, 0, counts("2", "0", "0"), "more: quay.io/acme/sidecar-java@sha256:bf4f8c2b990d"},
		{[]v1.Param{param("fail-on", "uncovered"), param("path", "devfile-registry")}, 1, counts("1", "0", "1"), "redis:7.2"},
		{[]v1.Param{param("prefix", "RELATED_IMAGE_udi"), param("path", "plugin-registry")}, 0, counts("1", "0", "1"), `image: "quay.io/acme/sidecar-java:17"`},
		{[]v1.Param{param("skip", "plugins/")}, 0, counts("3", "0", "1"), `image: "quay.io/acme/sidecar-java:17"`},
		{[]v1.Param{param("arch", "vax"), param("path", "plugin-registry")}, 2, map[string]string{}, ""},
		{[]v1.Param{array("flags", "--output=json", "--diff"), param("path", "plugin-registry")}, 2, map[string]string{}, ""},
	} {
		t.Run(test.params[0].Name, func(t *testing.T) {
			dir := claim(t)
			widget := filepath.Join(dir, "registry/widget.yaml")
			if err := os.WriteFile(widget, []byte("apiVersion: acme.example/v1\nkind: Widget\nspec:\n  picture: quay.io/acme/sidecar-java:17\n  more: quay.io/acme/sidecar-java:17\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := give(widget, 65532, 65532); err != nil {
				t.Fatal(err)
			}
			newTaskRun(m, docs, "inject-related-images", dir, test.params...).want(t, test.code, test.results)
			texts, _ := snapshot(t, filepath.Join(dir, "registry"))
			if all := strings.Join(slices.Collect(maps.Values(texts)), ""); !strings.Contains(all, test.want) {
				t.Errorf("got no %q in\n%s", test.want, all)
			}
		})
	}
}

// TestStepsRenewWhatAnEarlierReleasePinned injects by a release, and by the next with the param previous: by the Task, and by the
// StepAction in a Task of one's own.
func TestStepsRenewWhatAnEarlierReleasePinned(t *testing.T) {
	m, docs := newMachine(t), load(t)
	digest := regexp.MustCompile(`@sha256:..`)
	for _, test := range []struct {
		task    string
		params  []v1.Param
		results map[string]string
		change  func(*v1.TaskSpec) // of a Task that knows nothing of the param, or nil
	}{
		{task: "inject-related-images", params: []v1.Param{param("csv", "2.16.0")}, results: counts("5", "0", "1")},
		{task: "inject-and-check", results: map[string]string{"injected": "5", "stale": "0", "uncovered": "1"}, change: func(spec *v1.TaskSpec) {
			spec.Params = append(spec.Params, v1.ParamSpec{Name: "previous", Type: v1.ParamTypeString})
			for i := range spec.Steps {
				params := slices.DeleteFunc(slices.Clone(spec.Steps[i].Params), func(p v1.Param) bool { return p.Name == "bundle" })
				spec.Steps[i].Params = append(params, param("bundle", "$(workspaces.bundle.path)/2.16.0"), param("previous", "$(params.previous)"))
			}
		}},
	} {
		t.Run(test.task, func(t *testing.T) {
			dir := claim(t)
			newTaskRun(m, docs, "inject-related-images", dir).want(t, 0, counts("5", "0", "1"))
			pinned, _ := snapshot(t, filepath.Join(dir, "registry"))

			bundle := filepath.Join(dir, "bundle")
			old, err := os.ReadFile(filepath.Join(bundle, "csv.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			renewed := strings.ReplaceAll(digest.ReplaceAllString(string(old), "@sha256:ff"), "2.15.0", "2.16.0")
			for name, text := range map[string]string{"2.15.0": string(old), "2.16.0": renewed} {
				if err := os.Mkdir(filepath.Join(bundle, name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(bundle, name, "csv.yaml"), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Remove(filepath.Join(bundle, "csv.yaml")); err != nil {
				t.Fatal(err)
			}

			previous := param("previous", m.at(bundle, "/workspace/bundle", true).path+"/2.15.0")
			r := newTaskRun(m, docs, test.task, dir, append(test.params, previous)...)
			if test.change != nil {
				r.spec = *r.spec.DeepCopy()
				test.change(&r.spec)
			}
			r.want(t, 0, test.results)
			want := map[string]string{}
			for file, text := range pinned {
				want[file] = digest.ReplaceAllString(text, "@sha256:ff")
			}
			wantTexts(t, filepath.Join(dir, "registry"), want)
		})
	}
}

func TestAReadOnlyRegistryIsCopiedToTheOutput(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	texts, before := snapshot(t, dir)
	output := filepath.Join(scratch(t), "output")
	if err := open(output); err != nil {
		t.Fatal(err)
	}
	r := newTaskRun(m, docs, "inject-related-images", dir, array("flags", "--to="+m.at(output, "/workspace/output", false).path))
	r.workspaces["output"], r.readOnly = output, true
	r.want(t, 0, counts("5", "0", "1"))
	if _, after := snapshot(t, dir); !maps.Equal(before, after) {
		t.Errorf("files of the registry changed: %s", cmp.Diff(before, after))
	}
	want := map[string]string{}
	for file, text := range replaced(texts, injected) {
		if name, ok := strings.CutPrefix(file, "registry/"); ok {
			want[name] = text
		}
	}
	wantTexts(t, output, want)
	if !m.contained() {
		return // a process sees the folder as it is, which can be written to
	}
	r = newTaskRun(m, docs, "inject-related-images", dir)
	r.readOnly = true
	r.want(t, 3, counts("0", "5", "1"))
	if want := "read-only file system: mount it read-write (in Kubernetes without readOnly), or write to another folder with --to"; !strings.Contains(r.output, want) {
		t.Errorf("got no %q in\n%s", want, r.output)
	}
}

func TestFilesOfAnotherUserAreLeftAndTold(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files to another user: run the test as root")
	}
	m, docs, dir := newMachine(t), load(t), claim(t)
	if err := give(filepath.Join(dir, "registry"), 1000, 1000); err != nil {
		t.Fatal(err)
	}
	_, before := snapshot(t, dir)
	r := newTaskRun(m, docs, "inject-related-images", dir)
	r.want(t, 3, counts("0", "5", "1"))
	want := "it belongs to user 1000 and group 1000, mode -rw-r--r--, and this process is user 65532 and group 65532, to whom a new file would belong: " +
		"run as that user and group (in Kubernetes securityContext.runAsUser and runAsGroup), or write to another folder with --to"
	if !strings.Contains(r.output, want) {
		t.Errorf("got no %q in\n%s", want, r.output)
	}
	if _, after := snapshot(t, dir); !maps.Equal(before, after) {
		t.Errorf("files changed: %s", cmp.Diff(before, after))
	}
}

func TestTheStepsOfTheStepActionInjectAndCheck(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	texts, _ := snapshot(t, dir)
	newTaskRun(m, docs, "inject-and-check", dir, param("path", "devfile-registry")).want(t, 0, counts("1", "0", "1"))
	wantTexts(t, dir, replaced(texts, only(devfile)))
	newTaskRun(m, docs, "inject-and-check", dir, param("fail-on", "uncovered")).want(t, 1, counts("4", "0", "1"))
}

// TestTheTaskRunChecksByABundleInAConfigMap lays it out as Kubernetes lays out a volume of one: links to a folder that is replaced
// as a whole.
func TestTheTaskRunChecksByABundleInAConfigMap(t *testing.T) {
	m, docs, dir := newMachine(t), load(t), claim(t)
	bundle := filepath.Join(dir, "bundle")
	for _, err := range []error{
		os.Mkdir(filepath.Join(bundle, "..2026_01_01"), 0o755),
		os.Rename(filepath.Join(bundle, "csv.yaml"), filepath.Join(bundle, "..2026_01_01/csv.yaml")),
		os.Symlink("..2026_01_01", filepath.Join(bundle, "..data")),
		os.Symlink("..data/csv.yaml", filepath.Join(bundle, "csv.yaml")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	run := docs.taskRuns["check-related-images-"]
	newTaskRun(m, docs, run.Spec.TaskRef.Name, dir, run.Spec.Params...).want(t, 1, counts("0", "5", "1"))
	newTaskRun(m, docs, run.Spec.TaskRef.Name, dir, param("csv", "csv.yaml")).want(t, 0, counts("5", "0", "1"))
	newTaskRun(m, docs, run.Spec.TaskRef.Name, dir, run.Spec.Params...).want(t, 0, counts("0", "0", "1"))
}

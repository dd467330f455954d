package source_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/source"
)

const csv = `apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: NAME}
spec: {install: {spec: {deployments: [{name: d, spec: {template: {spec: {containers: [{name: c, env: [{name: RELATED_IMAGE_x, value: quay.io/acme/NAME}]}]}}}}]}}}
`

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec: {template: {spec: {containers: [{name: c, env: [{name: RELATED_IMAGE_x, value: quay.io/acme/NAME}]}]}}}
`

func csvOf(name string) string { return strings.ReplaceAll(csv, "NAME", name) }

func deploymentOf(name string) string { return strings.ReplaceAll(deployment, "NAME", name) }

// listOf returns a List of objects.
func listOf(kind string, objects ...string) string {
	list := "apiVersion: v1\nkind: " + kind + "\nitems:\n"
	for _, object := range objects {
		list += "- " + strings.ReplaceAll(strings.TrimSuffix(object, "\n"), "\n", "\n  ") + "\n"
	}
	return list
}

// asJSON returns YAML as JSON.
func asJSON(object string) string {
	text, err := yaml.YAMLToJSON([]byte(object))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// write puts a file into a folder and returns its path.
func write(t *testing.T, folder, name, content string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// images are those of the CSVs at paths, with blanks between.
func images(paths ...string) (string, error) {
	releases, err := source.Opener{}.CSVs(paths...)
	for i := range releases {
		if err == nil {
			err = releases[i].Read(catalog.DefaultNames)
		}
	}
	var found []string
	for _, r := range releases {
		for _, e := range r.Entries {
			found = append(found, e.Image.String())
		}
	}
	return strings.Join(found, " "), err
}

func TestAFileHoldsOneCSVOrOneDeployment(t *testing.T) {
	const namespace = "apiVersion: v1\nkind: Namespace\n"
	for name, test := range map[string]struct{ content, want string }{
		"a CSV":                     {csvOf("a"), "quay.io/acme/a"},
		"a CSV after other objects": {"---\n---\na: 1\n---\n" + csvOf("a"), "quay.io/acme/a"},
		"two CSVs":                  {csvOf("a") + "---\n" + csvOf("b"), "quay.io/acme/a quay.io/acme/b"},
		"two operators":             {deploymentOf("a") + "...\n" + deploymentOf("b"), "quay.io/acme/a quay.io/acme/b"},
		"a list of CSVs":            {listOf("List", csvOf("a"), csvOf("b"), namespace), "quay.io/acme/a quay.io/acme/b"},
		"a list of operators":       {listOf("List", namespace, deploymentOf("a")), "quay.io/acme/a"},
		"a list of one kind": {
			strings.NewReplacer("apiVersion: v1", "apiVersion: apps/v1", "  apiVersion: apps/v1\n", "", "  kind: Deployment\n", "", "- ", "- status: {}\n  ").
				Replace(listOf("DeploymentList", "\n"+deploymentOf("a"))), "quay.io/acme/a",
		},
		"JSON objects one behind the other": {`{"a": 1}{"kind": "Namespace", "apiVersion": "v1"}` + "\n" + asJSON(csvOf("a")), "quay.io/acme/a"},
		"a CSV beside an operator":          {deploymentOf("b") + "---\n" + csvOf("a"), "quay.io/acme/a"},
		"an operator beside other objects":  {namespace + "---\n" + deploymentOf("b"), "quay.io/acme/b"},
	} {
		if got, err := images(write(t, t.TempDir(), "csv.yaml", test.content)); err != nil || got != test.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, test.want)
		}
	}
	for name, test := range map[string]struct{ content, want string }{
		"two others":                    {"a: 1\n---\nb: 2\n", "csv.yaml: no ClusterServiceVersion found"},
		"an empty list":                 {"{kind: List, apiVersion: v1, items: []}", "csv.yaml:1: found an empty List of v1: give a ClusterServiceVersion"},
		"a list of others":              {listOf("List", namespace), "csv.yaml:4: found a Namespace of v1: give a ClusterServiceVersion"},
		"an empty file":                 {"", "csv.yaml is empty: give a CSV file"},
		"not YAML, in a later document": {csvOf("a") + "---\na: [\n", "csv.yaml: line 6: "},
		"JSON that is cut off":          {"{\"a\": 1}\n{\"b\": [\n{}", "csv.yaml: line 2: the JSON object that begins here does not end: the file is cut off, or damaged"},
		"another":                       {namespace, "csv.yaml:1: found a Namespace of v1: give a ClusterServiceVersion"},
		"nothing":                       {"# nothing\n", "csv.yaml: no ClusterServiceVersion found"},
		"not YAML":                      {"a: [\n", "csv.yaml: line 1: "},
		"not UTF-8":                     {csvOf("a") + "# \xff\n", "csv.yaml: line 5: byte 0xff is not UTF-8"},
	} {
		file := write(t, t.TempDir(), "csv.yaml", test.content)
		want := strings.ReplaceAll(test.want, "FILE", file)
		if _, err := images(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, want)
		}
	}
}

func TestABundleFolderHoldsOneCSV(t *testing.T) {
	bundle := t.TempDir()
	if _, err := images(bundle); err == nil || !strings.Contains(err.Error(), bundle+": no ClusterServiceVersion found") {
		t.Errorf("an empty folder: got error %v", err)
	}
	write(t, bundle, "metadata/annotations.yaml", "annotations: {}\n")
	write(t, bundle, "manifests/crd.yaml", "{{ not YAML\n")
	write(t, bundle, "manifests/deployment.yaml", deploymentOf("b"))
	write(t, bundle, "manifests/csv.txt", csvOf("c"))
	write(t, bundle, "manifests/csv.yaml", "a: 1\n---\n"+csvOf("a"))
	if got, err := images(bundle); err != nil || got != "quay.io/acme/a" {
		t.Errorf("a bundle: got %s, %v", got, err)
	}
	write(t, bundle, "manifests/newer.yml", csvOf("a"))
	want := "csv: " + bundle + ": 2 CSVs found: " + bundle + "/manifests/csv.yaml:3, " + bundle + "/manifests/newer.yml:1: name one of them"
	if _, err := images(bundle); err == nil || err.Error() != want {
		t.Errorf("two CSVs: got error %v, want %s", err, want)
	}
}

func TestSeveralPathsAreReadInTheirOrder(t *testing.T) {
	folder := t.TempDir()
	a, b := write(t, folder, "a.yaml", csvOf("a")), write(t, folder, "b.json", csvOf("b"))
	if got, err := images(b, a); err != nil || got != "quay.io/acme/b quay.io/acme/a" {
		t.Errorf("got %s, %v", got, err)
	}
	missing := filepath.Join(folder, "missing")
	if _, err := images(a, missing); err == nil || !strings.HasPrefix(err.Error(), "csv: stat "+missing) {
		t.Errorf("what is not there: got error %v", err)
	}
}

func TestMirrorsAreTheTextOfAFile(t *testing.T) {
	file := write(t, t.TempDir(), "mirrors.yaml", "a: 1\n")
	if got, err := source.Mirrors(file); err != nil || got != "a: 1\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := source.Mirrors(file + "x"); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "mirrors: ") {
		t.Errorf("what is not there: got error %v", err)
	}
}

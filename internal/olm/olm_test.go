package olm_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	"sigs.k8s.io/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/olm"
)

func digest(c string) string { return "sha256:" + strings.Repeat(c, 64) }

// csv is a CSV with two deployments; DIGEST_x stands for a digest.
const csv = `apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata:
  name: editors.v1.2.0
  annotations: {containerImage: "quay.io/acme/operator@DIGEST_0"}
spec:
  install:
    strategy: deployment
    spec:
      deployments:
        - name: operator
          spec:
            template:
              spec:
                initContainers:
                  - name: prepare
                    image: quay.io/acme/prepare@DIGEST_1
                    env:
                      - name: RELATED_IMAGE_prepare
                        value: quay.io/acme/prepare@DIGEST_1
                containers:
                  - name: manager
                    image: quay.io/acme/operator@DIGEST_0
                    env: &env
                      - {name: OTHER, value: "not an image"}
                      - name: RELATED_IMAGE_tools_plugin_registry_image_GIXDCNIK
                        value: quay.io/acme/tools@DIGEST_2
                      - name: RELATED_IMAGE_from
                        valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: second
          spec:
            template:
              spec:
                containers:
                  - name: manager
                    image: REPLACE ME
                    env: *env
  relatedImages:
    - name: tools-2.15
      image: quay.io/acme/tools@DIGEST_2
      # tag: quay.io/acme/tools:2.15
    - image: quay.io/acme/a@DIGEST_3 # tag: quay.io/acme/a:1
      name: a
    - name: b
      image: quay.io/acme/b@DIGEST_3

      # tag: quay.io/acme/nobody:1
`

func withDigests(s string) string {
	for _, c := range "0123" {
		s = strings.ReplaceAll(s, "DIGEST_"+string(c), digest(string(c)))
	}
	return s
}

func load(path string) (*catalog.Catalog, error) {
	entries, err := olm.Load(catalog.DefaultNames, path)
	return catalog.New(entries, ""), err
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLoadReadsEveryContainerAndTheEvidence(t *testing.T) {
	c, err := load(write(t, "csv.yaml", withDigests(csv)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range c.Entries() {
		got = append(got, strings.Join([]string{string(e.Scheme), e.Name, e.Image.Name(), e.Image.Digest()[7:8], e.Tag, e.Original.String(), e.Where}, "|"))
	}
	want := []string{
		"plain|RELATED_IMAGE_prepare|quay.io/acme/prepare|1|||deployment operator: container prepare",
		"registry|RELATED_IMAGE_tools_plugin_registry_image_GIXDCNIK|quay.io/acme/tools|2|2.15||deployment operator: container manager",
		"container|deployment operator: container prepare: image|quay.io/acme/prepare|1|||deployment operator: container prepare",
		"container|deployment operator: container manager: image|quay.io/acme/operator|0|||deployment operator: container manager",
		"related-image|relatedImages: tools-2.15|quay.io/acme/tools|2||quay.io/acme/tools:2.15|",
		"related-image|relatedImages: a|quay.io/acme/a|3||quay.io/acme/a:1|",
		"related-image|relatedImages: b|quay.io/acme/b|3|||",
		"container|metadata.annotations.containerImage|quay.io/acme/operator|0|||",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries: (-want +got)\n%s", diff)
	}
	if e := c.Entries()[0]; e.CSV != "editors.v1.2.0" || e.Scheme != catalog.Plain {
		t.Errorf("got %+v, want the CSV's name", e)
	}
}

// TestWhatIsReadOfACSVIsWhatItsTypesSay decodes a CSV by all of its types: what is read of it are parts of these.
func TestWhatIsReadOfACSVIsWhatItsTypesSay(t *testing.T) {
	var all v1alpha1.ClusterServiceVersion
	if err := yaml.UnmarshalStrict([]byte(withDigests(csv)), &all); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, d := range all.Spec.InstallStrategy.StrategySpec.DeploymentSpecs {
		for _, c := range slices.Concat(d.Spec.Template.Spec.InitContainers, d.Spec.Template.Spec.Containers) {
			for _, v := range c.Env {
				if strings.HasPrefix(v.Name, "RELATED_IMAGE_") && v.ValueFrom == nil {
					want = append(want, "deployment "+d.Name+": container "+c.Name+" "+v.Name+" "+v.Value)
				}
			}
		}
	}
	entries, err := olm.Load(catalog.DefaultNames, write(t, "csv.yaml", withDigests(csv)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries[:len(want)] {
		got = append(got, e.Where+" "+e.Name+" "+e.Image.String())
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 3 {
		t.Errorf("variables: (-want +got)\n%s", diff)
	}
}

func TestErrorsNameWhatIsWrongAndWhere(t *testing.T) {
	good := withDigests(csv)
	for name, test := range map[string]struct{ source, want string }{
		"not an image": {
			strings.Replace(good, "value: quay.io/acme/tools@"+digest("2"), `value: "quay.io/a b"`, 1),
			`:27: csv editors.v1.2.0: deployment operator: container manager: RELATED_IMAGE_tools_plugin_registry_image_GIXDCNIK: "quay.io/a b" is not an image reference`,
		},
		"an injected line": {
			strings.Replace(good, "value: quay.io/acme/tools@"+digest("2"), `value: "quay.io/a:1\nkind: Secret"`, 1),
			`"quay.io/a:1\nkind: Secret" is not an image reference`,
		},
		"an empty value":    {strings.Replace(good, "value: quay.io/acme/tools@"+digest("2"), `value: ""`, 1), `"" is not an image reference`},
		"no deployments":    {good[:strings.Index(good, "      deployments:")], "spec.install.spec.deployments is empty"},
		"no install":        {good[:strings.Index(good, "  install:")], "it has no spec.install"},
		"no variables":      {strings.ReplaceAll(good, "RELATED_IMAGE_", "OPERAND_"), "none of its containers has a variable RELATED_IMAGE_*: give an operator"},
		"another kind":      {"apiVersion: v1\nkind: ConfigMap\n", "it is a ConfigMap of v1: give a ClusterServiceVersion of operators.coreos.com/v1alpha1"},
		"another version":   {strings.Replace(good, "v1alpha1", "v9", 1), "it is a ClusterServiceVersion of operators.coreos.com/v9"},
		"a list":            {"- a\n", "it is no mapping"},
		"nothing":           {"# nothing\n", "it holds no ClusterServiceVersion"},
		"not YAML":          {"a: [\n", "csv.yaml: line 1: "},
		"a wrong type":      {strings.Replace(good, "name: operator\n", "name: {}\n", 1), "spec.install: json: cannot unmarshal"},
		"two in one file":   {good + "---\n" + good, "it holds 2 CSVs"},
		"not UTF-8":         {good + "# \xff\n", "is not UTF-8"},
		"no objects at all": {"a: 1\n---\nb: 2\n", "it holds no ClusterServiceVersion"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(write(t, "csv.yaml", test.source))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load: got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestABundleFolderHoldsExactlyOneCSV(t *testing.T) {
	bundle := t.TempDir()
	add := func(name, content string) {
		t.Helper()
		file := filepath.Join(bundle, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := load(bundle); err == nil || !strings.Contains(err.Error(), "it holds no ClusterServiceVersion") {
		t.Errorf("Load of an empty folder: got error %v", err)
	}
	add("metadata/annotations.yaml", "annotations: {}\n")
	add("manifests/crd.yaml", "{{ not YAML\n")
	add("manifests/csv.yaml", "---\na: 1\n---\n"+withDigests(csv))
	if _, err := load(bundle); err != nil {
		t.Errorf("Load of a bundle: %v", err)
	}
	add("manifests/second.yml", withDigests(csv))
	if _, err := load(bundle); err == nil || !strings.Contains(err.Error(), "it holds 2 CSVs: ") || !strings.Contains(err.Error(), "second.yml:1") {
		t.Errorf("Load of a bundle with two CSVs: got error %v", err)
	}
	if _, err := load(filepath.Join(bundle, "nowhere")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("Load of what is not there: got error %v", err)
	}
}

func TestCSVsAreReadAsKubernetesReadsThem(t *testing.T) {
	good := withDigests(csv)
	merged := strings.Replace(good, "              spec:\n                initContainers:", "              spec:\n                <<: &pod\n                 initContainers:", 1)
	merged = strings.Replace(merged, "                  - name: prepare\n                    image: quay", "                  - &c\n                    name: prepare\n                    image: quay", 1)
	for name, source := range map[string]string{
		"keys that are no text": strings.Replace(good, "          spec:\n            template:\n              spec:\n                initC", "          label: {1: a}\n          spec:\n            template:\n              spec:\n                initC", 1),
		"merged pod":            strings.Replace(merged, "                 initContainers:", "                  initContainers: []\n                initContainers:", 1),
	} {
		c, err := load(write(t, "csv.yaml", source))
		if err != nil || len(c.Entries()) != 8 {
			t.Errorf("%s: got %d entries, %v, want 8", name, len(c.Entries()), err)
		}
	}
	for name, test := range map[string]struct{ source, want string }{
		"another case":                {strings.ReplaceAll(good, "containers:", "Containers:"), ""},
		"merged, not an image":        {strings.Replace(strings.Replace(good, "env: *env", "<<: {env: [{name: RELATED_IMAGE_x, value: a b}]}", 1), "REPLACE ME", "x", 1), `RELATED_IMAGE_x: "a b" is not an image reference`},
		"a key that is there already": {strings.Replace(good, "strategy: deployment\n", "strategy: deployment\n    strategy: x\n", 1), "line "},
	} {
		_, err := load(write(t, "csv.yaml", test.source))
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "line 0")) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func TestTheDeploymentOfAnOperatorIsASource(t *testing.T) {
	deployment := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: op}\nspec: {template: {spec: {containers: [{name: m, image: quay.io/acme/op:1, env: [{name: RELATED_IMAGE_x, value: \"quay.io/acme/x@" + digest("1") + "\"}]}]}}}\n"
	c, err := load(write(t, "operator.yaml", "apiVersion: v1\nkind: Namespace\n---\n"+deployment))
	if err != nil || len(c.Entries()) != 2 || c.Entries()[0].Where != "deployment op: container m" {
		t.Errorf("got %v, %v, want the variable and the container", c.Entries(), err)
	}
	entries, err := olm.Load(catalog.Names{"*_OPERAND"}, write(t, "operator.yaml", strings.Replace(deployment, "RELATED_IMAGE_x", "X_OPERAND", 1)))
	if err != nil || len(entries) != 2 || entries[0].Name != "X_OPERAND" {
		t.Errorf("got %v, %v, want the variable of the other name", entries, err)
	}
}

package olm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	"sigs.k8s.io/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
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

// entries reads the first object of a text.
func entries(t *testing.T, source string, names catalog.Names) ([]catalog.Entry, error) {
	t.Helper()
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	release, err := olm.Open(olm.Document{Text: text, Node: text.Docs[0], Position: olm.InFile("csv.yaml", source, 0)})
	if err == nil {
		err = release.Read(names)
	}
	return release.Entries, err
}

func TestEveryContainerAndTheEvidenceAreRead(t *testing.T) {
	found, err := entries(t, withDigests(csv), catalog.DefaultNames)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range catalog.New(found, "").Entries() { // of which none is there twice
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
	if e := found[0]; e.CSV != "editors.v1.2.0" || e.Scheme != catalog.Plain {
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
	found, err := entries(t, withDigests(csv), catalog.DefaultNames)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range found[:len(want)] {
		got = append(got, e.Where+" "+e.Name+" "+e.Image.String())
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 3 {
		t.Errorf("variables: (-want +got)\n%s", diff)
	}
}

// TestAValueThatIsNoImageIsAnEntryWithoutOne has what released CSVs have in the place of images.
func TestAValueThatIsNoImageIsAnEntryWithoutOne(t *testing.T) {
	good := withDigests(csv)
	for _, test := range []struct{ value, want string }{
		{`"quay.io/a b"`, "quay.io/a b"},
		{`"quay.io/a:1\nkind: Secret"`, "quay.io/a:1\nkind: Secret"},
		{"oci://quay.io/acme/tools:1", "oci://quay.io/acme/tools:1"},
		{"1", "1"}, // Kubernetes takes no number for text
	} {
		found, err := entries(t, strings.Replace(good, "value: quay.io/acme/tools@"+digest("2"), "value: "+test.value, 1),
			catalog.DefaultNames)
		if err != nil {
			t.Fatalf("%s: %v", test.value, err)
		}
		e := found[1]
		if !e.IsBad() || e.Value != test.want || !e.Image.IsZero() || e.Position != "csv.yaml:27" ||
			e.Where != "deployment operator: container manager" || e.CSV != "editors.v1.2.0" {
			t.Errorf("%s: got %+v, want its value and where it stands", test.value, e)
		}
	}
}

func TestAnEmptyValueIsAVariableThatIsNotSet(t *testing.T) {
	good := withDigests(csv)
	for _, value := range []string{`""`, "", "null"} {
		found, err := entries(t, strings.Replace(good, "value: quay.io/acme/tools@"+digest("2"), "value: "+value, 1),
			catalog.DefaultNames)
		if err != nil || slices.ContainsFunc(found, func(e catalog.Entry) bool { return strings.Contains(e.Name, "tools_plugin") }) {
			t.Errorf("%q: got %+v, %v, want no entry", value, found, err)
		}
	}
}

func TestErrorsNameWhatIsWrongAndWhere(t *testing.T) {
	good := withDigests(csv)
	bad := strings.Replace(good, "value: quay.io/acme/prepare@"+digest("1"), "value: check release", 1) // no image is left
	for name, test := range map[string]struct{ source, want string }{
		"not an image": {
			strings.Replace(bad, "value: quay.io/acme/tools@"+digest("2"), `value: "quay.io/a b"`, 1),
			`:27: csv editors.v1.2.0: deployment operator: container manager: RELATED_IMAGE_tools_plugin_registry_image_GIXDCNIK: "quay.io/a b" is not an image reference`,
		},
		"all others": {
			strings.Replace(bad, "value: quay.io/acme/tools@"+digest("2"), `value: "quay.io/a b"`, 1),
			`:20: csv editors.v1.2.0: deployment operator: container prepare: RELATED_IMAGE_prepare: "check release" is not an image reference`,
		},
		"the only one": {
			strings.Replace(bad, "value: quay.io/acme/tools@"+digest("2"), `value: ""`, 1),
			`RELATED_IMAGE_prepare: "check release" is not an image reference`,
		},
		"empty values": {
			strings.NewReplacer("value: quay.io/acme/tools@"+digest("2"), `value: ""`, "value: check release", `value: ""`).Replace(bad),
			"csv.yaml:1: csv editors.v1.2.0: no container has a variable RELATED_IMAGE_* with a value: all 3 are empty: give the CSV of a release",
		},
		"no deployments":  {good[:strings.Index(good, "      deployments:")], "spec.install.spec.deployments is empty"},
		"no install":      {good[:strings.Index(good, "  install:")], "csv.yaml:1: csv editors.v1.2.0: spec.install is missing: give a CSV that deploys its operator"},
		"no variables":    {strings.ReplaceAll(good, "RELATED_IMAGE_", "OPERAND_"), "csv editors.v1.2.0: no container has a variable RELATED_IMAGE_*: give an operator"},
		"no name":         {strings.ReplaceAll(strings.Replace(good, "name: editors.v1.2.0", "labels: {}", 1), "RELATED_IMAGE_", "OPERAND_"), "csv.yaml:1: csv without a name: no container"},
		"another kind":    {"apiVersion: v1\nkind: ConfigMap\n", "csv.yaml:1: found a ConfigMap of v1: give a ClusterServiceVersion of operators.coreos.com/v1alpha1, or the operator's Deployment of apps/v1"},
		"another version": {strings.Replace(good, "v1alpha1", "v9", 1), "found a ClusterServiceVersion of operators.coreos.com/v9"},
		"a list":          {"- a\n", "found no object"},
		"a wrong type":    {strings.Replace(good, "name: operator\n", "name: {}\n", 1), "csv.yaml:8: csv editors.v1.2.0: spec.install: line 11: cannot unmarshal !!map into string"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := entries(t, test.source, catalog.DefaultNames)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
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
		found, err := entries(t, source, catalog.DefaultNames)
		if c := catalog.New(found, ""); err != nil || len(c.Entries()) != 8 {
			t.Errorf("%s: got %d entries, %v, want 8", name, len(c.Entries()), err)
		}
	}
	for name, test := range map[string]struct{ source, want string }{
		"another case":                {strings.ReplaceAll(good, "ontainers:", "ontainerS:"), "no container has a variable"},
		"a key that is there already": {strings.Replace(good, "- name: operator\n", "- name: operator\n          name: x\n", 1), "line 12: "},
	} {
		_, err := entries(t, test.source, catalog.DefaultNames)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "line 0") {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func TestAMergedValueThatIsNoImageStandsWhereItIsWritten(t *testing.T) {
	merged := strings.Replace(withDigests(csv), "env: *env", "<<: {env: [{name: RELATED_IMAGE_x, value: a b}]}", 1)
	found, err := entries(t, strings.Replace(merged, "REPLACE ME", "x", 1), catalog.DefaultNames)
	i := slices.IndexFunc(found, func(e catalog.Entry) bool { return e.Name == "RELATED_IMAGE_x" })
	if err != nil || i < 0 || found[i].Value != "a b" || found[i].Position != "csv.yaml:37" {
		t.Errorf("got %+v, %v, want the value of RELATED_IMAGE_x", found, err)
	}
}

func TestTheDeploymentOfAnOperatorIsRead(t *testing.T) {
	deployment := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: op}\nspec: {template: {spec: {containers: [{name: m, image: quay.io/acme/op:1, env: [{name: RELATED_IMAGE_x, value: \"quay.io/acme/x@" + digest("1") + "\"}]}]}}}\n"
	found, err := entries(t, deployment, catalog.DefaultNames)
	if err != nil || len(found) != 2 || found[0].Where != "deployment op: container m" {
		t.Errorf("got %v, %v, want the variable and the container", found, err)
	}
	found, err = entries(t, strings.Replace(deployment, "RELATED_IMAGE_x", "X_OPERAND", 1), catalog.Names{"*_OPERAND"})
	if err != nil || len(found) != 2 || found[0].Name != "X_OPERAND" {
		t.Errorf("got %v, %v, want the variable of the other name", found, err)
	}
	_, err = entries(t, strings.Replace(deployment, "@sha256", " ", 1), catalog.DefaultNames)
	if want := `csv.yaml:4: deployment op: container m: RELATED_IMAGE_x: "quay.io/acme/x :`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got error %v, want %s…", err, want)
	}
}

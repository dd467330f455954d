package krm_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/config"
	"inject-related-images/internal/krm"
)

const (
	digest     = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	csv        = `{apiVersion: operators.coreos.com/v1alpha1, kind: ClusterServiceVersion, metadata: {name: v1}, spec: {install: {strategy: deployment, spec: {deployments: [{name: op, spec: {template: {spec: {containers: [{name: m, env: [{name: RELATED_IMAGE_udi_devfile_registry_image_GE______, value: "q.io/udi@` + digest + `"}]}]}}}}]}}}}`
	jsonConfig = `{"apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion", "metadata": {"name": "v1"}, "spec": {"install": {"strategy": "deployment", "spec": {"deployments": [{"name": "op", "spec": {"template": {"spec": {"containers": [{"name": "m", "env": [{"name": "RELATED_IMAGE_udi_devfile_registry_image_GE______", "value": "q.io/udi@` + digest + `"}]}]}}}}]}}}}`
)

// The forms that a ResourceList can come in. IMAGE is a reference, RESULTS where results are put.
var forms = map[string]string{
	"block":            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- image: IMAGE\nfunctionConfig: CONFIG\nRESULTS",
	"indented":         "---\n  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items:\n  - image: IMAGE\n  functionConfig: CONFIG\nRESULTS",
	"no final newline": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\nRESULTS",
	"block scalar without final newline": "RESULTSapiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\n" +
		"  text: |\n    x",
	"comments and document end":          "# a\napiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE # }\n# b\n\nRESULTS...\n# c\n",
	"kept line breaks":                   "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\n  text: |+\n    x\n\n\nRESULTS",
	"old results last":                   "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\nRESULTS",
	"CRLF":                               "apiVersion: config.kubernetes.io/v1\r\nkind: ResourceList\r\nfunctionConfig: CONFIG\r\nitems:\r\n- image: IMAGE\r\nRESULTS",
	"byte order mark":                    "\uFEFFapiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\nRESULTS",
	"flow":                               "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, functionConfig: CONFIG, items: [{image: IMAGE}]RESULTS} # }\n",
	"flow, trailing comma":               "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, functionConfig: CONFIG, items: [ {image: IMAGE, e: [], t: ''}, ]RESULTS, # }\n }\n",
	"alias at the end":                   "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{image: IMAGE}, &c CONFIG], functionConfig: *cRESULTS }\n",
	"pair without braces":                "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, functionConfig: CONFIG, items: [{image: IMAGE}, a: b]RESULTS}\n",
	"explicit key":                       "RESULTS? apiVersion\n: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\n  text: |\n    x",
	"document end behind a block scalar": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\n  text: |\n    x\nRESULTS...\n",
	"kept empty lines":                   "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: CONFIG\nitems:\n- image: IMAGE\n  text: |2+\n\n\nRESULTS",
	"old results, comments":              "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nresults: RESULTS # c1\n# c2\nitems:\n- image: IMAGE\nfunctionConfig: CONFIG\n",
	"old results in block style":         "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- image: IMAGE\nfunctionConfig: CONFIG\nresults:\nRESULTS# c\n",
	"old results, indented":              "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nresults:\n  RESULTS\nitems:\n- image: IMAGE\nfunctionConfig: CONFIG\n",
	"old results are empty":              "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nresults: RESULTS\nitems:\n- image: IMAGE\nfunctionConfig: CONFIG\n",
	"old results are empty, last":        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- image: IMAGE\nfunctionConfig: CONFIG\nresults: RESULTS\n",
	"JSON":                               "{\"apiVersion\": \"config.kubernetes.io/v1\", \"kind\": \"ResourceList\", \"items\": [{\"image\": \"IMAGE\"}], \"functionConfig\": JSONCONFIGRESULTS}",
}

// old are the results that some forms have before.
var old = map[string]string{
	"old results, comments":      "[]",
	"old results in block style": "- message: |\n    old\n",
	"old results, indented":      "- {message: 'old', severity: info}\n  - message: older",
}

// run is krm.Run, with the output as text and all results.
func run(source string, values config.Values) (string, framework.Results, error) {
	output, err := krm.Run(source, values)
	if output == nil {
		return "", nil, err
	}
	return output.String(), slices.Collect(output.Results()), err
}

func fill(form, image, results string) string {
	return strings.NewReplacer("IMAGE", image, "RESULTS", results, "JSONCONFIG", jsonConfig, "CONFIG", csv).Replace(form)
}

func TestTheOutputIsTheInputWithReferencesChangedAndResultsAdded(t *testing.T) {
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			in := fill(form, "q.io/udi:1", old[name])
			if name == "no final newline" {
				in = strings.TrimSuffix(in, "\n")
			}
			got, results, err := run(in, nil)
			if err != nil {
				t.Fatalf("Run(%q): %v", in, err)
			}
			if len(results) != 2 || results[0].Message != "1 reference in 1 resource: 1 injected" {
				t.Errorf("Run(%q): got results %v, want a summary of one injection and that", in, results)
			}
			before, after, found := strings.Cut(fill(form, "q.io/udi@"+digest, "RESULTS"), "RESULTS")
			if !found || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
				t.Errorf("Run(%q): got %q, want results between %q and %q", in, got, before, after)
			}
			checkMeaning(t, in, got)
			again, _, err := run(got, nil)
			if err != nil {
				t.Fatalf("Run(%q): %v", got, err)
			}
			checkMeaning(t, got, again)
			if third, _, _ := run(again, nil); third != again {
				t.Errorf("a third run changes the output: %s", cmp.Diff(again, third))
			}
		})
	}
}

// checkMeaning reads before and after with a YAML library: they must be the same but for the image and the results.
func checkMeaning(t *testing.T, before, after string) {
	t.Helper()
	var want, got map[string]any
	if err := yaml.Unmarshal([]byte(before), &want); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(after), &got); err != nil {
		t.Fatalf("the output does not parse: %v\n%s", err, after)
	}
	if results, ok := got["results"].([]any); !ok || len(results) != 2 {
		t.Errorf("got results %v, want two\n%s", got["results"], after)
	}
	delete(got, "results")
	delete(want, "results")
	want["items"].([]any)[0].(map[string]any)["image"] = "q.io/udi@" + digest
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("meaning: (-want +got)\n%s", diff)
	}
}

func TestResultsSurviveWhateverIsInTheirTexts(t *testing.T) {
	in := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: " + csv + "\nitems:\n- \"\\x7f\\u0085\\u2028 \\\"'\\n#: é💥\":\n    image: q.io/udi:1\n"
	for name, in := range map[string]string{"block": in, "flow": "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, functionConfig: " + csv + ", items: [{\"\\x7f\\u0085\\u2028 \\\"'\\n#: é💥\": {image: q.io/udi:1}}]}"} {
		got, _, err := run(in, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var out struct {
			Results []struct{ Field struct{ Path string } }
		}
		if err := yaml.Unmarshal([]byte(got), &out); err != nil {
			t.Fatalf("%s: the output does not parse: %v\n%s", name, err, got)
		}
		if want := `["\u007f\u0085\u2028 \"'\n#: é💥"].image`; len(out.Results) != 2 || out.Results[1].Field.Path != want && !strings.Contains(out.Results[1].Field.Path, `\x7f`) {
			t.Errorf("%s: got results %+v, want a path like %s", name, out.Results, want)
		}
	}
}

// FuzzRun checks that whatever comes in, what goes out is a ResourceList with the same items, or nothing with an error.
func FuzzRun(f *testing.F) {
	for name, form := range forms {
		f.Add(fill(form, "q.io/udi:1", old[name]))
	}
	scripts, err := filepath.Glob("../../testdata/script/krm_*.txtar")
	if err != nil || len(scripts) == 0 {
		f.Fatalf("found scripts %v, %v", scripts, err)
	}
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, results, err := run(in, nil)
		if out == "" {
			if err == nil {
				t.Fatalf("Run(%q): nothing went out, and there is no error", in)
			}
			return
		}
		var before, after struct {
			Kind           string
			Items, Results []any
		}
		if err := yaml.Unmarshal([]byte(in), &before); err != nil {
			return // what yaml.v3 reads but does not decode, such as keys that repeat; and JSON's escapes
		}
		if err := yaml.Unmarshal([]byte(out), &after); err != nil {
			t.Fatalf("Run(%q): what goes out does not parse: %v\n%s", in, err, out)
		}
		if after.Kind != "ResourceList" || len(after.Items) != len(before.Items) || len(after.Results) != len(results) {
			t.Fatalf("Run(%q): got %d items and %d results, want %d and %d\n%s", in, len(after.Items), len(after.Results), len(before.Items), len(results), out)
		}
	})
}

func TestMarkersAreLeftWhereTheSourceIsWrittenAgain(t *testing.T) {
	head := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: " + csv + "\nitems:\n- image: ${RELATED_IMAGE_udi}\n"
	path := "  metadata: {annotations: {internal.config.kubernetes.io/path: a.yaml}}\n"
	for name, test := range map[string]struct{ in, want string }{
		"kpt":       {head + path, "- image: q.io/udi@" + digest + " # related-image: RELATED_IMAGE_udi\n"},
		"kustomize": {head, "- image: q.io/udi@" + digest + "\n"},
		"kustomize, behind another function": {
			head + strings.Replace(path, "{internal", "{kustomize.config.k8s.io/id: x, internal", 1),
			"- image: q.io/udi@" + digest + "\n",
		},
	} {
		out, results, err := run(test.in, nil)
		if err != nil || !strings.Contains(out, test.want) {
			t.Errorf("%s: got %v and %s, want %s", name, err, out, test.want)
		}
		told := strings.Contains(results[1].Message, "kustomize drops comments")
		if told != strings.HasPrefix(name, "kustomize") {
			t.Errorf("%s: got the result %q", name, results[1].Message)
		}
	}
	if _, results, err := run(strings.Replace(head, "IMAGE_udi}", "IMAGE_udy}", 1), nil); err == nil || !strings.Contains(results[0].Message, "the nearest are RELATED_IMAGE_udi") {
		t.Errorf("an unknown name: got %v and %v, want an error with the nearest names", err, results)
	}
}

func TestATypedConfigHasAnnotationsToo(t *testing.T) {
	typed := "{apiVersion: inject-related-images/v1alpha1, kind: InjectRelatedImages, metadata: {annotations: {inject-related-images/keep-tag: 'true', inject-related-images/mode: check}}, spec: {mode: inject}}"
	out, _, err := run("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: "+typed+"\nitems:\n- "+csv+"\n- image: q.io/udi:1\n", nil)
	if want := "- image: q.io/udi:1@" + digest + "\n"; err != nil || !strings.Contains(out, want) {
		t.Errorf("got %v and %s, want %s: the spec goes before annotations, and they count", err, out, want)
	}
}

package config_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/yamltext"
)

var update = flag.Bool("update", false, "write the schema")

func TestTheSchemaIsUpToDate(t *testing.T) {
	const file = "../../fn/functionconfig.schema.json"
	if *update {
		if err := os.WriteFile(file, []byte(config.Schema()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Schema(), string(data)); diff != "" {
		t.Errorf("%s is not up to date (go test -update mends it): (-want +file)\n%s", file, diff)
	}
}

func from(t *testing.T, source string) (config.Values, error) {
	t.Helper()
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return config.FromConfig(text, text.Docs[0])
}

func TestEverySpellingGivesTheSameOptions(t *testing.T) {
	values := map[string]string{
		"fields": "[{kind: Foo, path: spec/a}]", "exclude": "[spec/b]", "match-repository": "true", "alias": "q.io/a=q.io/b,q.io/cc=q.io/d",
		"mirror": "q.io=local:5000,r.io=local:5001", "keep-tag": "true", "record": "true", "arch": "arm64", "prefix": "A_,*_B", "fail-on": "stale,unpinned", "mode": "check",
	}
	var environ []string
	annotations, spec, data, lists := map[string]string{}, "", "", 0
	for _, o := range config.Table {
		value, ok := values[o.Name]
		if !ok {
			t.Errorf("option %s has no case", o.Name)
		}
		environ = append(environ, o.Environment()+"="+value)
		annotations[o.Annotation()] = value
		if strings.HasSuffix(o.Type, ",...") {
			lists++
			spec += "  " + o.Field() + ": [\"" + strings.ReplaceAll(value, ",", "\", \"") + "\"]\n"
		} else {
			spec += "  " + o.Field() + ": " + value + "\n"
		}
		data += "  " + o.Name + ": \"" + value + "\"\n"
	}
	if lists == 0 {
		t.Error("no option was given as a list")
	}
	fromEnvironment, err1 := config.FromEnvironment(environ)
	fromAnnotations, err2 := config.FromAnnotations(annotations)
	typed, err3 := from(t, "apiVersion: "+config.APIVersion+"\nkind: "+config.Kind+"\nspec:\n"+spec)
	configMap, err4 := from(t, "apiVersion: v1\nkind: ConfigMap\ndata:\n"+data)
	var want config.Options
	for name, v := range map[string]config.Values{"environment": fromEnvironment, "annotations": fromAnnotations, "typed": typed, "ConfigMap": configMap} {
		got, err := v.Parse()
		if err != nil {
			t.Fatalf("%s: %v (%v, %v, %v, %v)", name, err, err1, err2, err3, err4)
		}
		if want.Names == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	if !want.Check || !want.Decide.KeepTag || want.Arch != "arm64" || len(want.Fields) != 1 || len(want.Names) != 2 || len(want.FailOn) != 2 ||
		len(want.Decide.Aliases) != 2 || len(want.Decide.Mirrors) != 2 {
		t.Errorf("got %+v, want all options", want)
	}
}

func TestATypedConfigIsStrict(t *testing.T) {
	for source, want := range map[string]string{
		"kind: InjectRelatedImages\napiVersion: x/v1\n":                                                     `apiVersion "x/v1": an InjectRelatedImages is of inject-related-images/v1alpha1`,
		"kind: InjectRelatedImages\napiVersion: inject-related-images/v1alpha1\nspecs: {}\n":                "there is no field specs: did you mean spec?",
		"kind: InjectRelatedImages\napiVersion: inject-related-images/v1alpha1\nspec: {keepTags: true}\n":   "there is no field spec.keepTags: did you mean keepTag?",
		"kind: InjectRelatedImages\napiVersion: inject-related-images/v1alpha1\nspec: {arch: [arm64]}\n":    "spec.arch: it is a text",
		"kind: InjectRelatedImages\napiVersion: inject-related-images/v1alpha1\nspec: {failOn: [{a: b}]}\n": "spec.failOn: it is a text or a list of texts",
		"kind: ConfigMap\napiVersion: v1\ndata: {keepTag: 'true'}\n":                                        "there is no field data.keepTag: did you mean keep-tag?",
		"kind: InjectRelatedImages\napiVersion: inject-related-images/v1alpha1\nspec: [a]\n":                "spec: it is not a mapping of options",
	} {
		if _, err := from(t, source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", source, err, want)
		}
	}
}

func TestMirrorsAreReadFromOpenShiftsObjects(t *testing.T) {
	got, err := config.ParseMirrors(`apiVersion: v1
kind: List
items:
- {apiVersion: config.openshift.io/v1, kind: ImageTagMirrorSet, spec: {imageTagMirrors: [{source: q.io/a, mirrors: [m.local/a, n.local]}, {source: q.io/b}]}}
- {apiVersion: operator.openshift.io/v1alpha1, kind: ImageContentSourcePolicy, spec: {repositoryDigestMirrors: [{source: docker.io, mirrors: ["m.local:5000"]}]}}
`)
	want := []engine.Mirror{{From: "q.io/a", To: "m.local/a", Only: engine.Tags}, {From: "docker.io", To: "m.local:5000", Only: engine.Digests}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("got error %v; (-want +got)\n%s", err, diff)
	}
}

func TestWhatMatchesNothingIsNamed(t *testing.T) {
	o, err := config.Values{
		"fields":  {Text: "[spec/a, {kind: Foo, path: spec/b}]"},
		"exclude": {Text: "spec/c"},
	}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	o.Decide.Map, err = config.ParseMap("[{image: q.io/x, variable: A}, {image: 'q.io/y:1', variable: B}]")
	if err != nil {
		t.Fatal(err)
	}
	got := o.Useless(engine.Usage{Fields: []bool{true, false}, Map: []bool{true, false}})
	want := []string{`fields: {kind: "Foo", path: "spec/b"} matches no text`, `exclude: "spec/c" matches nothing`, "map: q.io/y:1 matches no reference"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := o.Useless(engine.Usage{Fields: []bool{true, true}, Exclude: []bool{true}, Map: []bool{true, true}}); got != nil {
		t.Errorf("got %q of what is all of use", got)
	}
}

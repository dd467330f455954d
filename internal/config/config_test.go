package config_test

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/olm"
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

// TestTheSchemaHasTheValuesOfOptions has an option that is a text, and one that is a list.
func TestTheSchemaHasTheValuesOfOptions(t *testing.T) {
	type property struct {
		Enum  []string
		AnyOf []struct{ Items struct{ Enum []string } }
	}
	var schema struct {
		Properties struct {
			Spec struct{ Properties map[string]property }
		}
	}
	if err := json.Unmarshal([]byte(config.Schema()), &schema); err != nil {
		t.Fatal(err)
	}
	spec := schema.Properties.Spec.Properties
	for _, o := range config.Table {
		p, got := spec[o.Field()], []string(nil)
		if got = p.Enum; len(p.AnyOf) == 2 {
			got = p.AnyOf[1].Items.Enum
		}
		if _, ok := spec[o.Field()]; ok != (o.Inline || slices.Contains(o.Of, config.Function)) || ok && !slices.Equal(got, o.Values) {
			t.Errorf("%s: it is there: %t, with values %q, want %q", o.Name, ok, got, o.Values)
		}
	}
	for name, value := range map[string]string{"arch": "s390x", "mode": "check"} {
		if !slices.Contains(spec[name].Enum, value) {
			t.Errorf("%s: got values %q, want %s", name, spec[name].Enum, value)
		}
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
		if o.Opens || !slices.Contains(o.Of, config.Function) {
			continue
		}
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

// TestSkipIsNoOptionOfTheFunction has what a CSV may say all the same, for the commands.
func TestSkipIsNoOptionOfTheFunction(t *testing.T) {
	fromEnvironment, err1 := config.FromEnvironment([]string{"INJECT_RELATED_IMAGES_SKIP=charts/\n!a b.yaml\n"})
	fromAnnotations, err2 := config.FromAnnotations(map[string]string{"inject-related-images/skip": "charts/\n!a b.yaml"})
	for name, v := range map[string]config.Values{"environment": fromEnvironment, "annotations": fromAnnotations} {
		if got, err := v.Parse(); err != nil || !slices.Equal(got.Skip, []string{"charts/", "!a b.yaml"}) {
			t.Errorf("%s: got %q, %v (%v, %v)", name, got.Skip, err, err1, err2)
		}
	}
	for _, source := range []string{"apiVersion: " + config.APIVersion + "\nkind: " + config.Kind + "\nspec: {skip: a}\n", "apiVersion: v1\nkind: ConfigMap\ndata: {skip: a}\n"} {
		if _, err := from(t, source); err == nil || !strings.Contains(err.Error(), "there is no field") {
			t.Errorf("%s: got %v, want an error", source, err)
		}
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
		"kind: InjectRelatedImages\napiVersion: inject-related-images/v1alpha1\nspec: [a]\n":                "spec: found no mapping of options",
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

// TestAWildcardIsAMirrorOfTheRegistriesThatTheCSVHas has the matches of containers-registries.conf(5).
func TestAWildcardIsAMirrorOfTheRegistriesThatTheCSVHas(t *testing.T) {
	const set = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nspec: {imageDigestMirrors: ["
	mirrors, err := config.ParseMirrors(set + `
{source: "*.example.com", mirrors: [m.io/all]}, {source: "*.b.example.com", mirrors: ["m.io:5000"]}, {source: "c.example.com", mirrors: [m.io/c]},
{source: "a.example.com/team", mirrors: [m.io/team]}, {source: "*.io", mirrors: [m.io/io]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	var entries []catalog.Entry
	for _, image := range []string{"a.example.com/x:1", "a.b.example.com/x:1", "c.example.com/x:1", "example.com/x:1", "d.example.com:5000/x:1", "notexample.com/x:1", "nginx:1"} {
		ref, err := imageref.Parse(image)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_x", ref))
	}
	entries = append(entries, catalog.DecodeBad(catalog.DefaultNames, "RELATED_IMAGE_y", "oci://bad.example.com/x"))
	var options config.Options
	e := options.WithMirrors(mirrors).Engine(olm.History{Current: []olm.Release{{Entries: entries[:2]}}, Previous: []olm.Release{{Entries: entries[2:]}}})
	want := []engine.Mirror{
		{From: "a.example.com/team", To: "m.io/team", Only: engine.Digests},
		{From: "a.b.example.com", To: "m.io:5000", Only: engine.Digests}, // the longest source goes first
		{From: "a.b.example.com", To: "m.io/all", Only: engine.Digests},
		{From: "c.example.com", To: "m.io/c", Only: engine.Digests}, // and one without a wildcard
		{From: "a.example.com", To: "m.io/all", Only: engine.Digests},
		{From: "c.example.com", To: "m.io/all", Only: engine.Digests},
		{From: "docker.io", To: "m.io/io", Only: engine.Digests},
	}
	if diff := cmp.Diff(want, e.Options.Mirrors); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, source := range []string{"*", "*.", "*.example.com/x", "*.example.com:5000", "a.*.com", "**.example.com", "*example.com"} {
		if _, err := config.ParseMirrors(set + `{source: "` + source + `", mirrors: [m.io]}]}`); err == nil {
			t.Errorf("source %s: got no error", source)
		}
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
	got := o.Unmatched(engine.Usage{Fields: []bool{true, false}, Map: []bool{true, false}})
	want := []string{`fields: {kind: "Foo", path: "spec/b"} matches no text`, `exclude: "spec/c" matches nothing`, "map: q.io/y:1 matches no reference"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := o.Unmatched(engine.Usage{Fields: []bool{true, true}, Exclude: []bool{true}, Map: []bool{true, true}}); got != nil {
		t.Errorf("got %q of what is all of use", got)
	}
}

package engine_test

import (
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
)

// catalogOf is a catalog of variables, each with its image behind it.
func catalogOf(t *testing.T, variables ...string) *catalog.Catalog {
	t.Helper()
	var entries []catalog.Entry
	for i := 0; i < len(variables); i += 2 {
		image, err := imageref.Parse(variables[i+1])
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.Decode(catalog.DefaultNames, variables[i], image))
	}
	return catalog.New(entries, "")
}

func TestRecordAdoptsWhatIsCurrent(t *testing.T) {
	e := engine.Engine{
		Catalog: catalogOf(t,
			"RELATED_IMAGE_server", "q.io/x/server@"+digest("1"),
			"RELATED_IMAGE_one", "q.io/x/shared@"+digest("2"), "RELATED_IMAGE_two", "q.io/x/shared@"+digest("2"),
			"RELATED_IMAGE_udi_plugin_registry_image_GE______", "q.io/x/udi@"+digest("3")),
		Options: engine.Options{Record: true},
	}
	for name, test := range map[string]struct{ source, want, message string }{
		"the only variable": {
			"- image: q.io/x/server@" + digest("1") + "\n",
			"- image: q.io/x/server@" + digest("1") + " # related-image: RELATED_IMAGE_server\n", "",
		},
		"several variables": {
			"- image: q.io/x/shared@" + digest("2") + "\n", "- image: q.io/x/shared@" + digest("2") + "\n",
			"several have this image: RELATED_IMAGE_one, RELATED_IMAGE_two",
		},
		"by its tag": {
			"- image: q.io/x/udi:1\n", "- image: q.io/x/udi@" + digest("3") + " # related-image: RELATED_IMAGE_udi\n", "",
		},
		"JSON": {
			`[{"image": "q.io/x/server@` + digest("1") + `"}]`, `[{"image": "q.io/x/server@` + digest("1") + `"}]`,
			"JSON has no comments",
		},
		"a marker that is there": {
			"- image: q.io/x/server@" + digest("1") + " # related-image: RELATED_IMAGE_server\n",
			"- image: q.io/x/server@" + digest("1") + " # related-image: RELATED_IMAGE_server\n", "",
		},
		"in a document in a document": {
			"kind: ConfigMap\napiVersion: v1\ndata:\n  x: |\n    image: q.io/x/server@" + digest("1") + "\n",
			"kind: ConfigMap\napiVersion: v1\ndata:\n  x: |\n    image: q.io/x/server@" + digest("1") +
				" # related-image: RELATED_IMAGE_server\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := inject(e, "x.yaml", test.source)
			if err != nil {
				t.Fatal(err)
			}
			f := got.Findings[0]
			if got.Text != test.want || name != "by its tag" && f.Status != engine.Current || !strings.Contains(f.Message, test.message) {
				t.Errorf("got %q, %+v, want %q", got.Text, f, test.want)
			}
			if again, err := inject(e, "x.yaml", got.Text); err != nil || again.Text != got.Text {
				t.Errorf("a second run makes %q of it, %v", again.Text, err)
			}
		})
	}
}

func TestAMapNamesTheVariable(t *testing.T) {
	ref := func(s string) imageref.Ref {
		r, err := imageref.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	e := engine.Engine{
		Catalog: catalogOf(t, "RELATED_IMAGE_server", "q.io/x/server@"+digest("1"), "RELATED_IMAGE_old", "q.io/x/old@"+digest("2")),
		Options: engine.Options{Map: []engine.Assignment{
			{Image: ref("docker.io/acme/server"), Variable: "RELATED_IMAGE_server"},
			{Image: ref("acme/server:1"), Variable: "RELATED_IMAGE_old"},
		}},
	}
	for image, want := range map[string]string{
		"acme/server:2":                "q.io/x/server@" + digest("1"),
		"acme/server@" + digest("9"):   "q.io/x/server@" + digest("1"),
		"acme/server:1":                "q.io/x/old@" + digest("2"), // the exact image goes before the repository
		"acme/other:1":                 "",
		"q.io/x/server@" + digest("1"): "",
	} {
		got, err := inject(e, "x.yaml", "containers: [{image: '"+image+"'}]\n")
		if err != nil {
			t.Fatal(err)
		}
		f := got.Findings[0]
		if f.Proposed != want || want != "" && f.Rule != "map" {
			t.Errorf("%s: got %+v, want %q by rule map", image, f, want)
		}
		if again, err := inject(e, "x.yaml", got.Text); err != nil || again.Text != got.Text {
			t.Errorf("%s: a second run makes %q of %q, %v", image, again.Text, got.Text, err)
		}
	}
}

func TestAMarkerIsCarriedOverWhereItsVariableHasAnotherTag(t *testing.T) {
	const java11, java17, java18 = "GEYQU___", "GE3QU___", "GE4A____" // in base32
	name := "RELATED_IMAGE_java_plugin_registry_image_"
	old := catalogOf(t, name+java11, "q.io/x/java@"+digest("1"), name+java17, "q.io/x/java@"+digest("2"))
	e := engine.Engine{
		Catalog:  catalogOf(t, name+java11, "q.io/x/java@"+digest("3"), name+java18, "q.io/x/java@"+digest("4")),
		Previous: []engine.Release{{CSV: "op.v1", Catalog: old}},
	}
	source := "- image: q.io/x/java@" + digest("2") + " # related-image: " + name + java17 + "\n"
	got, err := inject(e, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(source, digest("2"), digest("4"), 1)
	if f := got.Findings[0]; got.Text != want || f.Rule != "previous" || f.Previous != "op.v1" {
		t.Errorf("got %q, %+v, want %q", got.Text, f, want)
	}
	if again, err := inject(e, "x.yaml", got.Text); err != nil || again.Text != got.Text || again.Findings[0].Status != engine.Current {
		t.Errorf("a second run: got %+v, %v", again, err)
	}
	e.Previous = nil
	if unknown, err := inject(e, "x.yaml", source); err != nil || !unknown.Findings[0].Broken {
		t.Errorf("without the earlier release: got %+v, %v, want that the variable is unknown", unknown, err)
	}
}

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

func digest(c string) string { return "sha256:" + strings.Repeat(c, 64) }

// images is a catalog with all schemes. Digests are of one digit each.
func images(t *testing.T) *catalog.Catalog {
	t.Helper()
	var entries []catalog.Entry
	add := func(name, image string) *catalog.Entry {
		ref, err := imageref.Parse(image)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.Decode(catalog.DefaultNames, name, ref))
		return &entries[len(entries)-1]
	}
	add("RELATED_IMAGE_a_plugin_registry_image_GE______", "q.io/x/a@"+digest("1")) // tag 1
	add("RELATED_IMAGE_a_plugin_registry_image_GI______", "q.io/x/a@"+digest("2")) // tag 2
	add("RELATED_IMAGE_b_plugin_registry_image_GE______", "q.io/x/b@"+digest("3"))
	add("RELATED_IMAGE_b_devfile_registry_image_GE______", "q.io/x/b@"+digest("4"))
	add("RELATED_IMAGE_n_devfile_registry_image_", "docker.io/library/nginx@"+digest("5"))
	add("RELATED_IMAGE_editor_definition_ed_1_run", "q.io/x/ed@"+digest("6"))
	add("RELATED_IMAGE_editor_definition_ed_1_next", "q.io/x/ed:next")
	add("RELATED_IMAGE_sample_encoded_cS5pby94L2E6MQo_", "q.io/never/used@"+digest("7")) // does not decode
	add("RELATED_IMAGE_sample_encoded_cS5pby94L3M6MQo____", "q.io/x/other@"+digest("8")) // q.io/x/s:1
	add("relatedImages: p", "docker.io/x/p@"+digest("9")).Scheme = catalog.RelatedImage
	original, err := imageref.Parse("x/p:13")
	if err != nil {
		t.Fatal(err)
	}
	entries[len(entries)-1].Original = original
	return catalog.New(entries, "")
}

// injected is an outcome, and the text with its changes made.
type injected struct {
	engine.Outcome
	Text string
}

// inject decides a file, whose name tells the registry, as package files does.
func inject(e engine.Engine, name, source string) (injected, error) {
	outcome, err := e.Decide(engine.Input{
		Context: engine.Context{Registry: catalog.RegistryOf(name), KeepsComment: true}, Name: name, Text: source,
	})
	if err != nil {
		return injected{}, err
	}
	text, err := yamltext.Apply(source, outcome.Changes)
	return injected{outcome, text}, err
}

func TestDecisions(t *testing.T) {
	editor := func(component, image string) string {
		return "metadata: {name: ed, attributes: {version: 1}}\ncomponents: [{name: " + component + ", container: {image: " + image + "}}]\n"
	}
	for name, test := range map[string]struct {
		file, source string
		status       engine.Status
		rule         string
		proposed     string
		candidates   int
	}{
		"tag":                           {"", "image: q.io/x/a:2", engine.Stale, "tag", "q.io/x/a@" + digest("2"), 0},
		"tag, own spelling":             {"", "image: nginx", engine.Stale, "tag", "nginx@" + digest("5"), 0},
		"tag, plugin registry":          {"plugin-registry/x.yaml", "image: q.io/x/b:1", engine.Stale, "tag", "q.io/x/b@" + digest("3"), 0},
		"tag, devfile registry":         {"devfiles/x.yaml", "image: q.io/x/b:1", engine.Stale, "tag", "q.io/x/b@" + digest("4"), 0},
		"tag, kinds disagree":           {"", "image: q.io/x/b:1", engine.Ambiguous, "tag", "", 2},
		"tag, no prefix":                {"", "image: q.io/x/a:11", engine.Ambiguous, "", "", 2},
		"no tag is not latest":          {"", "image: nginx:latest", engine.Uncovered, "", "", 1},
		"editor before tag":             {"", editor("run", "q.io/x/a:1"), engine.Stale, "editor", "q.io/x/ed@" + digest("6"), 0},
		"editor before digest":          {"", editor("run", "q.io/x/a@"+digest("1")), engine.Stale, "editor", "q.io/x/ed@" + digest("6"), 0},
		"editor, injected":              {"", editor("run", "q.io/x/ed@"+digest("6")), engine.Current, "editor", "", 0},
		"editor, a tag":                 {"", editor("next", "q.io/x/ed:old"), engine.Stale, "editor", "q.io/x/ed:next", 0},
		"editor, another component":     {"", editor("walk", "q.io/x/a:1"), engine.Stale, "tag", "q.io/x/a@" + digest("1"), 0},
		"sample, another repository":    {"", "image: q.io/x/s:1", engine.Stale, "sample", "q.io/x/other@" + digest("8"), 0},
		"related image":                 {"", "image: index.docker.io/x/p:13", engine.Stale, "related-image", "index.docker.io/x/p@" + digest("9"), 0},
		"current":                       {"", "image: q.io/x/a@" + digest("1"), engine.Current, "", "", 0},
		"current, tag and digest":       {"", "image: q.io/x/a:2@" + digest("1"), engine.Current, "", "", 0},
		"drifted":                       {"", "image: q.io/x/a@" + digest("f"), engine.Drifted, "", "", 2},
		"drifted, tag and digest":       {"", "image: q.io/x/a:1@" + digest("f"), engine.Drifted, "", "", 2},
		"ambiguous":                     {"", "image: q.io/x/a:next", engine.Ambiguous, "", "", 2},
		"uncovered, one of repository":  {"", "sidecar: {image: q.io/x/ed2:1}", engine.Uncovered, "", "", 0},
		"uncovered, digest elsewhere":   {"", "sidecar: {image: q.io/y/a@" + digest("1") + "}", engine.Uncovered, "", "", 0},
		"one of the repository, no tag": {"", "image: q.io/x/other", engine.Uncovered, "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := inject(engine.Engine{Catalog: images(t)}, test.file, test.source)
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Findings) != 1 {
				t.Fatalf("got findings %+v, want one", result.Findings)
			}
			f := result.Findings[0]
			if f.Status != test.status || f.Rule != test.rule || f.Proposed != test.proposed || len(f.Candidates) != test.candidates {
				t.Errorf("%s: got %+v, want %+v", test.source, f, test)
			}
			if decided := f.Status == engine.Stale || f.Status == engine.Current; !decided && f.Message == "" {
				t.Errorf("%s: got %+v, want a reason", test.source, f)
			}
			if f.Unpinned != (name == "editor, a tag") {
				t.Errorf("%s: got unpinned %t", test.source, f.Unpinned)
			}
			want := test.source
			if test.proposed != "" {
				want = strings.Replace(want, f.Image, test.proposed, 1)
			}
			if result.Text != want {
				t.Errorf("text: %s", cmp.Diff(want, result.Text))
			}
		})
	}
}

// TestAReferenceThatNeedsAVariableWithoutAnImageFails has a case of each rule that can need one.
func TestAReferenceThatNeedsAVariableWithoutAnImageFails(t *testing.T) {
	decode := func(values ...string) *catalog.Catalog {
		var entries []catalog.Entry
		for i := 0; i < len(values); i += 2 {
			if image, err := imageref.Parse(values[i+1]); err == nil {
				entries = append(entries, catalog.Decode(catalog.DefaultNames, values[i], image))
			} else {
				entries = append(entries, catalog.DecodeBad(catalog.DefaultNames, values[i], values[i+1]))
			}
		}
		return catalog.New(entries, "")
	}
	mapped, err := imageref.Parse("q.io/x/mapped")
	if err != nil {
		t.Fatal(err)
	}
	e := engine.Engine{
		Catalog: decode("RELATED_IMAGE_server", "check release", "RELATED_IMAGE_editor_definition_ed_1_run", "oci://q.io/x/ed:1",
			"RELATED_IMAGE_a_plugin_registry_image_GE______", "oci://q.io/x/a:1",
			"RELATED_IMAGE_sample_encoded_cS5pby94L3M6MQo____", "http://q.io/x/s", // q.io/x/s:1
			"RELATED_IMAGE_sample_encoded_cS5pby94L3Q6MQo____", "q.io/x/a:1"), // q.io/x/t:1, which is the tag above
		Previous: []engine.Release{{CSV: "old", Catalog: decode("RELATED_IMAGE_server", "q.io/x/server@"+digest("1"))}},
		Scope:    locate.NewScope(nil, nil, catalog.DefaultNames),
		Options:  engine.Options{Aliases: []engine.Alias{{From: "alias.io", To: "q.io"}}, Map: []engine.Assignment{{Image: mapped, Variable: "RELATED_IMAGE_server"}}},
	}
	for rule, source := range map[string]string{
		"placeholder":   "image: ${RELATED_IMAGE_server}",
		"marker":        "image: q.io/x/server:1 # related-image: RELATED_IMAGE_server",
		"editor":        "metadata: {name: ed, attributes: {version: 1}}\ncomponents: [{name: run, container: {image: x/y}}]",
		"tag":           "image: q.io/x/a:1",
		"sample":        "image: q.io/x/s:1",
		"sample, a tag": "image: q.io/x/t:1",
		"previous":      "image: q.io/x/server@" + digest("1"),
		"alias":         "image: alias.io/x/a:1",
		"map":           "image: q.io/x/mapped:1",
		"variable":      "env: [{name: RELATED_IMAGE_server, value: \"q.io/x/server:1\"}]",
	} {
		result, err := inject(e, "", source)
		if err != nil || len(result.Findings) != 1 {
			t.Fatalf("%s: got %+v, %v, want one finding", rule, result.Findings, err)
		}
		f := result.Findings[0]
		if f.Status != engine.Uncovered || !f.Broken || f.Entry == "" || f.Rule != rule && rule != "sample, a tag" ||
			!strings.HasPrefix(f.Message, "the CSV gives "+f.Entry+" the value \"") || !strings.HasSuffix(f.Message, "is not an image reference") {
			t.Errorf("%s: got %+v, want a finding that says what the value is", rule, f)
		}
		if result.Text != source {
			t.Errorf("%s: the text changed to %q", rule, result.Text)
		}
	}
	for _, source := range []string{
		"sidecar: {image: q.io/x/other:1}",
		"sidecar: {image: q.io/x/other:1}\nenv: [{name: RELATED_IMAGE_server, value: \"another.io/operator:1\"}]",
	} {
		result, err := inject(e, "", source)
		if err != nil || slices.ContainsFunc(result.Findings, func(f engine.Finding) bool { return f.Broken }) {
			t.Errorf("%s: got %+v, %v, want what needs no such variable not to fail", source, result.Findings, err)
		}
	}
}

// TestAnImageAtAMirrorOfSeveralIsAmbiguousWhereTheyDiffer mirrors two registries to one place.
func TestAnImageAtAMirrorOfSeveralIsAmbiguousWhereTheyDiffer(t *testing.T) {
	var entries []catalog.Entry
	for name, image := range map[string]string{
		"RELATED_IMAGE_a_plugin_registry_image_GE______": "a.io/x@" + digest("1"), "RELATED_IMAGE_b_plugin_registry_image_GE______": "b.io/x@" + digest("2"),
		"RELATED_IMAGE_a_plugin_registry_image_GI______": "a.io/x@" + digest("3"), "RELATED_IMAGE_b_plugin_registry_image_GI______": "b.io/x@" + digest("3"),
	} {
		ref, err := imageref.Parse(image)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.Decode(catalog.DefaultNames, name, ref))
	}
	e := engine.Engine{Catalog: catalog.New(entries, ""), Options: engine.Options{Mirrors: []engine.Mirror{{From: "a.io", To: "m.io"}, {From: "b.io", To: "m.io"}}}}
	for image, want := range map[string]string{
		"m.io/x:1":              "ambiguous ",
		"m.io/x:2":              "stale m.io/x@" + digest("3"),
		"m.io/x@" + digest("2"): "current ",
		"a.io/x:1":              "stale m.io/x@" + digest("1"),
		"b.io/x@" + digest("2"): "stale m.io/x@" + digest("2"),
		"m.io/x@" + digest("f"): "drifted ",
	} {
		result, err := inject(e, "", "image: "+image)
		got := ""
		if len(result.Findings) > 0 {
			got = string(result.Findings[0].Status) + " " + result.Findings[0].Proposed
		}
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", image, got, err, want)
		}
	}
}

func TestTheMessageNamesTheOptionThatWouldTakeTheOneCandidate(t *testing.T) {
	result, err := inject(engine.Engine{Catalog: images(t)}, "", "image: nginx:1")
	if err != nil || !strings.Contains(result.Findings[0].Message, "match-repository") {
		t.Errorf("got %+v, %v, want the option match-repository in the message", result.Findings, err)
	}
}

func TestLayersKeepTheirOwnBytes(t *testing.T) {
	source := `apiVersion: v1
kind: ConfigMap
data:
  devfile.yaml: "components:\n- openshift:\n    inlined: |\n      a: [ {image: 'q.io/x/a:1'}, ] # q.io/x/a:1\n- image: \"q.io/x/a:2\"\n"
  list: >
    q.io/x/a:1

    q.io/x/none:1

    q.io/x/a:2
  pairs: 'a=q.io/x/a:1;b=q.io/x/a:2;'
`
	result, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(strings.ReplaceAll(source, "a:1'}", "a@"+digest("1")+"'}"), "a:2", "a@"+digest("2"))
	want = strings.ReplaceAll(strings.ReplaceAll(want, "    q.io/x/a:1\n", "    q.io/x/a@"+digest("1")+"\n"), "a:1;", "a@"+digest("1")+";")
	if diff := cmp.Diff(want, result.Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", result.Text)
	if err != nil || again.Text != result.Text || len(again.Changes) != 0 {
		t.Errorf("a second run changes %v, %v", again.Changes, err)
	}
}

func TestASharedScalarIsEditedOnceOrNotAtAll(t *testing.T) {
	shared := "a: {image: &i q.io/x/a:1}\nb: {image: *i}\n"
	result, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", shared)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(shared, "a:1", "a@"+digest("1"), 1); result.Text != want || len(result.Findings) != 2 {
		t.Errorf("got %q with %+v, want %q", result.Text, result.Findings, want)
	}
	disputed := "metadata: {name: ed, attributes: {version: 1}}\ncomponents:\n- {name: run, container: &c {image: q.io/x/a:1}}\n- {name: walk, container: *c}\n"
	result, err = inject(engine.Engine{Catalog: images(t)}, "x.yaml", disputed)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		if f.Status != engine.Ambiguous || len(f.Candidates) != 2 || f.Proposed != "" {
			t.Errorf("got %+v, want it ambiguous with two candidates", f)
		}
	}
	if result.Text != disputed || len(result.Findings) != 2 {
		t.Errorf("got %q with %d findings, want no change and two", result.Text, len(result.Findings))
	}
}

func TestADocumentThatIsSharedIsEditedOnce(t *testing.T) {
	source := "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: &a |\n    image: q.io/x/a:1\n  b.yaml: *a\n  c.yaml: |\n    image: q.io/x/a:2\n  d: &d |\n    q.io/x/a:1\n  e: *d\n"
	result, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("a:1", "a@"+digest("1"), "a:2", "a@"+digest("2")).Replace(source)
	if diff := cmp.Diff(want, result.Text); diff != "" || len(result.Findings) != 5 {
		t.Errorf("got %d findings, want 5; (-want +got)\n%s", len(result.Findings), diff)
	}
}

func TestJSONsOwnEscapesAreRead(t *testing.T) {
	source := `{"name": "\ud83d\ude00", "image": "q.io\/x\/a:1"}`
	result, err := inject(engine.Engine{Catalog: images(t)}, "x.json", source)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(source, ":1", "@"+digest("1"), 1); result.Text != want {
		t.Errorf("got %s, want %s", result.Text, want)
	}
}

func TestWhatTheCSVKnowsNothingOfIsToldAtKnownPlacesOnly(t *testing.T) {
	source := "logo: {image: acme/logo}\nlost: {image: q.io/x/a:9}\nstale: {image: q.io/x/a:1}\nspec: {containers: [{image: nobody/knows:1}]}\n"
	result, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range result.Findings {
		got = append(got, f.Path+" "+string(f.Status))
	}
	want := []string{"lost.image ambiguous", "stale.image stale", "spec.containers[0].image uncovered"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestASplitReferenceIsToldAndNotEdited(t *testing.T) {
	source := "apiVersion: org.eclipse.che/v1\nkind: CheCluster\nspec: {server: {cheImage: q.io/x/a, cheImageTag: '1', pluginRegistryImage: q.io/x/a:2}}\n"
	result, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	if f := result.Findings[0]; f.Status != engine.Unreachable || f.Image != "q.io/x/a:1" || f.Proposed != "q.io/x/a@"+digest("1") || !strings.Contains(f.Message, "cheImageTag") {
		t.Errorf("got %+v, want it unreachable for its tag in cheImageTag", f)
	}
	if want := strings.Replace(source, "a:2", "a@"+digest("2"), 1); result.Text != want {
		t.Errorf("got %s, want %s", result.Text, want)
	}
}

func TestTextThatIsSharedWithWhatMustNotBeTouchedIsUnreachable(t *testing.T) {
	for name, source := range map[string]string{
		"annotations": "metadata: {annotations: {x: &a q.io/x/a:1}}\nb: {image: *a }\n",
		"variables":   "variables: {x: &a q.io/x/a:1}\nb: {image: *a }\n",
		"a CSV":       "items:\n- apiVersion: operators.coreos.com/v1alpha1\n  kind: ClusterServiceVersion\n  spec: {image: &a q.io/x/a:1}\n- {image: *a }\n",
		"in a CSV":    "items:\n- {image: &a q.io/x/a:1}\n- apiVersion: operators.coreos.com/v1alpha1\n  kind: ClusterServiceVersion\n  spec: {image: *a }\n",
		"a key":       "? &a q.io/x/a:1\n: {image: *a }\n",
		"a document":  "metadata: {annotations: {x: &a \"image: q.io/x/a:1\"}}\ncomponents: [{openshift: {inlined: *a }}]\n",
		"a Kptfile":   "- <<: {apiVersion: kpt.dev/v1, kind: Kptfile}\n  pipeline: {image: &a q.io/x/a:1}\n- {image: *a }\n",
	} {
		result, err := inject(engine.Engine{Catalog: images(t)}, "x.yaml", source)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Findings) != 1 || result.Findings[0].Status != engine.Unreachable || result.Text != source {
			t.Errorf("%s: got %+v, want it unreachable", name, result.Findings)
		}
	}
}

func TestOptionsDecideWhatIsAskedForOnly(t *testing.T) {
	mirrored := engine.Options{Mirrors: []engine.Mirror{{"q.io/x/other", "local:5000/others", engine.Digests}, {"q.io/x/a", "never:5000", engine.Tags}, {"q.io", "local:5000/m", engine.AnyImage}}}
	for name, test := range map[string]struct {
		options  engine.Options
		image    string
		rule     string
		proposed string
	}{
		"one digest of the repository":        {engine.Options{MatchRepository: true}, "nginx:latest", "repository", "nginx@" + digest("5")},
		"drifted, of one digest":              {engine.Options{MatchRepository: true}, "nginx@" + digest("f"), "repository", "nginx@" + digest("5")},
		"several digests of the repository":   {engine.Options{MatchRepository: true}, "q.io/x/a:next", "", ""},
		"not asked for":                       {engine.Options{}, "nginx:latest", "", ""},
		"alias":                               {engine.Options{Aliases: []engine.Alias{{"mirror.io", "q.io"}}}, "mirror.io/x/a:2", "alias", "q.io/x/a@" + digest("2")},
		"alias, of the digest":                {engine.Options{Aliases: []engine.Alias{{"mirror.io", "q.io"}}}, "mirror.io/x/a@" + digest("2"), "alias", "q.io/x/a@" + digest("2")},
		"alias, no part of a name":            {engine.Options{Aliases: []engine.Alias{{"mirror.io/x", "q.io/x"}}}, "mirror.io/xx/a:2", "", ""},
		"alias, of a repository":              {engine.Options{Aliases: []engine.Alias{{"mirror.io/p/a", "q.io/x/a"}}}, "mirror.io/p/a:2", "alias", "q.io/x/a@" + digest("2")},
		"alias, tag unknown":                  {engine.Options{Aliases: []engine.Alias{{"mirror.io", "q.io"}}}, "mirror.io/x/a:9", "", ""},
		"alias and repository":                {engine.Options{MatchRepository: true, Aliases: []engine.Alias{{"mirror.io", "docker.io"}}}, "mirror.io/library/nginx:9", "alias", "docker.io/library/nginx@" + digest("5")},
		"mirror":                              {mirrored, "q.io/x/a:1", "tag", "local:5000/m/x/a@" + digest("1")},
		"mirror, longest":                     {mirrored, "q.io/x/s:1", "sample", "local:5000/others@" + digest("8")},
		"mirror, of what is current":          {mirrored, "q.io/x/a@" + digest("1"), "", "local:5000/m/x/a@" + digest("1")},
		"mirror, there already":               {mirrored, "local:5000/m/x/a@" + digest("1"), "", ""},
		"mirror, by its tag":                  {mirrored, "local:5000/m/x/a:1", "tag", "local:5000/m/x/a@" + digest("1")},
		"mirror, by the CSV's own name":       {engine.Options{Mirrors: []engine.Mirror{{From: "never.io", To: "q.io"}}}, "q.io/x/a:1", "tag", "q.io/x/a@" + digest("1")},
		"mirror, not the CSV's":               {mirrored, "q.io/nobody/knows:1", "", ""},
		"keep tag":                            {engine.Options{KeepTag: true}, "q.io/x/a:1", "tag", "q.io/x/a:1@" + digest("1")},
		"keep tag, renew":                     {engine.Options{KeepTag: true}, "q.io/x/a:1@" + digest("f"), "tag", "q.io/x/a:1@" + digest("1")},
		"keep tag, current":                   {engine.Options{KeepTag: true}, "q.io/x/a:1@" + digest("1"), "", ""},
		"keep tag, none":                      {engine.Options{KeepTag: true}, "nginx", "tag", "nginx@" + digest("5")},
		"keep tag, another repository's":      {engine.Options{KeepTag: true}, "q.io/x/s:1", "sample", "q.io/x/other@" + digest("8")},
		"keep tag, not asked for, tag stands": {engine.Options{}, "q.io/x/a:1@" + digest("f"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			source := "containers: [{image: \"" + test.image + "\"}]\n"
			e := engine.Engine{Catalog: images(t), Options: test.options}
			result, err := inject(e, "x.yaml", source)
			if err != nil {
				t.Fatal(err)
			}
			if f := result.Findings[0]; f.Rule != test.rule || f.Proposed != test.proposed {
				t.Errorf("%s: got %+v, want %s by rule %q", test.image, f, test.proposed, test.rule)
			}
			again, err := inject(e, "x.yaml", result.Text)
			if err != nil || again.Text != result.Text {
				t.Errorf("%s: a second run changes %s to %s, %v", test.image, result.Text, again.Text, err)
			}
		})
	}
}

func TestWhereCommentsAreLostTheMessageSaysSo(t *testing.T) {
	const configMap = "apiVersion: v1\nkind: ConfigMap\ndata: {a: 'image: %s'}"
	for _, test := range []struct{ place, image, kept, lost string }{
		{
			"image: %s", "q.io/x/a:13", "the CSV does not know the tag 13; it has 2 images of this repository",
			"kustomize drops comments, so markers and '# tag:' comments could not be read; without them the CSV has no image for the tag 13; it has 2 images of this repository",
		},
		{
			"image: %s", "q.io/x/a", "it has no tag, and the CSV has no image for that; it has 2 images of this repository",
			"kustomize drops comments, so markers and '# tag:' comments could not be read; without them the CSV has no image for a reference that has no tag; it has 2 images of this repository",
		},
		{
			configMap, "q.io/x/a:13", "the CSV does not know the tag 13; it has 2 images of this repository",
			"kustomize drops comments, so '# tag:' comments could not be read; without them the CSV has no image for the tag 13; it has 2 images of this repository",
		},
		{
			"image: %s", "q.io/x/a@" + digest("f"), "it is pinned to a digest that the CSV does not have",
			"it is pinned to a digest that the CSV does not have; kustomize drops comments, so a marker beside it could not be read",
		},
		{
			configMap, "q.io/x/a@" + digest("f"), "it is pinned to a digest that the CSV does not have", "it is pinned to a digest that the CSV does not have",
		},
		{"sidecar: {image: '%s'}", "q.io/z:1", "the CSV has no image of this repository", "the CSV has no image of this repository"},
	} {
		for keeps, want := range map[bool]string{true: test.kept, false: test.lost} {
			in := engine.Input{Context: engine.Context{KeepsComment: keeps}, Text: fmt.Sprintf(test.place, test.image)}
			outcome, err := engine.Engine{Catalog: images(t)}.Decide(in)
			if err != nil || len(outcome.Findings) != 1 || outcome.Findings[0].Message != want {
				t.Errorf("%s, comments kept %t: got %+v, %v, want %s", in.Text, keeps, outcome.Findings, err, want)
			}
		}
	}
}

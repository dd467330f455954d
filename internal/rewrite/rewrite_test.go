package rewrite_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/rewrite"
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

// checkKeeping overwrites the source behind File, as whoever reads many files into the same memory, and runs it on another.
func checkKeeping(t *testing.T, r rewrite.Rewriter, name, source string) {
	t.Helper()
	want, err := r.File(name, source)
	if err != nil {
		t.Fatal(err)
	}
	r.Memory = new(rewrite.Memory)
	buffer := []byte(source)
	got, err := r.File(name, unsafe.String(&buffer[0], len(buffer)))
	if err != nil || got.Text != want.Text {
		t.Errorf("with memory: got %q, %v, want %q", got.Text, err, want.Text)
	}
	for i := range buffer {
		buffer[i] = '#'
	}
	if _, err := r.File("other.yaml", "containers: [{image: 'q.io/other/other:other'}, {image: q.io/x/a:2}]\n"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
		t.Errorf("findings of a source that is gone (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want.Problems, got.Problems); diff != "" {
		t.Errorf("problems of a source that is gone (-want +got)\n%s", diff)
	}
}

func TestDecisions(t *testing.T) {
	editor := func(component, image string) string {
		return "metadata: {name: ed, attributes: {version: 1}}\ncomponents: [{name: " + component + ", container: {image: " + image + "}}]\n"
	}
	for name, test := range map[string]struct {
		file, source string
		status       rewrite.Status
		rule         string
		proposed     string
		candidates   int
	}{
		"tag":                           {"", "image: q.io/x/a:2", rewrite.Stale, "tag", "q.io/x/a@" + digest("2"), 0},
		"tag, own spelling":             {"", "image: nginx", rewrite.Stale, "tag", "nginx@" + digest("5"), 0},
		"tag, plugin registry":          {"plugin-registry/x.yaml", "image: q.io/x/b:1", rewrite.Stale, "tag", "q.io/x/b@" + digest("3"), 0},
		"tag, devfile registry":         {"devfiles/x.yaml", "image: q.io/x/b:1", rewrite.Stale, "tag", "q.io/x/b@" + digest("4"), 0},
		"tag, kinds disagree":           {"", "image: q.io/x/b:1", rewrite.Ambiguous, "tag", "", 2},
		"tag, no prefix":                {"", "image: q.io/x/a:11", rewrite.Ambiguous, "", "", 2},
		"no tag is not latest":          {"", "image: nginx:latest", rewrite.Uncovered, "", "", 1},
		"editor before tag":             {"", editor("run", "q.io/x/a:1"), rewrite.Stale, "editor", "q.io/x/ed@" + digest("6"), 0},
		"editor before digest":          {"", editor("run", "q.io/x/a@"+digest("1")), rewrite.Stale, "editor", "q.io/x/ed@" + digest("6"), 0},
		"editor, injected":              {"", editor("run", "q.io/x/ed@"+digest("6")), rewrite.Current, "editor", "", 0},
		"editor, a tag":                 {"", editor("next", "q.io/x/ed:old"), rewrite.Stale, "editor", "q.io/x/ed:next", 0},
		"editor, another component":     {"", editor("walk", "q.io/x/a:1"), rewrite.Stale, "tag", "q.io/x/a@" + digest("1"), 0},
		"sample, another repository":    {"", "image: q.io/x/s:1", rewrite.Stale, "sample", "q.io/x/other@" + digest("8"), 0},
		"related image":                 {"", "image: index.docker.io/x/p:13", rewrite.Stale, "related-image", "index.docker.io/x/p@" + digest("9"), 0},
		"current":                       {"", "image: q.io/x/a@" + digest("1"), rewrite.Current, "", "", 0},
		"current, tag and digest":       {"", "image: q.io/x/a:2@" + digest("1"), rewrite.Current, "", "", 0},
		"drifted":                       {"", "image: q.io/x/a@" + digest("f"), rewrite.Drifted, "", "", 2},
		"drifted, tag and digest":       {"", "image: q.io/x/a:1@" + digest("f"), rewrite.Drifted, "", "", 2},
		"ambiguous":                     {"", "image: q.io/x/a:next", rewrite.Ambiguous, "", "", 2},
		"uncovered, one of repository":  {"", "sidecar: {image: q.io/x/ed2:1}", rewrite.Uncovered, "", "", 0},
		"uncovered, digest elsewhere":   {"", "sidecar: {image: q.io/y/a@" + digest("1") + "}", rewrite.Uncovered, "", "", 0},
		"one of the repository, no tag": {"", "image: q.io/x/other", rewrite.Uncovered, "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := rewrite.Rewriter{Catalog: images(t)}.File(test.file, test.source)
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
			if decided := f.Status == rewrite.Stale || f.Status == rewrite.Current; !decided && f.Message == "" {
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
			checkKeeping(t, rewrite.Rewriter{Catalog: images(t)}, test.file, test.source)
		})
	}
}

func TestFindingsKeepNothingOfTheSource(t *testing.T) {
	record := rewrite.Rewriter{Catalog: images(t), Options: rewrite.Options{Record: true, KeepTag: true, MatchRepository: true}}
	for _, source := range []string{
		"a: &a {image: q.io/x/b:1}\nmetadata: {name: ed, attributes: {version: 1}}\ncomponents: [{name: run, container: *a}, {name: next, container: *a}]\n", // ambiguous
		"components: [{openshift: {inlined: \"image: [q.io/a:1\"}}, {container: {image: 'q.io/x//a:1'}}, {container: {image: q.io/x/a:1}}]\n",                // problems
		"kind: ConfigMap\napiVersion: v1\ndata:\n  list: |\n    q.io/x/a:1\n    q.io/x/a:9\n  a.yaml: |\n    image: q.io/x/a:2\n    nested: [q.io/x/a:1\n",
		"apiVersion: org.eclipse.che/v1\nkind: CheCluster\nspec: {server: {cheImage: q.io/x/a, cheImageTag: \"1\"}}\n",
		"containers:\n- image: >-\n    q.io/x/a:1\n- image: q.io/x/a:2 # related-image: nobody\n- image: nginx:9\n",
	} {
		for _, r := range []rewrite.Rewriter{{Catalog: images(t)}, record} {
			checkKeeping(t, r, "x.yaml", source)
		}
	}
}

func TestTheMessageNamesTheOptionThatWouldTakeTheOneCandidate(t *testing.T) {
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("", "image: nginx:1")
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
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(strings.ReplaceAll(source, "a:1'}", "a@"+digest("1")+"'}"), "a:2", "a@"+digest("2"))
	want = strings.ReplaceAll(strings.ReplaceAll(want, "    q.io/x/a:1\n", "    q.io/x/a@"+digest("1")+"\n"), "a:1;", "a@"+digest("1")+";")
	if diff := cmp.Diff(want, result.Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", result.Text)
	if err != nil || again.Text != result.Text || len(again.Changes) != 0 {
		t.Errorf("a second run changes %v, %v", again.Changes, err)
	}
}

func TestASharedScalarIsEditedOnceOrNotAtAll(t *testing.T) {
	shared := "a: {image: &i q.io/x/a:1}\nb: {image: *i}\n"
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", shared)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(shared, "a:1", "a@"+digest("1"), 1); result.Text != want || len(result.Findings) != 2 {
		t.Errorf("got %q with %+v, want %q", result.Text, result.Findings, want)
	}
	disputed := "metadata: {name: ed, attributes: {version: 1}}\ncomponents:\n- {name: run, container: &c {image: q.io/x/a:1}}\n- {name: walk, container: *c}\n"
	result, err = rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", disputed)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		if f.Status != rewrite.Ambiguous || len(f.Candidates) != 2 || f.Proposed != "" {
			t.Errorf("got %+v, want it ambiguous with two candidates", f)
		}
	}
	if result.Text != disputed || len(result.Findings) != 2 {
		t.Errorf("got %q with %d findings, want no change and two", result.Text, len(result.Findings))
	}
}

func TestADocumentThatIsSharedIsEditedOnce(t *testing.T) {
	source := "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: &a |\n    image: q.io/x/a:1\n  b.yaml: *a\n  c.yaml: |\n    image: q.io/x/a:2\n  d: &d |\n    q.io/x/a:1\n  e: *d\n"
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", source)
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
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.json", source)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(source, ":1", "@"+digest("1"), 1); result.Text != want {
		t.Errorf("got %s, want %s", result.Text, want)
	}
}

func TestWhatTheCSVKnowsNothingOfIsToldAtKnownPlacesOnly(t *testing.T) {
	source := "logo: {image: acme/logo}\nlost: {image: q.io/x/a:9}\nstale: {image: q.io/x/a:1}\nspec: {containers: [{image: nobody/knows:1}]}\n"
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", source)
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
	result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	if f := result.Findings[0]; f.Status != rewrite.Unreachable || f.Image != "q.io/x/a:1" || f.Proposed != "q.io/x/a@"+digest("1") || !strings.Contains(f.Message, "cheImageTag") {
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
		result, err := rewrite.Rewriter{Catalog: images(t)}.File("x.yaml", source)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Findings) != 1 || result.Findings[0].Status != rewrite.Unreachable || result.Text != source {
			t.Errorf("%s: got %+v, want it unreachable", name, result.Findings)
		}
	}
}

func TestOptionsDecideWhatIsAskedForOnly(t *testing.T) {
	mirrored := rewrite.Options{Mirrors: []rewrite.Mirror{{"q.io/x/other", "local:5000/others", rewrite.Digests}, {"q.io/x/a", "never:5000", rewrite.Tags}, {"q.io", "local:5000/m", rewrite.AnyImage}}}
	for name, test := range map[string]struct {
		options  rewrite.Options
		image    string
		rule     string
		proposed string
	}{
		"one digest of the repository":        {rewrite.Options{MatchRepository: true}, "nginx:latest", "repository", "nginx@" + digest("5")},
		"drifted, of one digest":              {rewrite.Options{MatchRepository: true}, "nginx@" + digest("f"), "repository", "nginx@" + digest("5")},
		"several digests of the repository":   {rewrite.Options{MatchRepository: true}, "q.io/x/a:next", "", ""},
		"not asked for":                       {rewrite.Options{}, "nginx:latest", "", ""},
		"alias":                               {rewrite.Options{Aliases: []rewrite.Alias{{"mirror.io", "q.io"}}}, "mirror.io/x/a:2", "alias", "q.io/x/a@" + digest("2")},
		"alias, of the digest":                {rewrite.Options{Aliases: []rewrite.Alias{{"mirror.io", "q.io"}}}, "mirror.io/x/a@" + digest("2"), "alias", "q.io/x/a@" + digest("2")},
		"alias, no part of a name":            {rewrite.Options{Aliases: []rewrite.Alias{{"mirror.io/x", "q.io/x"}}}, "mirror.io/xx/a:2", "", ""},
		"alias, of a repository":              {rewrite.Options{Aliases: []rewrite.Alias{{"mirror.io/p/a", "q.io/x/a"}}}, "mirror.io/p/a:2", "alias", "q.io/x/a@" + digest("2")},
		"alias, tag unknown":                  {rewrite.Options{Aliases: []rewrite.Alias{{"mirror.io", "q.io"}}}, "mirror.io/x/a:9", "", ""},
		"alias and repository":                {rewrite.Options{MatchRepository: true, Aliases: []rewrite.Alias{{"mirror.io", "docker.io"}}}, "mirror.io/library/nginx:9", "alias", "docker.io/library/nginx@" + digest("5")},
		"mirror":                              {mirrored, "q.io/x/a:1", "tag", "local:5000/m/x/a@" + digest("1")},
		"mirror, longest":                     {mirrored, "q.io/x/s:1", "sample", "local:5000/others@" + digest("8")},
		"mirror, of what is current":          {mirrored, "q.io/x/a@" + digest("1"), "", "local:5000/m/x/a@" + digest("1")},
		"mirror, there already":               {mirrored, "local:5000/m/x/a@" + digest("1"), "", ""},
		"mirror, by its tag":                  {mirrored, "local:5000/m/x/a:1", "tag", "local:5000/m/x/a@" + digest("1")},
		"mirror, by the CSV's own name":       {rewrite.Options{Mirrors: []rewrite.Mirror{{From: "never.io", To: "q.io"}}}, "q.io/x/a:1", "tag", "q.io/x/a@" + digest("1")},
		"mirror, not the CSV's":               {mirrored, "q.io/nobody/knows:1", "", ""},
		"keep tag":                            {rewrite.Options{KeepTag: true}, "q.io/x/a:1", "tag", "q.io/x/a:1@" + digest("1")},
		"keep tag, renew":                     {rewrite.Options{KeepTag: true}, "q.io/x/a:1@" + digest("f"), "tag", "q.io/x/a:1@" + digest("1")},
		"keep tag, current":                   {rewrite.Options{KeepTag: true}, "q.io/x/a:1@" + digest("1"), "", ""},
		"keep tag, none":                      {rewrite.Options{KeepTag: true}, "nginx", "tag", "nginx@" + digest("5")},
		"keep tag, another repository's":      {rewrite.Options{KeepTag: true}, "q.io/x/s:1", "sample", "q.io/x/other@" + digest("8")},
		"keep tag, not asked for, tag stands": {rewrite.Options{}, "q.io/x/a:1@" + digest("f"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			source := "containers: [{image: \"" + test.image + "\"}]\n"
			r := rewrite.Rewriter{Catalog: images(t), Options: test.options}
			result, err := r.File("x.yaml", source)
			if err != nil {
				t.Fatal(err)
			}
			if f := result.Findings[0]; f.Rule != test.rule || f.Proposed != test.proposed {
				t.Errorf("%s: got %+v, want %s by rule %q", test.image, f, test.proposed, test.rule)
			}
			again, err := r.File("x.yaml", result.Text)
			if err != nil || again.Text != result.Text {
				t.Errorf("%s: a second run changes %s to %s, %v", test.image, result.Text, again.Text, err)
			}
			checkKeeping(t, r, "x.yaml", source)
		})
	}
}

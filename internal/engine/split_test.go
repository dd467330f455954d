package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// TestSplitReferencesAreEditedWhereTheirDigestIs has what becomes of a text, which is left out if that stays as it is, and what is
// found: path, status, image, and the message.
func TestSplitReferencesAreEditedWhereTheirDigestIs(t *testing.T) {
	const (
		kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n"
		cheCluster    = "apiVersion: org.eclipse.che/v1\nkind: CheCluster\nspec:\n  server:\n"
	)
	for name, test := range map[string]struct {
		source, after string
		want          []string
	}{
		"a digest of a kustomization": {
			kustomization + "- name: q.io/x/a\n  newTag: \"2\"\n  digest: DIGEST9 # why\n",
			"",
			[]string{"images[0].digest drifted q.io/x/a:2@DIGEST9: it is pinned to a digest that the CSV does not have"},
		},
		"an empty digest in double quotes": {
			kustomization + "- name: q.io/x/a\n  newTag: \"2\"\n  digest: \"\" # why\n",
			kustomization + "- name: q.io/x/a\n  newTag: \"2\"\n  digest: \"DIGEST2\" # why\n",
			[]string{"images[0].digest stale q.io/x/a:2"},
		},
		"no digest in a kustomization": {
			kustomization + "- {name: controller, newName: q.io/x/a, newTag: \"2\"}\n",
			"",
			[]string{"images[0].newTag unreachable q.io/x/a:2: it has no digest that could be replaced: write digest: DIGEST2 in the place of newTag: 2"},
		},
		"another repository in a kustomization": {
			kustomization + "- {name: q.io/x/m, newTag: '1', digest: ''}\n- {name: m, newName: q.io/x/m, newTag: '1'}\n",
			"",
			[]string{
				"images[0].digest unreachable q.io/x/m:1: only its digest can be replaced, and the CSV says an image of another repository: " +
					"write newName: q.io/x/ed and digest: DIGEST6 in the place of newTag: 1",
				"images[1].newTag unreachable q.io/x/m:1: it has no digest that could be replaced: " +
					"write newName: q.io/x/ed and digest: DIGEST6 in the place of newTag: 1",
			},
		},
		"a tag of the CSV in a kustomization": {
			kustomization + "- {name: q.io/x/t, digest: DIGEST9}\n",
			"",
			[]string{"images[0].digest unreachable q.io/x/t@DIGEST9: only its digest can be replaced, and the CSV says an image of another repository: " +
				"write newName: q.io/x/ed and newTag: next, and no digest"},
		},
		"a kustomization that is current": {
			kustomization + "- {name: q.io/x/a, newTag: old, digest: DIGEST2}\n- {name: x, newName: q.io/x/a, newTag: 1@DIGEST1}\n",
			"",
			[]string{"images[0].digest current q.io/x/a:old@DIGEST2", "images[1].newTag current q.io/x/a:1@DIGEST1"},
		},
		"what the CSV does not know": {
			kustomization + "- {name: nobody/knows, newTag: '1'}\n- {name: q.io/x/a, newTag: '9'}\n",
			"",
			[]string{"images[1].newTag ambiguous q.io/x/a:9: the CSV does not know the tag 9; it has 2 images of this repository"},
		},
		"digests of a chart": {
			"a: {repository: q.io/x/a, tag: 1, digest: ''}\nb:\n  registry: q.io\n  repository: x/a\n  tag: \"2\"\n  digest: >-\n    DIGEST9\n",
			"a: {repository: q.io/x/a, tag: 1, digest: 'DIGEST1'}\nb:\n  registry: q.io\n  repository: x/a\n  tag: \"2\"\n  digest: >-\n    DIGEST9\n",
			[]string{"a.digest stale q.io/x/a:1", "b.digest drifted q.io/x/a:2@DIGEST9: it is pinned to a digest that the CSV does not have"},
		},
		"a digest of a chart that is null": {
			"a: {repository: q.io/x/a, tag: 1, digest: null}\nb:\n  repository: q.io/x/a\n  tag: 2\n  digest:  # none\nc: {repository: q.io/x/a, tag: 1, digest: '  '}\n",
			"a: {repository: q.io/x/a, tag: 1, digest: DIGEST1}\nb:\n  repository: q.io/x/a\n  tag: 2\n  digest: DIGEST2  # none\nc: {repository: q.io/x/a, tag: 1, digest: 'DIGEST1'}\n",
			[]string{"a.digest stale q.io/x/a:1", "b.digest stale q.io/x/a:2", "c.digest stale q.io/x/a:1"},
		},
		"a digest that cannot be written": {
			"a: {repository: q.io/x/a, tag: 1, digest}\n--- {\"repository\": \"q.io/x/a\", \"tag\": 1, \"digest\": !!null \"\"}\n",
			"",
			[]string{
				"a.digest unreachable q.io/x/a:1: it is empty, and how it is written could not be followed: write digest: DIGEST1",
				"digest unreachable q.io/x/a:1: the edit would change more than the value: \"\" would read as \"DIGEST1\": write digest: DIGEST1",
			},
		},
		"a digest in JSON that is null": {
			`{"repository": "q.io/x/a", "tag": "1", "digest": null}`,
			"",
			[]string{"digest unreachable q.io/x/a:1: its digest is null, and JSON has texts in quotes only: write digest: DIGEST1"},
		},
		"tags of a chart": {
			"a: {repository: q.io/x/a, tag: 1}\nb: {image: q.io/x/a, version: '2'}\nc: {repository: q.io/x, image: a, tag: '2'}\n",
			"",
			[]string{
				"a.tag unreachable q.io/x/a:1: it has no digest that could be replaced: write tag: 1@DIGEST1, which most charts take",
				"b.version unreachable q.io/x/a:2: it has no digest that could be replaced: write version: 2@DIGEST2, which most charts take",
				"c.tag unreachable q.io/x/a:2: it has no digest that could be replaced: write tag: 2@DIGEST2, which most charts take",
			},
		},
		"another repository in a chart": {
			"a: {repository: q.io/x/m, tag: 1}\nb: {registry: q.io, repository: x/m, tag: 1, digest: ''}\nc: {repository: q.io/x, image: m, version: 1}\n",
			"",
			[]string{
				"a.tag unreachable q.io/x/m:1: it has no digest that could be replaced: write repository: q.io/x/ed and tag: 1@DIGEST6, which most charts take",
				"b.digest unreachable q.io/x/m:1: only its digest can be replaced, and the CSV says an image of another repository: " +
					"write registry: q.io and repository: x/ed and digest: DIGEST6",
				"c.version unreachable q.io/x/m:1: it has no digest that could be replaced: " +
					"write repository: q.io/x and image: ed and version: 1@DIGEST6, which most charts take",
			},
		},
		"a chart without a tag": {
			"a: {repository: q.io/x/a, tag: \"\"}\nb: {repository: q.io/x/m, tag: \"\"}\nc: {repository: q.io/x/m, tag: DIGEST9}\n",
			"",
			[]string{
				"a.tag ambiguous q.io/x/a: it has no tag, and the CSV has no image for that; it has 2 images of this repository",
				"b.tag unreachable q.io/x/m: it has no digest that could be replaced: write repository: q.io/x/ed and tag: latest@DIGEST6, which most charts take",
				"c.tag unreachable q.io/x/m@DIGEST9: it has no digest that could be replaced: write repository: q.io/x/ed and tag: DIGEST6",
			},
		},
		"what is no tag or digest": {
			"a: {repository: q.io/x/a, tag: 1+2}\nb: {repository: q.io/x/a, tag: 1, digest: abc}\nc: {repository: nobody/knows, tag: 1+2}\nd: {repository: nobody/knows, tag: $RELATED_IMAGE_a}\ne: {repository: q.io/x/a, tag: $TAG}\n",
			"",
			[]string{
				`a.tag invalid q.io/x/a:1+2: "1+2" is no tag: write letters, digits, _, . and -, at most 128, the first a letter, digit or _`,
				`b.digest invalid q.io/x/a:1@abc: "abc" is no digest: write sha256: and 64 hexadecimal digits in small letters`,
				"d.tag invalid nobody/knows:$RELATED_IMAGE_a: it names RELATED_IMAGE_a in one of its parts, and a placeholder stands for a whole image",
			},
		},
		"a tag of the CSV in a chart": {
			"a: {repository: q.io/x/ed, tag: '1', digest: ''} # related-image: RELATED_IMAGE_editor_definition_ed_1_next\n",
			"",
			[]string{"a.digest unreachable q.io/x/ed:1: only its digest can be replaced, and the CSV says a tag: write tag: next"},
		},
		"a marker beside a digest": {
			"a:\n  repository: q.io/x/a\n  digest: DIGEST9 # related-image: RELATED_IMAGE_a_plugin_registry_image_GI______\n",
			"a:\n  repository: q.io/x/a\n  digest: DIGEST2 # related-image: RELATED_IMAGE_a_plugin_registry_image_GI______\n",
			[]string{"a.digest stale q.io/x/a@DIGEST9"},
		},
		"the key of a map": {
			"mapped: {repository: nobody/knows, tag: 1}\nb: [{name: x, image: q.io/x/gone, version: 1}]\n" +
				"---\n" + kustomization + "- {name: mapped, newName: nobody/knows, newTag: '1'}\n",
			"",
			[]string{
				"mapped.tag unreachable nobody/knows:1: it has no digest that could be replaced: write repository: q.io/x/ed and tag: 1@DIGEST6, which most charts take",
				"b[0].version uncovered q.io/x/gone:1: the CSV has no image of this repository",
				"images[0].newTag unreachable nobody/knows:1: it has no digest that could be replaced: " +
					"write newName: q.io/x/ed and digest: DIGEST6 in the place of newTag: 1",
			},
		},
		"a CheCluster": {
			cheCluster + "    cheImage: q.io/x/a\n    cheImageTag: \"1\"\n",
			"",
			[]string{"spec.server.cheImageTag unreachable q.io/x/a:1: it has no digest that could be replaced: write cheImageTag: 1@DIGEST1"},
		},
		"a CheCluster of what the CSV does not know": {
			cheCluster + "    cheImage: nobody/knows\n    cheImageTag: \"1\"\n",
			"",
			[]string{"spec.server.cheImageTag uncovered nobody/knows:1: the CSV has no image of this repository"},
		},
		"no split references": {
			"containers: [{image: q.io/x/a, version: 1}]\ndependencies: [{name: a, version: 1.0.0, repository: https://q.io/x/a}]\n",
			"",
			[]string{"containers[0].image ambiguous q.io/x/a: it has no tag, and the CSV has no image for that; it has 2 images of this repository"},
		},
		"digests that references share": {
			"a: {repository: q.io/x/a, tag: 1, digest: &d ''}\nb: {repository: nobody/knows, tag: 1, digest: *d }\n",
			"",
			[]string{"a.digest unreachable q.io/x/a:1: it shares its digest, by an alias, with an image of another repository: write digest: DIGEST1"},
		},
		"a digest that tags share": {
			"a: &a {repository: q.io/x/a, tag: 1, digest: ''}\nb: {<<: *a , tag: 2}\nc: {<<: *a , name: c}\n",
			"",
			[]string{
				"a.digest ambiguous q.io/x/a:1: an anchor shares this text with other places, and the CSV says 2 different images for them",
				"b.digest ambiguous q.io/x/a:2: an anchor shares this text with other places, and the CSV says 2 different images for them",
				"c.digest ambiguous q.io/x/a:1: an anchor shares this text with other places, and the CSV says 2 different images for them",
			},
		},
		"merged values": {
			"a: &a {repository: q.io/x/a, tag: 1, digest: !!str &e \"\"}\nc: {<<: *a , name: c}\n",
			"a: &a {repository: q.io/x/a, tag: 1, digest: !!str &e \"DIGEST1\"}\nc: {<<: *a , name: c}\n",
			[]string{"a.digest stale q.io/x/a:1", "c.digest stale q.io/x/a:1"},
		},
		"values in a text": {
			"apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: 'a: {repository: q.io/x/a, tag: 1, digest: ''''}'\n  b.json: \"{\\\"repository\\\": \\\"q.io/x/a\\\", \\\"tag\\\": \\\"2\\\", \\\"digest\\\": \\\"\\\"}\"\n",
			"apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: 'a: {repository: q.io/x/a, tag: 1, digest: ''DIGEST1''}'\n  b.json: \"{\\\"repository\\\": \\\"q.io/x/a\\\", \\\"tag\\\": \\\"2\\\", \\\"digest\\\": \\\"DIGEST2\\\"}\"\n",
			[]string{`data["values.yaml"]#a.digest stale q.io/x/a:1`, `data["b.json"]#digest stale q.io/x/a:2`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			digests := strings.NewReplacer("DIGEST1", digest("1"), "DIGEST2", digest("2"), "DIGEST6", digest("6"), "DIGEST9", digest("9"))
			source, after := digests.Replace(test.source), digests.Replace(test.after)
			if after == "" {
				after = source
			}
			e := engine.Engine{Catalog: images(t), Scope: locate.NewScope(nil, nil, catalog.DefaultNames)}
			for image, variable := range map[string]string{
				"q.io/x/m": "RELATED_IMAGE_editor_definition_ed_1_run", "q.io/x/t": "RELATED_IMAGE_editor_definition_ed_1_next",
			} {
				ref, err := imageref.Parse(image)
				if err != nil {
					t.Fatal(err)
				}
				e.Options.Map = append(e.Options.Map, engine.Assignment{Image: ref, Variable: variable})
			}
			e.Options.Map = append(e.Options.Map, engine.Assignment{Key: "mapped", Variable: "RELATED_IMAGE_editor_definition_ed_1_run"})
			gone, err := imageref.Parse("q.io/x/gone@" + digest("0"))
			if err != nil {
				t.Fatal(err)
			}
			old := catalog.New([]catalog.Entry{catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_gone", gone)}, "")
			e.Previous = []engine.Release{{CSV: "old.v1", Package: "old", Catalog: old}}
			result, err := inject(e, "x.yaml", source)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, f := range result.Findings {
				got = append(got, strings.TrimSuffix(f.Path+" "+string(f.Status)+" "+f.Image+": "+f.Message, ": "))
			}
			for _, w := range test.want {
				want = append(want, digests.Replace(w))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(after, result.Text); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			again, err := inject(e, "x.yaml", result.Text)
			if err != nil || len(again.Changes) > 0 || len(again.Findings) != len(result.Findings) {
				t.Errorf("again: got %+v, %v, want no changes", again.Outcome, err)
			}
		})
	}
}

func TestVariablesAreRecordedBesideDigests(t *testing.T) {
	source := "a:\n  repository: q.io/x/a\n  tag: 1@" + digest("1") + "\nb:\n  repository: q.io/x/a\n  digest: " + digest("2") + "\nc:\n  repository: q.io/x/a\n  tag: 1\n  digest: ''\n"
	result, err := inject(engine.Engine{Catalog: images(t), Options: engine.Options{Record: true}}, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(source, digest("2"), digest("2")+" # related-image: RELATED_IMAGE_a_plugin_registry_image_GI______", 1)
	want = strings.Replace(want, "''", "'"+digest("1")+"' # related-image: RELATED_IMAGE_a_plugin_registry_image_GE______", 1)
	if diff := cmp.Diff(want, result.Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatToWriteNamesTheTagThatIsKept(t *testing.T) {
	marker := " # related-image: RELATED_IMAGE_a_plugin_registry_image_GI______\n"
	source := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- name: q.io/x/a\n  newTag: '1'" + marker +
		"- name: q.io/x/a\n  newTag: '2'\n"
	result, err := inject(engine.Engine{Catalog: images(t), Options: engine.Options{KeepTag: true}}, "x.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range result.Findings {
		got = append(got, f.Message)
	}
	const reason = "it has no digest that could be replaced: write "
	want := []string{reason + "newTag: 2 and digest: " + digest("2"), reason + "digest: " + digest("2")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
)

// csv is the name of a CSV, and a line for each of its variables, NAME=IMAGE without RELATED_IMAGE_, or for an item of relatedImages.
// A # is @sha256: and 64 times the digit behind it.
type csv struct{ name, variables string }

// entries returns the variables of a CSV.
func (c csv) entries(t *testing.T) []catalog.Entry {
	t.Helper()
	var entries []catalog.Entry
	for line := range strings.Lines(c.variables) {
		name, image, _ := strings.Cut(strings.TrimSpace(line), "=")
		ref, err := imageref.Parse(pinned(image))
		if err != nil {
			t.Fatal(err)
		}
		e := catalog.Entry{Name: name, Scheme: catalog.RelatedImage, Image: ref}
		switch {
		case strings.HasPrefix(name, "OPERAND_IMAGE_"):
			e = catalog.Decode(catalog.Names{"OPERAND_IMAGE_"}, name, ref)
		case !strings.HasPrefix(name, "relatedImages"):
			e = catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_"+name, ref)
		}
		e.CSV = c.name
		entries = append(entries, e)
	}
	return entries
}

// pinned writes out the digest of an image.
func pinned(image string) string {
	name, digit, ok := strings.Cut(image, "#")
	if !ok {
		return image
	}
	return name + "@" + digest(digit)
}

// engineOf returns an engine for the first CSV of each operator, those behind it being previous ones, newest first. Of the operator
// old-name all are previous.
func engineOf(t *testing.T, arch string, csvs ...csv) engine.Engine {
	t.Helper()
	current := map[string]string{} // the name of the operator's CSV that is the truth
	var entries []catalog.Entry
	var previous []engine.Release
	for _, c := range csvs {
		operator, _, _ := strings.Cut(c.name, ".v")
		if current[operator] == "" && operator != "old-name" {
			current[operator] = c.name
			entries = append(entries, c.entries(t)...)
			continue
		}
		previous = append(previous, engine.Release{
			CSV: c.name, Package: operator, Next: current[operator], Catalog: catalog.New(c.entries(t), arch),
		})
	}
	return engine.Engine{Catalog: catalog.New(entries, arch), Previous: previous}
}

const (
	tag1 = "_plugin_registry_image_GE______"
	tag2 = "_plugin_registry_image_GI______"
	tag3 = "_plugin_registry_image_GM______"
)

func TestAnEarlierReleaseSaysWhichVariableAReferenceIs(t *testing.T) {
	for name, test := range map[string]struct {
		file       string
		image      string
		csvs       []csv
		status     engine.Status
		proposed   string
		previous   string
		candidates string
		message    string // a part of it
	}{
		"the variable of the same name": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "known to o.v1",
		},
		"one that both releases have": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#1\nb=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#2\nb=q.io/x/a#1"}},
			engine.Current, "", "", "", "",
		},
		"one that no release has": {
			"", "q.io/x/a#9",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Drifted, "", "", "q.io/x/a#2", "it is pinned to a digest that the CSV does not have",
		},
		"the file's spelling of the repository": {
			"", "x/a#1",
			[]csv{{"o.v2", "a=docker.io/x/a#2"}, {"o.v1", "a=docker.io/x/a#1"}},
			engine.Stale, "x/a#2", "o.v1", "", "",
		},
		"another repository": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/y/b#2"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/y/b#2", "o.v1", "", "",
		},
		"a tag": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a:next"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a:next", "o.v1", "", "q.io/x/a:next is not pinned to a digest; known to o.v1",
		},
		"a tag that only the earlier release knew": {
			"", "q.io/x/a:1",
			[]csv{{"o.v2", "a" + tag2 + "=q.io/x/a#2"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"a digest whose tag stays its own": {
			"", "q.io/x/a:1#1",
			[]csv{{"o.v2", "a" + tag1 + "=q.io/x/a#2"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a:1#2", "o.v1", "", "",
		},
		"a digest whose tag is another's": {
			"", "q.io/x/a:1#1",
			[]csv{{"o.v2", "a" + tag2 + "=q.io/x/a#2"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},

		"two variables with different successors": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2\nb=q.io/x/a#3"}, {"o.v1", "a=q.io/x/a#1\nb=q.io/x/a#1"}},
			engine.Ambiguous, "", "o.v1", "q.io/x/a#2 q.io/x/a#3",
			"in o.v1 it was RELATED_IMAGE_a, RELATED_IMAGE_b, for which the CSV has 2 images: RELATED_IMAGE_a, RELATED_IMAGE_b",
		},
		"two variables with one successor": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2\nb=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1\nb=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"two variables, of which one is gone": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "b=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1\nb=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"the kind of the registry goes first": {
			"devfiles/x.yaml", "q.io/x/a#1",
			[]csv{
				{"o.v2", "a" + tag1 + "=q.io/x/a#2\na_devfile_registry_image_GE______=q.io/x/a#3"},
				{"o.v1", "a" + tag1 + "=q.io/x/a#1\na_devfile_registry_image_GE______=q.io/x/a#1"},
			},
			engine.Stale, "q.io/x/a#3", "o.v1", "", "",
		},
		"a registry of no kind": {
			"", "q.io/x/a#1",
			[]csv{
				{"o.v2", "a" + tag1 + "=q.io/x/a#2\na_devfile_registry_image_GE______=q.io/x/a#3"},
				{"o.v1", "a" + tag1 + "=q.io/x/a#1\na_devfile_registry_image_GE______=q.io/x/a#1"},
			},
			engine.Ambiguous, "", "o.v1", "q.io/x/a#2 q.io/x/a#3", "in o.v1 it was",
		},

		"one of the stem is gone, and one new": {
			"", "q.io/x/a#1",
			[]csv{
				{"o.v2", "a" + tag2 + "=q.io/x/a#2\na" + tag3 + "=q.io/x/a#3"},
				{"o.v1", "a" + tag1 + "=q.io/x/a#1\na" + tag3 + "=q.io/x/a#4"},
			},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"two of the stem are gone": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a" + tag3 + "=q.io/x/a#2"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1\na" + tag2 + "=q.io/x/a#4"}},
			engine.Drifted, "", "", "q.io/x/a#2",
			"; in o.v1 it was RELATED_IMAGE_a" + tag1 + ", which the CSV does not have",
		},
		"two of the stem are new": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a" + tag2 + "=q.io/x/a#2\na" + tag3 + "=q.io/x/a#3"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1"}},
			engine.Drifted, "", "", "q.io/x/a#2 q.io/x/a#3",
			"; in o.v1 it was RELATED_IMAGE_a" + tag1 + ", which the CSV does not have",
		},
		"the stem of the other kind of registry": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a_devfile_registry_image_GI______=q.io/x/a#2"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1"}},
			engine.Drifted, "", "", "q.io/x/a#2",
			"; in o.v1 it was RELATED_IMAGE_a" + tag1 + ", which the CSV does not have",
		},
		"a variable that is gone, and its repository": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "b=q.io/x/b#2"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Uncovered, "", "", "", "; in o.v1 it was RELATED_IMAGE_a, which the CSV does not have",
		},
		"an editor, whose variable has another prefix": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "OPERAND_IMAGE_editor_definition_ed_1_run=q.io/x/a#2"}, {"o.v1", "editor_definition_ed_1_run=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"a sample, whose name was encoded without a line feed": { // of q.io/x/s:1
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "sample_encoded_cS5pby94L3M6MQo____=q.io/x/a#2"}, {"o.v1", "sample_encoded_cS5pby94L3M6MQ________=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},

		"what only relatedImages had": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#3\nrelatedImages: a=q.io/x/a#2"}, {"o.v1", "relatedImages: a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"what relatedImages has, and had for another": {
			"", "q.io/x/a#1",
			[]csv{
				{"o.v2", "relatedImages: a=q.io/x/a#1\nrelatedImages: b=q.io/x/a#2"},
				{"o.v1", "relatedImages: a=q.io/x/a#3\nrelatedImages: b=q.io/x/a#1"},
			},
			engine.Current, "", "", "", "",
		},
		"what relatedImages has, and a variable had": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2\nrelatedImages: a=q.io/x/a#1"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"what relatedImages had, and has what a variable had": {
			"", "q.io/x/a#1",
			[]csv{
				{"o.v2", "a=q.io/x/a#3\nrelatedImages: a=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#2\nrelatedImages: a=q.io/x/a#1"},
			},
			engine.Stale, "q.io/x/a#3", "o.v1", "", "",
		},
		"a variable that is gone, but not from relatedImages": {
			"", "q.io/x/a#1",
			[]csv{
				{"o.v2", "relatedImages: a=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1\nrelatedImages: a=q.io/x/a#1"},
			},
			engine.Drifted, "", "", "q.io/x/a#2", "; in o.v1 it was RELATED_IMAGE_a, which the CSV does not have",
		},

		"the newest of several releases that know it": {
			"", "q.io/x/a#1",
			[]csv{{"o.v3", "a=q.io/x/a#3\nb=q.io/x/a#4"}, {"o.v2", "a=q.io/x/a#1\nb=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#2\nb=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#3", "o.v2", "", "",
		},
		"the only one of several releases that knows it": {
			"", "q.io/x/a#1",
			[]csv{{"o.v3", "a=q.io/x/a#3"}, {"o.v2", "a=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#3", "o.v1", "", "",
		},
		"a release that knows it and has no successor, before one that has": {
			"", "q.io/x/a#1",
			[]csv{{"o.v3", "a=q.io/x/a#3"}, {"o.v2", "b=q.io/x/a#1"}, {"o.v1", "a=q.io/x/a#1"}},
			engine.Drifted, "", "", "q.io/x/a#3", "; in o.v2 it was RELATED_IMAGE_b, which the CSV does not have",
		},

		"two operators, one of which knows it": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"p.v2", "b=q.io/x/a#3"}, {"o.v1", "a=q.io/x/a#1"}, {"p.v1", "b=q.io/x/b#4"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"two operators with variables of one name": {
			"", "q.io/x/b#4",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"p.v2", "a=q.io/x/b#3"}, {"o.v1", "a=q.io/x/a#1"}, {"p.v1", "a=q.io/x/b#4"}},
			engine.Stale, "q.io/x/b#3", "p.v1", "", "",
		},
		"two operators with variables of one stem": {
			"", "q.io/x/a#1",
			[]csv{
				{"o.v2", "a" + tag2 + "=q.io/x/a#2"}, {"p.v2", "a" + tag3 + "=q.io/x/a#3"}, {"o.v1", "a" + tag1 + "=q.io/x/a#1"},
			},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"two operators with different images for it": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"p.v2", "b=q.io/x/a#3"}, {"o.v1", "a=q.io/x/a#1"}, {"p.v1", "b=q.io/x/a#1"}},
			engine.Ambiguous, "", "o.v1", "q.io/x/a#2 q.io/x/a#3",
			"in o.v1 it was RELATED_IMAGE_a, in p.v1 it was RELATED_IMAGE_b, for which the CSV has 2 images: RELATED_IMAGE_a, RELATED_IMAGE_b",
		},
		"two operators with one image for it": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"p.v2", "a=q.io/x/a#2"}, {"o.v1", "a=q.io/x/a#1"}, {"p.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "o.v1", "", "",
		},
		"two operators, one of which has no variable for it any more": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "c=q.io/x/c#2"}, {"p.v2", "a=q.io/x/a#2"}, {"o.v1", "b=q.io/x/a#1"}, {"p.v1", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "p.v1", "", "",
		},
		"an operator that was renamed": {
			"", "q.io/x/a#1",
			[]csv{{"o.v2", "a=q.io/x/a#2"}, {"o.v1", "b=q.io/x/a#3"}, {"old-name.v0", "a=q.io/x/a#1"}},
			engine.Stale, "q.io/x/a#2", "old-name.v0", "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			source := "image: " + pinned(test.image) + "\n"
			result, err := inject(engineOf(t, "", test.csvs...), test.file, source)
			if err != nil || len(result.Findings) != 1 {
				t.Fatalf("got findings %+v, %v, want one", result.Findings, err)
			}
			f := result.Findings[0]
			var candidates []string
			for c := range strings.FieldsSeq(test.candidates) {
				candidates = append(candidates, pinned(c))
			}
			rule := ""
			if test.previous != "" {
				rule = "previous"
			}
			got := []string{string(f.Status), f.Rule, f.Proposed, f.Previous, strings.Join(f.Candidates, " ")}
			want := []string{string(test.status), rule, pinned(test.proposed), test.previous, strings.Join(candidates, " ")}
			if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(f.Message, test.message) {
				t.Errorf("(-want +got)\n%smessage %q, want %q", diff, f.Message, test.message)
			}
			if f.Status == engine.Stale && f.CSV != test.csvs[0].name && f.CSV != test.csvs[1].name {
				t.Errorf("got the CSV %q, want one that is the truth", f.CSV)
			}
			if want := strings.Replace(source, f.Image, pinned(test.proposed), 1); f.Status == engine.Stale && result.Text != want {
				t.Errorf("got %q, want %q", result.Text, want)
			}
		})
	}
}

func TestSuccessorsAreOfTheSameArchitecture(t *testing.T) {
	const name1, name2 = "a" + tag1, "a" + tag2
	renamed := []csv{
		{"o.v2", name2 + "=q.io/x/a#3\n" + name2 + "_arm64=q.io/x/a#4"}, {"o.v1", name1 + "=q.io/x/a#1\n" + name1 + "_arm64=q.io/x/a#2"},
	}
	united := []csv{{"o.v2", name1 + "=q.io/x/a#3"}, {"o.v1", name1 + "=q.io/x/a#1\n" + name1 + "_arm64=q.io/x/a#2"}}
	for name, test := range map[string]struct {
		arch, image string
		csvs        []csv
		proposed    string // "" is none
	}{
		"another tag":                                  {"", "q.io/x/a#1", renamed, "q.io/x/a#3"},
		"another tag of the architecture":              {"arm64", "q.io/x/a#2", renamed, "q.io/x/a#4"},
		"another tag of a foreign architecture":        {"", "q.io/x/a#2", renamed, "q.io/x/a#4"},
		"another tag, now of the architecture":         {"arm64", "q.io/x/a#1", renamed, "q.io/x/a#4"},
		"no variant for the architecture any more":     {"arm64", "q.io/x/a#2", united, "q.io/x/a#3"},
		"no variant for a foreign one any more":        {"", "q.io/x/a#2", united, ""},
		"a variant that is gone, another architecture": {"s390x", "q.io/x/a#2", united, ""},
	} {
		result, err := inject(engineOf(t, test.arch, test.csvs...), "", "image: "+pinned(test.image)+"\n")
		if err != nil || len(result.Findings) != 1 || result.Findings[0].Proposed != pinned(test.proposed) {
			t.Errorf("%s: got %+v, %v, want %s", name, result.Findings, err, pinned(test.proposed))
		}
	}
}

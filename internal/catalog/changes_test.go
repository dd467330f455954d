package catalog_test

import (
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
)

// entries reads lines NAME=DIGIT: variables of the CSV o.v2, or entries of relatedImages, with an image
// whose digest is of that digit.
func entries(t *testing.T, csv, lines string) *catalog.Catalog {
	t.Helper()
	var all []catalog.Entry
	for line := range strings.FieldsSeq(lines) {
		name, digit, _ := strings.Cut(line, "=")
		e := catalog.Decode(catalog.DefaultNames, "RELATED_IMAGE_"+name, ref(t, "q.io/x"+digest(digit)))
		if strings.HasPrefix(name, "related") {
			e.Name, e.Scheme = name, catalog.RelatedImage
		}
		e.CSV = csv
		all = append(all, e)
	}
	return catalog.New(all, "")
}

func TestChangesAreOfAllEntriesOfBothReleases(t *testing.T) {
	for name, test := range map[string]struct{ before, after, want string }{
		"nothing":              {"a=1", "a=1", "unchanged a"},
		"an image":             {"a=1", "a=2", "changed a"},
		"a new one":            {"a=1", "a=1 b=2", "unchanged a, added b"},
		"one that is gone":     {"a=1 b=2", "b=2", "unchanged b, removed a"},
		"the order":            {"a=1 b=2 c=3", "c=3 a=1", "unchanged c, unchanged a, removed b"},
		"a tag":                {"x_plugin_registry_image_GE______=1", "x_plugin_registry_image_GI______=2", "changed x_plugin_registry_image_GI______ was x_plugin_registry_image_GE______"},
		"a tag, not the image": {"x_plugin_registry_image_GE______=1", "x_plugin_registry_image_GI______=1", "unchanged x_plugin_registry_image_GI______ was x_plugin_registry_image_GE______"},
		"two tags": {
			"x_plugin_registry_image_GE______=1", "x_plugin_registry_image_GI______=2 x_plugin_registry_image_GM______=3",
			"added x_plugin_registry_image_GI______, added x_plugin_registry_image_GM______, removed x_plugin_registry_image_GE______",
		},
		"two values of one name": {"a=1 a=2", "a=2 a=3", "unchanged a, changed a"},
		"one value of two":       {"a=1 a=2", "a=2", "unchanged a, removed a"},
		"related images":         {"related:x=1 related:y=2", "related:x=3 related:z=2", "changed related:x, added related:z, removed related:y"},
	} {
		after := entries(t, "o.v2", test.after)
		var got []string
		for _, c := range after.Changes(entries(t, "o.v1", test.before), "o.v2") {
			e := c.After
			if e == nil {
				e = c.Before
			}
			text := string(c.Kind()) + " " + e.Name
			if c.Before != nil && c.Before.Name != e.Name {
				text += " was " + c.Before.Name
			}
			got = append(got, strings.ReplaceAll(text, "RELATED_IMAGE_", ""))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestChangesAreThoseOfTheCSVAlone(t *testing.T) {
	both := append(entries(t, "o.v2", "a=2").Entries(), entries(t, "p.v2", "a=3 b=4").Entries()...)
	changes := catalog.New(both, "").Changes(entries(t, "p.v1", "a=1 b=4"), "p.v2")
	if len(changes) != 2 || changes[0].Kind() != catalog.Changed || changes[0].After.CSV != "p.v2" || changes[1].Kind() != catalog.Unchanged {
		t.Errorf("got %+v, want a changed and b unchanged", changes)
	}
}

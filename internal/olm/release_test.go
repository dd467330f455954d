package olm_test

import (
	"slices"
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/olm"
)

func TestReleasesAreOrderedByWhatTheyReplaceThenByVersion(t *testing.T) {
	for name, test := range map[string]struct {
		releases []olm.Release
		want     string // names, newest first; or a part of the error
	}{
		"versions":        {[]olm.Release{{Name: "o.v1.9.0", Version: "1.9.0"}, {Name: "o.v1.10.0", Version: "1.10.0"}}, "o.v1.10.0 o.v1.9.0"},
		"prereleases":     {[]olm.Release{{Name: "o.a", Version: "1.7.0"}, {Name: "o.b", Version: "1.7.0-alpha"}}, "o.a o.b"},
		"a build number":  {[]olm.Release{{Name: "o.a", Version: "2.15.1-0.1662.p"}, {Name: "o.b", Version: "2.15.1-0.1659.p"}}, "o.a o.b"},
		"a rebuild":       {[]olm.Release{{Name: "o.a", Version: "1.2.3+0.10.p"}, {Name: "o.b", Version: "1.2.3+0.9.p"}}, "o.a o.b"},
		"rebuilt first":   {[]olm.Release{{Name: "o.a", Version: "1.2.3+0.10.p"}, {Name: "o.b", Version: "1.2.3"}}, "o.a o.b"},
		"substitutesFor":  {[]olm.Release{{Name: "o.a", Version: "1.2.3-0.9.p", Substitute: "o.b"}, {Name: "o.b", Version: "1.2.3"}}, "o.a o.b"},
		"replaces":        {[]olm.Release{{Name: "o.a", Version: "1.0.0"}, {Name: "o.b", Version: "1.0.0", Replaces: "o.a"}}, "o.b o.a"},
		"against version": {[]olm.Release{{Name: "o.a", Version: "2.0.0"}, {Name: "o.b", Version: "1.0.1", Replaces: "o.a"}}, "o.b o.a"},
		"skips":           {[]olm.Release{{Name: "o.a"}, {Name: "o.b", Skips: []string{"x", "o.a"}}}, "o.b o.a"},
		"skipRange": {
			[]olm.Release{{Name: "o.a", Version: "1.2.0"}, {Name: "o.b", SkipRange: ">=1.0.0 <1.3.0"}}, "o.b o.a",
		},
		"a chain without versions": {
			[]olm.Release{{Name: "o.b", Replaces: "o.a"}, {Name: "o.a"}, {Name: "o.c", Replaces: "o.b"}}, "o.c o.b o.a",
		},
		"a gap that versions order": {
			[]olm.Release{{Name: "o.a", Version: "1.0.0"}, {Name: "o.c", Version: "3.0.0", Replaces: "o.b"}}, "o.c o.a",
		},
		"the same twice":     {[]olm.Release{{Name: "o.a"}, {Name: "o.a"}}, "o.a"},
		"without version":    {[]olm.Release{{Name: "o.a", Version: "1.0.0"}, {Name: "o.b"}}, `o.b (spec.version "")`},
		"unreadable version": {[]olm.Release{{Name: "o.a", Version: "1.0"}, {Name: "o.b", Version: "2.0.0"}}, `spec.version "1.0"`},
		"equal versions":     {[]olm.Release{{Name: "o.a", Version: "1.0.0"}, {Name: "o.b", Version: "1.0.0"}}, "the same version 1.0.0"},
		"a circle": {
			[]olm.Release{{Name: "o.a", Replaces: "o.b"}, {Name: "o.b", Replaces: "o.a"}},
			"replace each other in a circle",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // in the other order, too
				var got []string
				ordered, err := olm.Order(test.releases)
				for _, r := range ordered {
					got = append(got, r.Name)
				}
				switch text := strings.Join(got, " "); {
				case err == nil && text != test.want:
					t.Errorf("Order: got %q, want %q", text, test.want)
				case err != nil && !strings.Contains(err.Error(), test.want):
					t.Errorf("Order: got error %v, want %q", err, test.want)
				}
				slices.Reverse(test.releases)
			}
		})
	}
}

// TestOneReleaseOfEachPackageIsTheTruth chooses among releases NAME VERSION IMAGE.
func TestOneReleaseOfEachPackageIsTheTruth(t *testing.T) {
	for name, test := range map[string]struct {
		given, previous string // separated by commas
		want            string // current; previous
	}{
		"one":                             {"o.v1 1.0.0 a:1", "", "o.v1;"},
		"two releases":                    {"o.v1 1.0.0 a:1, o.v2 2.0.0 a:2", "", "o.v2; o.v1"},
		"two packages":                    {"p.v1 1.0.0 a:1, o.v2 2.0.0 a:2", "", "p.v1 o.v2;"},
		"two releases of two packages":    {"p.v1 1.0.0 a:1, o.v2 2.0.0 a:2, p.v2 2.0.0 a:2, o.v1 1.0.0 a:1", "", "p.v2 o.v2; p.v1 o.v1"},
		"the truth as a previous one too": {"o.v2 2.0.0 a:2", "o.v1 1.0.0 a:1, o.v2 2.0.0 a:2", "o.v2; o.v1"},
		"a previous one twice":            {"o.v3 3.0.0 a:3", "o.v1 1.0.0 a:1, o.v2 2.0.0 a:2, o.v1 1.0.0 a:1", "o.v3; o.v2 o.v1"},
		"given and previous":              {"o.v3 3.0.0 a:3, o.v1 1.0.0 a:1", "o.v2 2.0.0 a:2, o.v1 1.0.0 a:1", "o.v3; o.v2 o.v1"},
		"a previous one that is newer":    {"o.v2 2.0.0 a:2", "o.v3 3.0.0 a:3", "o.v2; o.v3"},
		"of another package":              {"o.v2 2.0.0 a:2", "p.v1 1.0.0 a:1", "o.v2; p.v1"},
		"without versions":                {"o.v2 - a:2", "o.v1 - a:1", "o.v2; o.v1"},
		"the same with other content":     {"o.v1 1.0.0 a:2", "o.v1 1.0.0 a:1", "o.v1; o.v1"},
		"the same twice":                  {"o.v1 1.0.0 a:1, o.v1 1.0.0 a:1", "", "o.v1;"},

		"twice with different content":                   {"o.v1 1.0.0 a:1, o.v1 1.0.0 a:2", "", "o.v1 and o.v1 have the same version 1.0.0: give the newest alone"},
		"a previous one twice with other content":        {"o.v2 2.0.0 a:1", "o.v1 1.0.0 a:1, o.v1 1.0.0 a:2", "have the same version 1.0.0: give one of them only"},
		"two without a version":                          {"o.v1 - a:1, o.v2 - a:2", "", "cannot be told by their versions: give the newest alone"},
		"two previous ones, of which one has no version": {"o.v3 - a:3", "o.v1 - a:1, o.v2 2.0.0 a:2", "cannot be told by their versions: give one of them only"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := olm.Choose(releases(t, test.given), releases(t, test.previous))
			got := strings.TrimSpace(names(h.Current) + "; " + names(h.Previous))
			switch {
			case err == nil && got != test.want:
				t.Errorf("Choose: got %q, want %q", got, test.want)
			case err != nil && !strings.Contains(err.Error(), test.want):
				t.Errorf("Choose: got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestTheNoteNamesTheNewestOfManyReleases(t *testing.T) {
	h, err := olm.Choose(releases(t, "o.v8 8.0.0 a:8"), releases(t, "o.v1 1.0.0 a:1, o.v2 2.0.0 a:2, o.v3 3.0.0 a:3, o.v4 4.0.0 a:4, o.v5 5.0.0 a:5"))
	want := "the images are those of o.v8; previous releases: o.v5, o.v4, o.v3, o.v2, o.v1"
	if got := h.Note(); err != nil || got != want {
		t.Errorf("Note: got %q, %v, want %q", got, err, want)
	}
	h, err = olm.Choose(releases(t, "o.v8 8.0.0 a:8, o.v7 7.0.0 a:7, o.v6 6.0.0 a:6"), h.Previous)
	want = "the images are those of o.v8; previous releases: o.v7, o.v6, o.v5, o.v4, o.v3 and 2 more"
	if got := h.Note(); err != nil || got != want {
		t.Errorf("Note: got %q, %v, want %q", got, err, want)
	}
}

func releases(t *testing.T, list string) []olm.Release {
	t.Helper()
	var all []olm.Release
	for text := range strings.SplitSeq(list, ",") {
		fields := strings.Fields(text)
		if len(fields) < 3 {
			continue
		}
		image, err := imageref.Parse(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		r := olm.Release{Name: fields[0], Version: fields[1], Entries: []catalog.Entry{{Name: "RELATED_IMAGE_a", Image: image}}}
		if r.Version == "-" {
			r.Version = ""
		}
		all = append(all, r)
	}
	return all
}

func names(releases []olm.Release) string {
	texts := make([]string, len(releases))
	for i, r := range releases {
		texts[i] = r.Name
	}
	return strings.Join(texts, " ")
}

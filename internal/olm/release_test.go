package olm_test

import (
	"slices"
	"strings"
	"testing"

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

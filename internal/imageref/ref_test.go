package imageref_test

import (
	"strings"
	"testing"

	"inject-related-images/internal/imageref"
)

const digest = "sha256:f176f21fb2439911a333c0d71ee80260fc7b8c786f6e0bad027f52c2e1254143"

func TestParseKeepsTheSpellingAndNormalisesForComparing(t *testing.T) {
	for _, test := range []struct{ in, name, repository, tag, digest string }{
		{"nginx", "nginx", "docker.io/library/nginx", "", ""},
		{"nginx:1.25", "nginx", "docker.io/library/nginx", "1.25", ""},
		{"index.docker.io/x/y", "index.docker.io/x/y", "docker.io/x/y", "", ""},
		{"docker.io/x/y:1", "docker.io/x/y", "docker.io/x/y", "1", ""},
		{"x/y@" + digest, "x/y", "docker.io/x/y", "", digest},
		{"quay.io/eclipse/che-theia:7.20.1", "quay.io/eclipse/che-theia", "quay.io/eclipse/che-theia", "7.20.1", ""},
		{"quay.io/x/y:1@" + digest, "quay.io/x/y", "quay.io/x/y", "1", digest},
		{"localhost:5000/x", "localhost:5000/x", "localhost:5000/x", "", ""},
		{"localhost:5000/x:v1", "localhost:5000/x", "localhost:5000/x", "v1", ""},
		{"registry.redhat.io/rhscl/mongodb-36-rhel7:1-50", "registry.redhat.io/rhscl/mongodb-36-rhel7", "registry.redhat.io/rhscl/mongodb-36-rhel7", "1-50", ""},
	} {
		r, err := imageref.Parse(test.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.in, err)
			continue
		}
		if r.String() != test.in || r.Name() != test.name || r.Repository() != test.repository || r.Tag() != test.tag || r.Digest() != test.digest {
			t.Errorf("Parse(%q): got name %q, repository %q, tag %q, digest %q, prints %q; want %+v",
				test.in, r.Name(), r.Repository(), r.Tag(), r.Digest(), r, test)
		}
	}
}

func TestParseRefusesWhatIsNoReference(t *testing.T) {
	for _, in := range []string{
		"", " ", "quay.io/a b", "quay.io/x:1\n", "{{ image }}", "${IMAGE}", "$(IMAGE)", "https://quay.io/x/y", "docker://x/y:1",
		"quay.io/X/y:1", "quay.io//y", "quay.io/y/", "quay.io/-y", "./x", "../x:1", "quay.io/x/y:", "quay.io/x/y@", "quay.io/x/y@sha256:abc", "quay.io/x/y:1:2", "x@" + digest + "@" + digest, "a: b",
		"quay.io/x:" + strings.Repeat("a", 129),
	} {
		if r, err := imageref.Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", in, r)
		}
	}
}

func TestWithDigestKeepsTheFilesOwnName(t *testing.T) {
	for in, want := range map[string]string{
		"nginx:1.25":                 "nginx@" + digest,
		"docker.io/x/y":              "docker.io/x/y@" + digest,
		"quay.io/x/y:1@" + digest:    "quay.io/x/y@" + digest,
		"localhost:5000/x/y:nightly": "localhost:5000/x/y@" + digest,
	} {
		r, err := imageref.Parse(in)
		if err != nil {
			t.Fatalf("Parse(%q): %v", in, err)
		}
		if got := r.WithDigest(digest); got != want {
			t.Errorf("Parse(%q).WithDigest: got %q, want %q", in, got, want)
		}
	}
}

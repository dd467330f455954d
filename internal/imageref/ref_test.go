package imageref_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/distribution/reference"
	"github.com/google/go-containerregistry/pkg/name"

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
		{"[::1]:5000/x/y:1", "[::1]:5000/x/y", "[::1]:5000/x/y", "1", ""},
		{"[2001:db8::1]/x", "[2001:db8::1]/x", "[2001:db8::1]/x", "", ""},
		{"127.0.0.1:5000/x", "127.0.0.1:5000/x", "127.0.0.1:5000/x", "", ""},
		{"Registry.Example.com:443/x", "Registry.Example.com:443/x", "Registry.Example.com:443/x", "", ""},
		{"localhost/x", "localhost/x", "localhost/x", "", ""},
		{"a_b/c__d.e---f:_T.-1", "a_b/c__d.e---f", "docker.io/a_b/c__d.e---f", "_T.-1", ""},
		{"q.io/x:" + strings.Repeat("a", 128), "q.io/x", "q.io/x", strings.Repeat("a", 128), ""},
		{"q.io/x@sha512:" + strings.Repeat("0a", 64), "q.io/x", "q.io/x", "", "sha512:" + strings.Repeat("0a", 64)},
		{"library/nginx", "library/nginx", "docker.io/library/nginx", "", ""},
		{"q.io/a/b/c/d:1", "q.io/a/b/c/d", "q.io/a/b/c/d", "1", ""},
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
		"quay.io/x:" + strings.Repeat("a", 129), "x:-1", "x:.1", "Host/x", "0.0_0/00", "X", "a=quay.io/x", "a!b.io/x", "a_b.io/x", "-a.io/x", "a..io/x",
		"q.io:/x", "q.io:1:2/x", "q.io:1:/x", "q.io:http/x", "[::1/x", "[::1]", "[::1]:/x", "[fe80::1%25eth0]/x", "q.io/a..b", "q.io/a___b", "q.io/a._b", "q.io/_a", "q.io/a_", "q.io/a.",
		"q.io/x@md5:d41d8cd98f00b204e9800998ecf8427e", "q.io/x@SHA256:" + digest[7:], "q.io/x@sha256:" + strings.ToUpper(digest[7:]),
		"q.io/x@" + digest + "0", "q.io/x@" + digest + ":1", "%s/x", "<image>", "image: x", "x y", "é", "q.io/x:é", "q.io/" + strings.Repeat("a", 256),
	} {
		if r, err := imageref.Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", in, r)
		}
	}
}

func TestWithTagKeepsTheFilesOwnName(t *testing.T) {
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
		if got := r.WithTag("", digest); got.String() != want || got.Digest() != digest || got.Tag() != "" || got.Name() != r.Name() {
			t.Errorf("Parse(%q).WithTag: got %q, want %q", in, got, want)
		}
		if got := r.WithTag("1", digest); got.String() != r.Name()+":1@"+digest || got.Normal() != r.Repository()+":1@"+digest {
			t.Errorf("Parse(%q).WithTag of both: got %q", in, got)
		}
	}
}

// FuzzParse checks that a reference here is what distribution/reference says it is, and one that
// go-containerregistry can pull. Of addresses in brackets the latter refuses more: [:]/x.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"nginx", "q.io/a_b/c:1@" + digest, "localhost:5000/x", "[::1]:5000/x", "Host/x", "https://q.io/x", "a=q.io/x", "index.docker.io/library/x:y",
		"0.0_0/00", "docker.io/x", "docker.io/x/y:1", "x.docker.io/y", digest[7:], "0." + digest[9:], "q.io/a._b", "[:]/x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := imageref.Parse(s)
		want, wantErr := reference.ParseNormalizedNamed(s)
		if wantErr == nil && !strings.ContainsAny(reference.Domain(want), ".:") && reference.Domain(want) != "localhost" {
			wantErr = errors.New("it has no host by the rule of imageref")
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("Parse(%q) = %q, %v, but distribution/reference says %v", s, r, err, wantErr)
		}
		if err != nil {
			return
		}
		if r.String() != s || r.Repository() != want.Name() || r.Normal() != want.String() || r.WithTag(r.Tag(), r.Digest()) != r {
			t.Errorf("Parse(%q): got %q, in normal form %q of repository %q, want %q", s, r, r.Normal(), r.Repository(), want)
		}
		if _, err := name.ParseReference(s); err != nil && !strings.HasPrefix(s, "[") {
			t.Errorf("Parse(%q) = %q, but go-containerregistry says %v", s, r, err)
		}
	})
}

package imageref_test

import (
	"strings"
	"testing"

	"inject-related-images/internal/imageref"
)

func TestExplainSaysWhatToWrite(t *testing.T) {
	for in, want := range map[string]string{
		"docker://quay.io/acme/udi:2.15":          "it begins with docker://, and an image reference has no scheme: write quay.io/acme/udi:2.15",
		"docker-pullable://q.io/x@" + digest:      "it begins with docker-pullable://, and an image reference has no scheme: write q.io/x@" + digest,
		"https://quay.io/acme/udi":                "it begins with https://, and an image reference has no scheme: write quay.io/acme/udi",
		"https://quay.io/Acme?tab=tags":           "it begins with https://, and an image reference has no scheme",
		"quay.io/acme/udi: 2.15":                  "an image reference has no white space: write quay.io/acme/udi:2.15",
		"quay.io / acme/udi @ " + digest:          "an image reference has no white space: write quay.io/acme/udi@" + digest,
		"two words":                               "an image reference has no white space",
		"q.io/x:1\nq.io/y:1":                      "an image reference has no white space",
		"busybox:":                                "it has no tag behind the colon: write the tag, or leave out the colon",
		"busybox@":                                "it has no digest behind the @: write the digest, or leave out the @",
		"busybox:v1+k3s1":                         `"v1+k3s1" is no tag: write letters, digits, _, . and -`,
		"q.io:5000/x:" + strings.Repeat("a", 129): `is no tag: write letters`,
		"Busybox:latest":                          "a repository has no capital letters: write busybox:latest",
		"quay.io/Acme/UDI@" + digest:              "a repository has no capital letters: write quay.io/acme/udi@" + digest,
		"quay.io/acme/udi@sha256:abc":             `"sha256:abc" is no digest: write sha256: and 64 hexadecimal digits in small letters`,
		"quay.io/acme/udi:1@" + digest + "0":      `is no digest: write sha256: and 64 hexadecimal digits in small letters`,
		"quay.io//udi":                            "it is no image reference: write REGISTRY/REPOSITORY:TAG, or with @sha256:DIGEST behind it",
		"../udi:1":                                "it is no image reference: write REGISTRY/REPOSITORY:TAG",
		"":                                        "it is empty",
	} {
		if _, err := imageref.Parse(in); err == nil {
			t.Errorf("Parse(%q): got no error", in)
		}
		if got := imageref.Explain(in); !strings.Contains(got, want) {
			t.Errorf("Explain(%q): got %s, want %s", in, got, want)
		}
	}
}

func TestExplainProposesOnlyReferences(t *testing.T) {
	for _, in := range []string{"docker://x y", "docker://docker://x", "Foo Bar: x", "Q.io/É:1", "Foo:v1+k3s1", "X@" + digest + "0", "X Y", "A:b:c"} {
		if _, proposed, ok := strings.Cut(imageref.Explain(in), ": write "); ok && !strings.Contains(proposed, " ") {
			if _, err := imageref.Parse(proposed); err != nil {
				t.Errorf("Explain(%q) proposes %q: %v", in, proposed, err)
			}
		}
	}
}

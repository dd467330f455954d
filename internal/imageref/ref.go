// Package imageref reads container image references without losing how they were written.
//
// The same image has many spellings (nginx, docker.io/nginx, index.docker.io/library/nginx), and a file's own spelling
// must survive when only its tag becomes a digest. Libraries normalise while they parse, and drop the tag of
// repository:tag@digest. A Ref therefore prints exactly as it was written; its normal form, for comparing, is a method.
//
// The grammar is that of go-containerregistry's package name, which is what the tools that pull these images accept, with
// one rule of distribution/reference that it leaves out: every component of the repository begins and ends with a letter or
// digit. Without it the URL https://quay.io/x would be the repository "/quay.io/x" of a registry "https:".
package imageref

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Ref is a parsed image reference. The zero value is no reference.
type Ref struct {
	text       string
	nameEnd    int    // text[:nameEnd] is registry and repository as written
	repository string // normal form: docker.io/library/nginx
	tag        string
	digest     string
}

// Parse reads s, which must be a reference and nothing else: [registry[:port]/]repository[:tag][@digest].
// Templates, URLs with a scheme and text with white space are refused with an *Error.
func Parse(s string) (Ref, error) {
	r := Ref{text: s, nameEnd: len(s)}
	rest := s
	if i := strings.IndexByte(rest, '@'); i >= 0 {
		rest, r.digest, r.nameEnd = rest[:i], rest[i+1:], i
	}
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, '/') {
		rest, r.tag, r.nameEnd = rest[:i], rest[i+1:], i
	}
	repository, err := name.NewRepository(rest)
	if err != nil || !wellFormed(repository) {
		return Ref{}, &Error{s}
	}
	if r.nameEnd < len(s) && s[r.nameEnd] == ':' {
		if _, err := name.NewTag(rest + ":" + r.tag); err != nil || r.tag == "" {
			return Ref{}, &Error{s}
		}
	}
	if strings.Contains(s, "@") {
		if _, err := name.NewDigest(rest + "@" + r.digest); err != nil {
			return Ref{}, &Error{s}
		}
	}
	r.repository = repository.Name()
	if after, ok := strings.CutPrefix(r.repository, name.DefaultRegistry+"/"); ok {
		r.repository = "docker.io/" + after
	}
	return r, nil
}

// wellFormed checks what go-containerregistry leaves out.
func wellFormed(r name.Repository) bool {
	if host := r.RegistryStr(); strings.Trim(host, ".-_") != host {
		return false
	}
	for component := range strings.SplitSeq(r.RepositoryStr(), "/") {
		if strings.Trim(component, ".-_") != component || component == "" {
			return false
		}
	}
	return true
}

// Error says that Text is not an image reference.
type Error struct {
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%q is not an image reference", e.Text) }

// String returns the reference as it was written.
func (r Ref) String() string { return r.text }

// IsZero tells whether r is no reference.
func (r Ref) IsZero() bool { return r.text == "" }

// Name returns registry and repository as they were written, without tag and digest.
func (r Ref) Name() string { return r.text[:r.nameEnd] }

// Tag returns the tag, or "" when there is none. A reference may have both a tag and a digest.
func (r Ref) Tag() string { return r.tag }

// Digest returns the digest with its algorithm, sha256:…, or "" when there is none.
func (r Ref) Digest() string { return r.digest }

// Pinned tells whether the reference has a digest, which then decides over any tag.
func (r Ref) Pinned() bool { return r.digest != "" }

// Repository returns registry and repository in normal form, to compare by: docker.io/library/nginx for nginx.
func (r Ref) Repository() string { return r.repository }

// Normal returns the whole reference in normal form, to compare by.
func (r Ref) Normal() string { return r.repository + r.text[r.nameEnd:] }

// WithDigest returns the text of the reference with digest in place of its tag and digest, its name as written.
func (r Ref) WithDigest(digest string) string { return r.Name() + "@" + digest }

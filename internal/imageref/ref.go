// Package imageref reads container image references without losing how they were written.
//
// The same image has many spellings (nginx, docker.io/nginx, index.docker.io/library/nginx), and a
// file's own spelling must survive when only its tag becomes a digest. Libraries forget it while
// they parse. A Ref prints exactly as it was written, with both the tag and the digest of
// repository:tag@digest; its normal form, for comparing, is a method.
//
// The grammar is that of distribution/reference, which registries and container engines hold, with
// one rule more: a host has a dot or a port, or is localhost. Without that rule the library takes
// Host/x for a host, because of its capital letter, and a_b.io/x for a repository without a host.
package imageref

import (
	_ "crypto/sha256" // the library knows the digests of the algorithms that are linked
	_ "crypto/sha512"
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

// Ref is a parsed image reference. The zero value is no reference.
type Ref struct {
	text          string
	nameEnd       int    // text[:nameEnd] is registry and repository as written
	normal        string // normal form: docker.io/library/nginx:1
	repositoryEnd int    // normal[:repositoryEnd] is the repository
	tag           string
	digest        string
}

// Parse reads s, which must be a reference and nothing else:
// [registry[:port]/]repository[:tag][@digest]. Digests are those of sha256, sha384 and sha512.
// Templates, URLs with a scheme, identifiers of local images and text with white space are refused
// with an *Error.
func Parse(s string) (Ref, error) {
	if r, ok := parseCommon(s); ok {
		return r, nil
	}
	if !isSpelled(s) {
		return Ref{}, &Error{s}
	}
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil || !isHost(reference.Domain(named)) {
		return Ref{}, &Error{s}
	}
	r := Ref{text: s, nameEnd: len(s)}
	if tagged, ok := named.(reference.Tagged); ok {
		r.tag = tagged.Tag()
		r.nameEnd -= len(":" + r.tag)
	}
	if digested, ok := named.(reference.Digested); ok {
		r.digest = digested.Digest().String()
		r.nameEnd -= len("@" + r.digest)
	}
	return r.in(named.Name()), nil
}

// in returns the reference with its repository in normal form.
func (r Ref) in(repository string) Ref {
	r.normal, r.repositoryEnd = r.text, len(repository)
	if r.Name() != repository {
		r.normal = repository + r.text[r.nameEnd:]
	}
	return r
}

func isHost(s string) bool { return s == "localhost" || strings.ContainsAny(s, ".:") }

// parseCommon reads the forms that most references have, as the library does: small letters, and a
// host with a dot, docker.io or none. The library's regular expressions take twenty times as long;
// without parseCommon a run over a directory takes 1.5 times as long.
func parseCommon(s string) (Ref, bool) {
	name, digest, pinned := strings.Cut(s, "@")
	name, tag, tagged := strings.Cut(name, ":")
	if !isWords(name, "/.-_") || tagged && (len(tag) > 128 || !isWords(tag, ".-_")) || pinned && !isSHA256(digest) {
		return Ref{}, false
	}
	r := Ref{text: s, nameEnd: len(name), tag: tag, digest: digest}
	host, path, hasHost := strings.Cut(name, "/")
	switch {
	case len(path) > reference.RepositoryNameTotalLengthMax:
	case !hasHost && len(name) >= 64: // it may be the identifier of a local image
	case !hasHost:
		return r.in("docker.io/library/" + name), true
	case host == "docker.io" && strings.Contains(path, "/"),
		strings.Contains(host, ".") && !strings.Contains(host, "_") && !strings.HasSuffix(host, "docker.io"):
		return r.in(name), true
	}
	return Ref{}, false
}

// isSpelled tells whether s has nothing but the signs that references are written with. Most values
// of environment variables have others, and the library takes long to refuse them.
func isSpelled(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') &&
			strings.IndexByte("/.-_:@+[]", c) < 0 {
			return false
		}
	}
	return s != "" && s[0] != '/' && !strings.Contains(s, "//")
}

// isWords tells whether s consists of words of small letters and digits, with one separator between
// two words.
func isWords(s, separators string) bool {
	inWord := false
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			inWord = true
		case inWord && strings.IndexByte(separators, c) >= 0:
			inWord = false
		default:
			return false
		}
	}
	return inWord
}

func isSHA256(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == ""
}

// IsTag tells whether s is a tag.
func IsTag(s string) bool { return s != "" && reference.TagRegexp.FindString(s) == s }

// Error says that Text is not an image reference.
type Error struct {
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%q is not an image reference", e.Text) }

// String returns the reference as it was written.
func (r Ref) String() string { return r.text }

// MarshalText returns the reference as it was written, so that it is a text in JSON.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.text), nil }

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

// Repository returns registry and repository in normal form, to compare by: docker.io/library/nginx
// for nginx.
func (r Ref) Repository() string { return r.normal[:r.repositoryEnd] }

// Normal returns the whole reference in normal form, to compare by.
func (r Ref) Normal() string { return r.normal }

// WithTag returns the reference with a tag and a digest, each unless it is "", and its name as
// written.
func (r Ref) WithTag(tag, digest string) Ref {
	r.text, r.tag, r.digest = r.Name(), tag, digest
	if tag != "" {
		r.text += ":" + tag
	}
	if digest != "" {
		r.text += "@" + digest
	}
	return r.in(r.Repository())
}

// WithName returns the reference in the repository of another, under its name as written.
func (r Ref) WithName(other Ref) Ref { return other.WithTag(r.tag, r.digest) }

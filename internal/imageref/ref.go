// Package imageref reads container image references without losing how they were written.
//
// The same image has many spellings (nginx, docker.io/nginx, index.docker.io/library/nginx), and a file's own spelling
// must survive when only its tag becomes a digest. Libraries normalise while they parse, and drop the tag of
// repository:tag@digest. A Ref therefore prints exactly as it was written; its normal form, for comparing, is a method.
//
// The grammar is that of distribution/reference, which the registries hold, and of go-containerregistry's package name, which
// the tools that pull these images hold; a reference must be one by both. What they see differently:
//
//   - go-containerregistry takes any text between slashes that RFC 3986 allows for a host, and any repository of the right
//     characters: https://quay.io/x would be the repository "/quay.io/x" of a host "https:", and a=quay.io/x a reference. Hosts
//     and repositories must be those of distribution/reference.
//   - distribution/reference takes a first part with capital letters for a host, Host/x; go-containerregistry does not, and
//     files do not have it. It is none, unless it has a dot or a port: Host.example/x.
//   - distribution/reference drops nothing of repository:tag@digest, go-containerregistry the tag. Both are kept.
//   - Digests are those of the algorithms that the OCI image specification registers: sha256, sha384 and sha512, in lower case.
package imageref

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
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

// Parse reads s, which must be a reference and nothing else: [registry[:port]/]repository[:tag][@digest].
// Templates, URLs with a scheme and text with white space are refused with an *Error.
func Parse(s string) (Ref, error) {
	r := Ref{text: s, nameEnd: len(s)}
	rest := s
	at := strings.IndexByte(rest, '@')
	if at >= 0 {
		rest, r.digest, r.nameEnd = rest[:at], rest[at+1:], at
	}
	colon := strings.LastIndexByte(rest, ':')
	if colon > strings.LastIndexByte(rest, '/') {
		rest, r.tag, r.nameEnd = rest[:colon], rest[colon+1:], colon
	} else {
		colon = -1
	}
	if colon >= 0 && !IsTag(r.tag) || at >= 0 && !isDigest(r.digest) || isID(s) {
		return Ref{}, &Error{s}
	}
	switch host, path, ok := strings.Cut(rest, "/"); { // most are of the common kinds, of which the libraries say the same
	case ok && isDomain(host) && len(path) > 1 && isRepository(path), host == "docker.io" && strings.Contains(path, "/") && isRepository(path):
		return r.in(rest), nil
	case !ok && len(rest) > 1 && len("library/"+rest) <= 255 && isRepository(rest):
		return r.in("docker.io/library/" + rest), nil
	}
	repository, err := name.NewRepository(rest)
	if err != nil || !isHost(repository.RegistryStr()) || !isRepository(repository.RepositoryStr()) {
		return Ref{}, &Error{s}
	}
	normal := repository.Name()
	if after, ok := strings.CutPrefix(normal, name.DefaultRegistry+"/"); ok {
		normal = "docker.io/" + after
	}
	return r.in(normal), nil
}

// in returns the reference with its repository in normal form.
func (r Ref) in(repository string) Ref {
	r.normal, r.repositoryEnd = r.text, len(repository)
	if r.Name() != repository {
		r.normal = repository + r.text[r.nameEnd:]
	}
	return r
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func isAlphanumeric(c byte) bool { return isLower(c) || 'A' <= c && c <= 'Z' }

// IsTag tells whether s is a tag (OCI distribution specification): a letter, digit or _, then up to 127 of these and . and -.
func IsTag(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '_' && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// isDigest knows the common kind by itself and asks for the others.
func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(hex) != 64 {
		_, err := name.NewDigest("x@" + s)
		return err == nil
	}
	return strings.Trim(hex, "0123456789abcdef") == ""
}

// isID tells the identifiers of local images, which name no repository.
func isID(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// isHost: labels of letters, digits and inner hyphens between dots, or an IPv6 address in brackets; then maybe a port.
// Go-containerregistry has seen to it that it is a host of a URL, so that what is in brackets is an address.
func isHost(s string) bool {
	if strings.HasPrefix(s, "[") {
		return !strings.Contains(s, "%") && !strings.HasSuffix(s, ":") // zones are for this machine only
	}
	s, port, ok := strings.Cut(s, ":")
	if ok && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

// isDomain tells the common kind of a host: small letters and digits with dots between them, not Docker Hub.
func isDomain(s string) bool {
	dots := 0
	for i := range len(s) {
		switch {
		case s[i] == '.' && i > 0 && i+1 < len(s) && s[i-1] != '.':
			dots++
		case !isLower(s[i]):
			return false
		}
	}
	return dots > 0 && !strings.HasSuffix(s, "docker.io")
}

// isRepository: up to 255 characters with Docker Hub's library/; components between slashes, of small letters and digits with single separators between them: . _ __ or hyphens.
func isRepository(s string) bool {
	for component := range strings.SplitSeq(s, "/") {
		from := 0 // of the separator
		for i := range len(component) {
			if !isLower(component[i]) {
				continue
			}
			if separator := component[from:i]; separator != "" && (from == 0 || separator != "." && separator != "_" && separator != "__" && strings.Trim(separator, "-") != "") {
				return false
			}
			from = i + 1
		}
		if from == 0 || from != len(component) {
			return false
		}
	}
	return len(s) <= 255
}

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

// Repository returns registry and repository in normal form, to compare by: docker.io/library/nginx for nginx.
func (r Ref) Repository() string { return r.normal[:r.repositoryEnd] }

// Normal returns the whole reference in normal form, to compare by.
func (r Ref) Normal() string { return r.normal }

// WithTag returns the reference with a tag and a digest, each unless it is "", and its name as written.
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

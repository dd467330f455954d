package imageref

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// Explain says why a text that Parse refuses is no image reference, and what to write instead. Only
// a text that must mean one reference is written out: the others are for a person to decide.
func Explain(s string) string {
	switch scheme, rest, ok := strings.Cut(s, "://"); {
	case s == "":
		return "it is empty"
	case ok && isScheme(scheme):
		return fmt.Sprintf("it begins with %s://, and an image reference has no scheme%s", scheme, write(rest))
	case strings.ContainsAny(s, " \t\r\n"):
		return "an image reference has no white space" + write(withoutSpace(s))
	case strings.HasSuffix(s, ":"):
		return "it has no tag behind the colon: write the tag, or leave out the colon"
	case strings.HasSuffix(s, "@"):
		return "it has no digest behind the @: write the digest, or leave out the @"
	}
	name, digest, pinned := strings.Cut(s, "@")
	if _, err := Parse(name); err == nil && pinned {
		return fmt.Sprintf("%q is no digest: write sha256: and 64 hexadecimal digits in small letters", digest)
	}
	tag := ""
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name, tag = name[:colon], name[colon+1:]
	}
	if _, err := Parse(name); err == nil && tag != "" {
		return fmt.Sprintf(
			"%q is no tag: write letters, digits, _, . and -, at most 128, the first a letter, digit or _",
			tag,
		)
	}
	if small := strings.ToLower(name); small != name {
		if _, err := Parse(small); err == nil {
			return "a repository has no capital letters" + write(small+s[len(name):])
		}
	}
	return "it is no image reference: write REGISTRY/REPOSITORY:TAG, or with @sha256:DIGEST behind it"
}

// write says to write the reference s, if it is one.
func write(s string) string {
	if _, err := Parse(s); err != nil {
		return ""
	}
	return ": write " + s
}

func isScheme(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

var spaced = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[ \t]*([:/@])[ \t]*`) })

// withoutSpace takes away the white space around the parts of a reference: elsewhere it stands
// between words.
func withoutSpace(s string) string { return spaced().ReplaceAllString(s, "$1") }

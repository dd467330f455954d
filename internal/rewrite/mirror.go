package rewrite

import (
	"strings"

	"inject-related-images/internal/imageref"
)

// Mirror says that images of the repositories From, or below it, are to be had at To, in an air-gapped site. Both are in normal
// form. Digests are the same there.
type Mirror struct {
	From, To string
	Only     MirrorKind
}

// MirrorKind tells which references a mirror is for, as OpenShift has mirrors for digests and for tags.
type MirrorKind uint8

// The kinds of mirrors.
const (
	AnyImage MirrorKind = iota
	Digests
	Tags
)

// mirrors are in descending length of From: the first that fits is the nearest.
type mirrors []Mirror

// relocate returns the reference by the name that it has at its mirror, or as it is.
func (m mirrors) relocate(r imageref.Ref) imageref.Ref {
	for _, mirror := range m {
		if mirror.Only == Digests && !r.Pinned() || mirror.Only == Tags && r.Pinned() {
			continue
		}
		if moved, ok := move(r, mirror.From, mirror.To); ok {
			return moved
		}
	}
	return r
}

// original returns the reference by the name that it has where it was mirrored from, or as it is.
func (m mirrors) original(r imageref.Ref) imageref.Ref {
	longest, found := "", r
	for _, mirror := range m {
		if moved, ok := move(r, mirror.To, mirror.From); ok && len(mirror.To) > len(longest) {
			longest, found = mirror.To, moved
		}
	}
	return found
}

// move returns the reference with to in the place of from, if its repository is that or below it.
func move(r imageref.Ref, from, to string) (imageref.Ref, bool) {
	rest, ok := strings.CutPrefix(r.Repository(), from)
	if !ok || rest != "" && rest[0] != '/' {
		return r, false
	}
	name, err := imageref.Parse(to + rest)
	if err != nil {
		return r, false
	}
	return r.WithName(name), true
}

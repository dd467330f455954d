package engine

import (
	"slices"
	"strings"

	"inject-related-images/internal/imageref"
)

// Mirror says that images of the repositories From, or below it, are to be had at To, in an
// air-gapped site. Both are in normal form. Digests are the same there.
type Mirror struct {
	From, To string
	Only     MirrorKind
}

// MirrorKind tells which references a mirror is for, as OpenShift has mirrors for digests and for
// tags.
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

// originals returns the names from which the reference may have come to its mirror: those that lead
// back to it, the longest To first.
func (m mirrors) originals(r imageref.Ref) []imageref.Ref {
	if len(m) == 0 {
		return nil
	}
	longest := slices.SortedStableFunc(slices.Values(m), func(a, b Mirror) int { return len(b.To) - len(a.To) })
	var found []imageref.Ref
	for _, mirror := range longest {
		original, ok := move(r, mirror.To, mirror.From)
		if ok && !slices.Contains(found, original) && m.leads(original, r) {
			found = append(found, original)
		}
	}
	return found
}

// leads tells whether the mirrors for tags, or those for digests, lead from original to the
// repository of r.
func (m mirrors) leads(original, r imageref.Ref) bool {
	const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	tagged, pinned := original.WithTag("x", ""), original.WithTag("", digest)
	return m.relocate(tagged).Repository() == r.Repository() || m.relocate(pinned).Repository() == r.Repository()
}

// move replaces from by to in the name of r. It returns false if r's repository is neither from nor
// below it.
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

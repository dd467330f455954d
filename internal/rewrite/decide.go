package rewrite

import (
	"fmt"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/locate"
)

// rule is a way to find the image that a reference must be. Rules are asked in order; the first that answers decides.
type rule struct {
	name  string
	whole bool // its image replaces the whole reference; else only the digest does, and the file's name of it stays
	find  func(c *catalog.Catalog, s locate.Site, kind catalog.RegistryKind) catalog.Match
}

// rules are those that need nothing but the CSV, strongest evidence first.
var rules = []rule{
	{"editor", true, func(c *catalog.Catalog, s locate.Site, _ catalog.RegistryKind) catalog.Match {
		if s.Editor == nil {
			return catalog.Match{}
		}
		return c.ByEditor(s.Editor.Editor, s.Editor.Version, s.Editor.Component)
	}},
	{"tag", false, func(c *catalog.Catalog, s locate.Site, kind catalog.RegistryKind) catalog.Match {
		return c.ByTag(s.Ref, kind)
	}},
	{"sample", true, func(c *catalog.Catalog, s locate.Site, _ catalog.RegistryKind) catalog.Match {
		return c.BySample(s.Ref)
	}},
	{"related-image", false, func(c *catalog.Catalog, s locate.Site, _ catalog.RegistryKind) catalog.Match {
		return c.ByRelatedImage(s.Ref)
	}},
}

// decide tells what the CSV says of the reference at s, in a registry of the given kind.
func decide(c *catalog.Catalog, s locate.Site, kind catalog.RegistryKind) Finding {
	f := Finding{Document: s.Document, Path: s.Path, Image: s.Ref.String(), Candidates: []string{}}
	for _, r := range rules {
		m := r.find(c, s, kind)
		if m.Entry != nil {
			return decided(f, s, r, m.Entry)
		}
		if m.Candidates != nil {
			f.Status, f.Rule, f.Candidates = Ambiguous, r.name, images(m.Candidates)
			f.Message = fmt.Sprintf("the CSV gives it %d images by rule %s", len(m.Candidates), r.name)
			return f
		}
	}
	if e := c.ByImage(s.Ref); e != nil {
		f.Status, f.Entry = Current, e.Name
		return f
	}
	return undecided(f, c, s)
}

func decided(f Finding, s locate.Site, r rule, e *catalog.Entry) Finding {
	f.Rule, f.Entry = r.name, e.Name
	proposed := e.Image.String()
	current := s.Ref.Normal() == e.Image.Normal()
	if !r.whole {
		proposed = s.Ref.WithDigest(e.Image.Digest())
		current = s.Ref.String() == proposed
	}
	if current {
		f.Status = Current
	} else {
		f.Status, f.Proposed = Stale, proposed
	}
	if !e.Image.Pinned() {
		f.Unpinned = true
		f.Message = fmt.Sprintf("%s is not pinned to a digest", e.Image)
	}
	return f
}

// undecided says why the CSV has no image for the reference at s.
func undecided(f Finding, c *catalog.Catalog, s locate.Site) Finding {
	known := c.ByRepository(s.Ref)
	f.Candidates = images(known)
	written := "it has no tag, and the CSV has no image for that"
	if s.Ref.Tag() != "" {
		written = fmt.Sprintf("the CSV does not know the tag %s", s.Ref.Tag())
	}
	switch {
	case len(known) == 0:
		f.Status, f.Message = Uncovered, "the CSV has no image of this repository"
	case s.Ref.Pinned():
		f.Status, f.Message = Drifted, "it is pinned to a digest that the CSV does not have"
	case len(known) == 1:
		f.Status = Uncovered
		f.Message = written + "; it has one image of this repository, which only match-repository would take"
	default:
		f.Status = Ambiguous
		f.Message = fmt.Sprintf("%s; it has %d images of this repository", written, len(known))
	}
	return f
}

func images(entries []*catalog.Entry) []string {
	images := make([]string, len(entries))
	for i, e := range entries {
		images[i] = e.Image.String()
	}
	return images
}

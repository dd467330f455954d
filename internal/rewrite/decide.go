package rewrite

import (
	"cmp"
	"fmt"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// Options say how references are decided, beyond what needs nothing but the CSV.
type Options struct {
	MatchRepository bool     // by the repository alone, where the CSV has one digest of it
	KeepTag         bool     // write repository:tag@digest
	Record          bool     // leave a marker beside everything that is injected
	Aliases         []Alias  // repositories that stand for those of the CSV, the longest From first
	Mirrors         []Mirror // where to have images from, the longest From first
}

// Alias says that repositories From, or below it, stand for the CSV's To, or below it: both in normal form, quay.io/devspaces.
type Alias struct {
	From, To string
}

// rule is a way to find the image that a reference must be. Rules are asked in order; the first that answers decides.
type rule struct {
	name  string
	whole bool // its image replaces the whole reference; else only the digest does, and the file's name of it stays
	find  func(d *decider, s *locate.Site) catalog.Match
}

// rules are in the order of their evidence: what names the variable, what needs nothing but the CSV, then what is asked for.
var rules = []rule{
	{"placeholder", true, func(d *decider, s *locate.Site) catalog.Match { return d.byName(s.Variable) }},
	{"marker", true, func(d *decider, s *locate.Site) catalog.Match { return d.byName(s.Marker) }},
	{"editor", true, func(d *decider, s *locate.Site) catalog.Match {
		if s.Editor == nil {
			return catalog.Match{}
		}
		return d.catalog.ByEditor(s.Editor.Editor, s.Editor.Version, s.Editor.Component)
	}},
	{"tag", false, func(d *decider, s *locate.Site) catalog.Match { return d.byTag(s.Ref) }},
	{"sample", true, func(d *decider, s *locate.Site) catalog.Match { return d.catalog.BySample(s.Ref) }},
	{"related-image", false, func(d *decider, s *locate.Site) catalog.Match { return d.catalog.ByRelatedImage(s.Ref) }},
	{"", true, func(d *decider, s *locate.Site) catalog.Match { return catalog.Match{Entry: d.catalog.ByImage(s.Ref)} }}, // it is one of the CSV's already
	{"alias", true, (*decider).byAlias},
	{"repository", false, func(d *decider, s *locate.Site) catalog.Match { return d.byRepository(s.Ref) }},
}

// decider tells what the CSV says of references in a registry of one kind.
type decider struct {
	catalog *catalog.Catalog
	options Options
	kind    catalog.RegistryKind
}

func (d *decider) byName(name string) catalog.Match {
	if name == "" {
		return catalog.Match{}
	}
	return d.catalog.ByName(name)
}

// byTag looks for the tag; for that of a pinned reference only if the tag is kept, and so can be believed.
func (d *decider) byTag(r imageref.Ref) catalog.Match {
	if d.options.KeepTag && r.Pinned() && r.Tag() != "" {
		r = r.WithTag(r.Tag(), "")
	}
	return d.catalog.ByTag(r, d.kind)
}

func (d *decider) byRepository(r imageref.Ref) catalog.Match {
	if !d.options.MatchRepository {
		return catalog.Match{}
	}
	return d.catalog.ByRepositoryAlone(r)
}

// byAlias looks for the reference under the names that its repository is an alias of, the longest alias first. Digests differ
// between registries, so one that is pinned is taken for an image of the CSV only by the same digest, or by the repository.
func (d *decider) byAlias(s *locate.Site) catalog.Match {
	for _, a := range d.options.Aliases {
		r, ok := move(s.Ref, a.From, a.To)
		if !ok {
			continue
		}
		for _, m := range []catalog.Match{d.byTag(r), d.catalog.BySample(r), d.catalog.ByRelatedImage(r), {Entry: d.catalog.ByImage(r)}, d.byRepository(r)} {
			if m.Entry != nil || m.Candidates != nil {
				return m
			}
		}
	}
	return catalog.Match{}
}

// decide tells what the CSV says of the reference at s: by its own name, or by that of what it is a mirror of.
func (d *decider) decide(s *locate.Site) Finding {
	f := Finding{Document: s.Document, Path: s.Path, Image: s.Text, Candidates: []string{}}
	if s.Variable != "" && s.Marker != "" && s.Marker != s.Variable {
		f.Status, f.Broken, f.Rule = Ambiguous, true, "placeholder"
		f.Message = fmt.Sprintf("it stands for %s, and the comment beside it says %s", s.Variable, s.Marker)
		return f
	}
	if f, ok := d.byRules(f, s, s.Ref); ok {
		return f
	}
	if s.Variable == "" && len(d.options.Mirrors) > 0 {
		original := *s
		original.Ref = mirrors(d.options.Mirrors).original(s.Ref)
		if f, ok := d.byRules(f, &original, s.Ref); ok {
			return f
		}
		s = &original
	}
	return undecided(f, d.catalog, s)
}

// byRules asks the rules for the reference at s, which is written by another name where it is a mirror's.
func (d *decider) byRules(f Finding, s *locate.Site, written imageref.Ref) (Finding, bool) {
	for _, r := range rules {
		m := r.find(d, s)
		if m.Entry != nil {
			return d.decided(f, s, written, r, m.Entry), true
		}
		if m.Candidates != nil {
			f.Status, f.Rule, f.Candidates = Ambiguous, r.name, images(m.Candidates)
			f.Message = fmt.Sprintf("the CSV gives it %d images by rule %s", len(m.Candidates), r.name)
			if r.name == "placeholder" || r.name == "marker" {
				f.Broken = true
				f.Message = fmt.Sprintf("%s stands for %d variables of the CSV: %s", cmp.Or(s.Variable, s.Marker), len(m.Candidates), names(m.Candidates))
			}
			return f, true
		}
		if r.name == "marker" && s.Variable+s.Marker != "" {
			return d.unknown(f, s), true
		}
	}
	return f, false
}

// decided says what the entry e makes of the reference at s, which is written by another name where it is a mirror's.
func (d *decider) decided(f Finding, s *locate.Site, written imageref.Ref, r rule, e *catalog.Entry) Finding {
	f.Rule, f.Entry = r.name, e.Name
	same := s.Variable == "" && e.Image.Repository() == s.Ref.Repository()
	proposed := e.Image
	switch {
	case r.name == "":
		proposed = s.Ref // as it is, but for its mirror
	case !r.whole && same:
		proposed = s.Ref.WithTag("", e.Image.Digest())
	}
	if d.options.KeepTag && same && s.Ref.Tag() != "" && e.Image.Pinned() {
		tag := s.Ref.Tag()
		if r.whole && e.Tag != "" {
			tag = e.Tag // the digest's own
		}
		proposed = proposed.WithTag(tag, e.Image.Digest())
	}
	moved := mirrors(d.options.Mirrors).relocate(proposed)
	if current := (r.whole || moved.Name() != proposed.Name()) && moved.Normal() == written.Normal(); s.Variable == "" && (current || moved.String() == written.String()) {
		f.Status = Current
	} else {
		f.Status, f.Proposed = Stale, moved.String()
	}
	switch {
	case !e.Image.Pinned():
		f.Unpinned = true
		f.Message = fmt.Sprintf("%s is not pinned to a digest", e.Image)
	case moved.Repository() != proposed.Repository():
		f.Message = fmt.Sprintf("the mirror of %s", proposed)
	}
	return f
}

// unknown says that a placeholder or marker names a variable that the CSV does not have.
func (d *decider) unknown(f Finding, s *locate.Site) Finding {
	f.Status, f.Broken, f.Rule = Uncovered, true, "placeholder"
	if s.Variable == "" {
		f.Rule = "marker"
	}
	f.Message = fmt.Sprintf("the CSV has no variable %s", cmp.Or(s.Variable, s.Marker))
	if nearest := d.catalog.Nearest(cmp.Or(s.Variable, s.Marker)); len(nearest) > 0 {
		f.Message += "; the nearest are " + strings.Join(nearest, ", ")
	}
	return f
}

func names(entries []*catalog.Entry) string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return strings.Join(names, ", ")
}

// undecided says why the CSV has no image for the reference at s.
func undecided(f Finding, c *catalog.Catalog, s *locate.Site) Finding {
	known := c.ByRepository(s.Ref)
	f.Candidates = images(known)
	if len(known) == 0 {
		f.Status, f.Message = Uncovered, "the CSV has no image of this repository"
		return f
	}
	written := "it has no tag, and the CSV has no image for that"
	if s.Ref.Tag() != "" {
		written = fmt.Sprintf("the CSV does not know the tag %s", s.Ref.Tag())
	}
	switch {
	case s.Ref.Pinned():
		f.Status, f.Message = Drifted, "it is pinned to a digest that the CSV does not have"
	case len(known) == 1 && !known[0].Image.Pinned():
		f.Status = Uncovered
		f.Message = written + "; it has one image of this repository, which is not pinned to a digest"
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

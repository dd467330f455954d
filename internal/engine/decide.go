package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// Options say how references are decided, beyond what needs nothing but the CSV.
type Options struct {
	MatchRepository bool // by the repository alone, where the CSV has one digest of it
	KeepTag         bool // write repository:tag@digest
	Record          bool // leave a marker beside everything that is injected
	Map             []Assignment
	Aliases         []Alias  // repositories that stand for those of the CSV, the longest From first
	Mirrors         []Mirror // where to have images from, the longest From first
}

// Alias says that repositories From, or below it, stand for the CSV's To, or below it: both in
// normal form, quay.io/devspaces.
type Alias struct {
	From, To string
}

// rule is a way to find the image that a reference must be. Rules are asked in order; the first
// that answers decides. A reference at a mirror has several names: r is one of them.
type rule struct {
	name  string
	whole bool // its image replaces the whole reference; else only the digest does, and the file's name of it stays
	find  func(d *decider, s *locate.Site, r imageref.Ref) catalog.Match
}

// rules are in the order of their evidence: what names the variable, what needs nothing but the
// CSV, then what is asked for.
var rules = slices.Concat([]rule{
	{"placeholder", true, func(d *decider, s *locate.Site, _ imageref.Ref) catalog.Match { return d.byName(s.Variable) }},
	{"marker", true, func(d *decider, s *locate.Site, _ imageref.Ref) catalog.Match { return d.byName(s.Marker) }},
	{"variable", true, (*decider).byVariable},
	{"map", true, (*decider).byMap},
	{"editor", true, func(d *decider, s *locate.Site, _ imageref.Ref) catalog.Match {
		if s.Editor == nil {
			return catalog.Match{}
		}
		return d.catalog.ByEditor(s.Editor.Editor, s.Editor.Version, s.Editor.Component)
	}},
}, byReference, []rule{
	{"", true, (*decider).bySettled},
}, byImage, []rule{
	{"alias", true, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match { return d.byAlias(r) }},
	{"repository", false, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match { return d.byRepository(r) }},
})

// byKey are the rules for text that only its key shows to be a reference.
var byKey = slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return r.name != "map" })

// byReference are the rules that ask what exactly the reference says.
var byReference = []rule{
	{"tag", false, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match { return d.byTag(r) }},
	{"sample", true, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match { return d.catalog.BySample(r) }},
	{"related-image", false, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match {
		return d.catalog.ByRelatedImage(r, d.kind)
	}},
}

// byImage are the rules that ask whose image the reference is, in the CSV and in those before it:
// variables go first.
var byImage = []rule{
	{"", true, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match {
		return catalog.Match{Entry: d.catalog.ByImage(r)}
	}},
	{"previous", false, (*decider).byPrevious},
	{"", true, func(d *decider, _ *locate.Site, r imageref.Ref) catalog.Match {
		return catalog.Match{Entry: d.catalog.ByEvidence(r)}
	}},
	{"previous", false, (*decider).byPreviousEvidence},
}

// again are the rules that can say something else of what a rule has put in the place of a
// reference.
var again = slices.Concat(byReference, byImage)

// decider tells what the CSV says of a reference in a registry of one kind.
type decider struct {
	catalog  *catalog.Catalog
	previous []Release
	operator Operator
	options  Options
	kind     catalog.RegistryKind
	names    []imageref.Ref // of the reference: as it is written, then those of what it may be a mirror of
	matched  []bool         // the rows of the map that are of some reference
	knew     []knowledge    // of the previous releases, once rule previous has been asked
}

func (d *decider) byName(name string) catalog.Match {
	if name == "" {
		return catalog.Match{}
	}
	return d.catalog.ByName(name)
}

// byTag looks for the tag. The digest of a pinned reference decides, unless the tag is kept: then
// the tag does, but where the CSV has them together, or does not know the tag.
func (d *decider) byTag(r imageref.Ref) catalog.Match {
	if r.Pinned() && r.Tag() != "" && d.options.KeepTag && !d.hasTag(r) {
		r = r.WithTag(r.Tag(), "")
	}
	return d.catalog.ByTag(r, d.kind)
}

// hasTag tells whether the CSV has the tag of r together with its digest.
func (d *decider) hasTag(r imageref.Ref) bool { return slices.Contains(d.catalog.Tags(r), r.Tag()) }

// bySettled finds the image where the reference is written as it would be injected: at its mirror,
// if it has one. It may be there under the name of another image of the CSV, which must not decide.
func (d *decider) bySettled(_ *locate.Site, r imageref.Ref) catalog.Match {
	if mirrors(d.options.Mirrors).relocate(r).Normal() != d.names[0].Normal() {
		return catalog.Match{}
	}
	return catalog.Match{Entry: d.catalog.ByImage(r)}
}

func (d *decider) byRepository(r imageref.Ref) catalog.Match {
	if !d.options.MatchRepository {
		return catalog.Match{}
	}
	if digests := d.catalog.Digests(r); len(digests) == 1 {
		return catalog.Match{Entry: digests[0]}
	}
	return catalog.Match{}
}

// byAlias looks for the reference under the names that its repository is an alias of, the longest
// alias first. Digests differ between registries, so one that is pinned is taken for an image of
// the CSV only by the same digest, or by the repository.
func (d *decider) byAlias(r imageref.Ref) catalog.Match {
	for _, a := range d.options.Aliases {
		r, ok := move(r, a.From, a.To)
		if !ok {
			continue
		}
		image := catalog.Match{Entry: cmp.Or(d.catalog.ByImage(r), d.catalog.ByEvidence(r))}
		for _, m := range []catalog.Match{
			d.byTag(r), d.catalog.BySample(r), d.catalog.ByRelatedImage(r, d.kind), image, d.byRepository(r),
		} {
			if !m.IsZero() {
				return m
			}
		}
	}
	return catalog.Match{}
}

// answer is what a rule says of a reference by one of its names.
type answer struct {
	catalog.Match
	rule rule
	name imageref.Ref
}

// askRule returns what a rule says of a reference: by its own name, then by those of what it may be
// a mirror of. Which of these it is cannot be told where they would become different images.
func (d *decider) askRule(r rule, s *locate.Site, names []imageref.Ref) (answer, bool) {
	var first answer
	var knew []knowledge // with the first
	var different []*catalog.Entry
	for i, name := range names {
		found := r.find(d, s, name)
		if found.IsZero() {
			continue
		}
		a := answer{found, r, name}
		switch {
		case i == 0 || a.Entry == nil:
			return a, true
		case first.IsZero():
			first, knew, different = a, d.knew, append(different, a.Entry)
		case d.written(s, a) != d.written(s, first):
			different = append(different, a.Entry)
		}
	}
	if !first.IsZero() {
		d.knew = knew
	}
	if len(different) > 1 {
		return answer{catalog.Match{Candidates: different}, r, names[0]}, true
	}
	return first, !first.IsZero()
}

// written returns what an answer makes of the reference at s, at its mirror.
func (d *decider) written(s *locate.Site, a answer) string {
	return mirrors(d.options.Mirrors).relocate(d.image(s, a)).Normal()
}

// ask returns the first answer of the rules.
func (d *decider) ask(rules []rule, s *locate.Site, names []imageref.Ref) (a answer, ok bool) {
	for _, r := range rules {
		if a, ok := d.askRule(r, s, names); ok {
			return a, true
		}
		if r.name == "marker" && s.Variable+s.Marker != "" {
			return answer{}, false // it names an unknown variable
		}
	}
	return answer{}, false
}

// decide tells what the CSV says of the reference at s: by its own name, or by that of what it is a
// mirror of. It returns the entry that decided, too, or nil.
func (d *decider) decide(s *locate.Site) (Finding, *catalog.Entry) {
	f := Finding{Document: s.Document, Path: s.Path, Image: s.Text, Candidates: []string{}}
	d.names, d.knew = []imageref.Ref{s.Ref}, nil
	if s.Invalid != "" {
		f.Status, f.Message, f.Broken = Invalid, s.Invalid, s.Variable != ""
		f.Known = s.Parts != nil && d.knowsRepository()
		return f, nil
	}
	if s.Variable != "" && s.Marker != "" && s.Marker != s.Variable {
		f.Status, f.Broken, f.Rule = Ambiguous, true, "placeholder"
		f.Message = fmt.Sprintf("it stands for %s, and the comment beside it says %s", s.Variable, s.Marker)
		return f, nil
	}
	if d.isContradicted(s) {
		f.Status, f.Known, f.Broken, f.Rule = Ambiguous, true, !s.Open, "placeholder"
		f.Message = fmt.Sprintf(
			"it stands for %s beside the name of %s, and once it is an image, nothing tells them apart: %s",
			s.Variable, s.Named.Variable, s.Uncommented(),
		)
		return f, nil
	}
	if s.Variable == "" {
		d.names = append(d.names, mirrors(d.options.Mirrors).originals(s.Ref)...)
	}
	d.noteMap(s)
	asked := rules
	if s.ByKey {
		asked = byKey
	}
	a, ok := d.ask(asked, s, d.names)
	if !ok {
		a, ok = d.byPreviousMarker(s)
	}
	if ok && a.Entry != nil && !a.rule.decidesAgain(s) {
		a = d.follow(s, a)
	}
	f.Known = ok || s.Variable+s.Marker != "" || !s.ByKey && d.knowsRepository()
	switch {
	case !ok && s.Variable+s.Marker != "":
		return d.unknown(f, s), nil
	case !ok:
		return d.undecided(f, s), nil
	case a.Bad != nil:
		return bad(f, a), nil
	case a.Entry == nil && a.rule.name == "previous":
		return d.disagreeing(f, a), nil
	case a.Entry == nil && a.rule.name == "variable":
		return d.doubtful(f, s, a), nil
	case a.Entry == nil:
		return ambiguous(f, s, a), nil
	}
	return d.decided(f, s, a), a.Entry
}

// isContradicted tells whether a placeholder stands beside the name of another variable, which would
// decide the image that it becomes from then on, since no comment can say otherwise.
func (d *decider) isContradicted(s *locate.Site) bool {
	if s.Variable == "" || s.Named == nil || s.CommentsLost || s.Uncommented() == "" {
		return false
	}
	own, beside := d.catalog.ByName(s.Variable).Entry, d.catalog.ByFullName(s.Named.Variable).Entry
	return own != nil && beside != nil && own.Image.Normal() != beside.Image.Normal()
}

// decidesAgain tells whether r gives the same answer to what it puts at s: it asks where the
// reference stands. A placeholder does not stand there any more, and leaves a marker only where a
// comment can stand.
func (r rule) decidesAgain(s *locate.Site) bool {
	switch r.name {
	case "placeholder":
		return s.Uncommented() == ""
	case "marker", "variable", "editor":
		return true
	}
	return false
}

// follow returns the answer to the image that a puts there, and so on to the last: a sample may be
// a tag that a registry entry pins, and relatedImages may have what was a variable's in an earlier
// release. The next run would find that.
func (d *decider) follow(s *locate.Site, a answer) answer {
	seen := []*catalog.Entry{a.Entry}
	for a.rule.name != "" {
		knew := d.knew
		next, ok := d.ask(again, s, []imageref.Ref{d.image(s, a)})
		if ok && next.Bad != nil {
			return next
		}
		if !ok || next.Entry == nil || next.Entry.Image.Normal() == a.Entry.Image.Normal() {
			d.knew = knew
			return a
		}
		if slices.Contains(seen, next.Entry) {
			return answer{catalog.Match{Candidates: seen}, a.rule, a.name}
		}
		a, seen = next, append(seen, next.Entry)
	}
	return a
}

// image returns what an answer makes of the reference at s, before it goes to its mirror. A tag
// stands beside a digest only if it is that digest's own.
func (d *decider) image(s *locate.Site, a answer) imageref.Ref {
	image, name := a.Entry.Image, a.name
	if a.rule.name == "" {
		return name
	}
	for _, other := range d.names {
		if name.Repository() != image.Repository() && other.Repository() == image.Repository() {
			name = other // a rule that does not ask for the name was given the first
		}
	}
	same := s.Variable == "" && image.Repository() == name.Repository()
	written := image
	if same && !a.rule.whole && image.Pinned() {
		written = name.WithTag("", image.Digest())
	}
	switch hasTag := same && name.Tag() != "" && image.Pinned(); {
	case hasTag && d.options.KeepTag:
		written = written.WithTag(d.ownTag(name.Tag(), image), image.Digest())
	case hasTag && a.rule.name == "previous" && name.Pinned() && slices.Contains(d.catalog.Tags(image), name.Tag()):
		written = name.WithTag(name.Tag(), image.Digest()) // the digest is all that is old
	}
	return written
}

// ownTag returns tag if it is one of the image's digest's own, else the first of those, or "".
func (d *decider) ownTag(tag string, image imageref.Ref) string {
	own := d.catalog.Tags(image)
	switch {
	case slices.Contains(own, tag):
		return tag
	case len(own) > 0:
		return own[0]
	}
	return ""
}

// ambiguous says that the rule of an answer has several images for the reference at s.
func ambiguous(f Finding, s *locate.Site, a answer) Finding {
	f.Status, f.Rule, f.Candidates = Ambiguous, a.rule.name, images(a.Candidates)
	f.Message = fmt.Sprintf("the CSV gives it %d images by rule %s", len(a.Candidates), a.rule.name)
	if a.rule.name == "placeholder" || a.rule.name == "marker" {
		f.Broken = true
		f.Message = fmt.Sprintf("%s stands for %d variables of the CSV: %s",
			cmp.Or(s.Variable, s.Marker), len(a.Candidates), names(a.Candidates))
	}
	return f
}

// bad says that the reference needs a variable whose value is no image reference.
func bad(f Finding, a answer) Finding {
	f.Status, f.Broken, f.Rule, f.Entry, f.CSV = Uncovered, true, a.rule.name, a.Bad.Name, a.Bad.CSV
	f.Message = fmt.Sprintf("the CSV gives %s the value %q, which is not an image reference", a.Bad.Name, a.Bad.Value)
	return f
}

// decided says what an answer with an entry makes of the reference at s.
func (d *decider) decided(f Finding, s *locate.Site, a answer) Finding {
	e, written := a.Entry, s.Ref
	f.Rule, f.Entry, f.CSV = a.rule.name, e.Name, e.CSV
	if a.rule.name == "previous" {
		f.Previous = d.renewedFrom()
	}
	proposed := d.image(s, a)
	moved := mirrors(d.options.Mirrors).relocate(proposed)
	renamed := moved.Repository() != proposed.Repository()
	if a.rule.name == "" && moved.Pinned() && moved.Repository() != written.Repository() && !d.hasTag(proposed) {
		moved = moved.WithTag("", moved.Digest())
	}
	same := moved.String() == written.String()
	switch {
	case a.rule.whole && moved.Pinned(): // the digest decides, whatever tag stands beside it
		same = moved.Repository() == written.Repository() && moved.Digest() == written.Digest()
	case a.rule.whole || renamed: // the spelling of the name is not the file's own
		same = moved.Normal() == written.Normal()
	}
	if s.Variable == "" && same {
		f.Status = Current
	} else {
		f.Status, f.Proposed = Stale, moved.String()
	}
	switch {
	case !e.Image.Pinned():
		f.Unpinned = true
		f.Message = fmt.Sprintf("%s is not pinned to a digest", e.Image)
	case renamed:
		f.Message = fmt.Sprintf("the mirror of %s", proposed)
	}
	if f.Previous != "" {
		f.Message = strings.TrimPrefix(f.Message+"; known to "+f.Previous, "; ")
	}
	return f
}

// unknown says that a placeholder or marker names a variable that the CSV does not have. In an open
// list it may be no placeholder of ours: files that end with .env have their own.
func (d *decider) unknown(f Finding, s *locate.Site) Finding {
	f.Status, f.Broken, f.Rule = Uncovered, !s.Open, "placeholder"
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

// knowsRepository tells whether the CSV, or an earlier one, has the repository of the reference by
// one of its names.
func (d *decider) knowsRepository() bool {
	names := d.names
	for _, a := range d.options.Aliases {
		if original, ok := move(d.names[0], a.From, a.To); ok {
			names = append(slices.Clip(names), original)
		}
	}
	return slices.ContainsFunc(names, func(r imageref.Ref) bool {
		return len(d.catalog.ByRepository(r)) > 0 || slices.ContainsFunc(d.previous, func(p Release) bool {
			return len(p.Catalog.ByRepository(r)) > 0
		})
	})
}

// undecided says why the CSV has no image for the reference, by the first of its names whose
// repository the CSV has.
func (d *decider) undecided(f Finding, s *locate.Site) Finding {
	ref := d.names[0]
	for _, name := range slices.Backward(d.names) {
		if len(d.catalog.ByRepository(name)) > 0 {
			ref = name
		}
	}
	known, digests := d.catalog.ByRepository(ref), d.catalog.Digests(ref)
	f.Status, f.Candidates = Uncovered, images(known)
	if len(digests) > 0 {
		f.Candidates = images(digests)
	}
	written := unknownTag(ref, s)
	switch {
	case len(known) == 0:
		f.Message = "the CSV has no image of this repository"
	case ref.Pinned() && len(digests) > 0:
		f.Status, f.Message = Drifted, "it is pinned to a digest that the CSV does not have"
	case ref.Pinned():
		f.Message = "it is pinned to a digest, and the CSV has no digest of this repository"
	case len(digests) == 0:
		f.Message = written + "; it has no digest of this repository"
	case len(digests) == 1:
		f.Message = written + "; it has one image of this repository, which only match-repository would take"
	default:
		f.Status = Ambiguous
		f.Message = fmt.Sprintf("%s; it has %d images of this repository", written, len(digests))
	}
	gone, message := d.gone()
	f.Gone, f.Message = gone, f.Message+message
	if s.CommentsLost && s.Layer.Parent == nil && ref.Pinned() && len(known) > 0 {
		f.note("kustomize drops comments, so a marker beside it could not be read")
	}
	return f
}

// unknownTag says that the CSV has nothing for the tag of r. Where comments are lost, so is what
// may have said more: whether there were any cannot be known. Those of a text in a scalar are not
// lost.
func unknownTag(r imageref.Ref, s *locate.Site) string {
	lost := "markers and '# tag:' comments"
	if s.Layer.Parent != nil {
		lost = "'# tag:' comments"
	}
	lost = "kustomize drops comments, so " + lost + " could not be read; without them the CSV has no image for "
	switch {
	case s.CommentsLost && r.Tag() == "":
		return lost + "a reference that has no tag"
	case s.CommentsLost:
		return lost + "the tag " + r.Tag()
	case r.Tag() == "":
		return "it has no tag, and the CSV has no image for that"
	}
	return "the CSV does not know the tag " + r.Tag()
}

func images(entries []*catalog.Entry) []string {
	images := make([]string, len(entries))
	for i, e := range entries {
		images[i] = e.Image.String()
	}
	return images
}

package olm

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/blang/semver/v4"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/yamltext"
)

// Release is what a CSV, or the Deployment of an operator, says of its release.
type Release struct {
	Name        string   // of the CSV: eclipse-che.v7.114.0
	Version     string   // spec.version, or ""
	Replaces    string   // spec.replaces: the name of the CSV that it takes the place of, or ""
	Skips       []string // spec.skips: the names of others
	SkipRange   string   // the annotation olm.skipRange: a range of versions, or ""
	Annotations map[string]string
	Entries     []catalog.Entry // once they are read

	document Document      // until then
	where    func() string // the file that it was read from, and the line
}

// Package is the name of the operator.
func (r Release) Package() string { return PackageOf(r.Name) }

// PackageOf returns the name of the operator whose CSV has a name: what is before the first ".v".
func PackageOf(csv string) string {
	name, _, _ := strings.Cut(csv, ".v")
	return name
}

// History is what the images are taken from: the releases that are the truth, one of each package,
// and those before them.
type History struct {
	Current  []Release
	Previous []Release // those of a package newest first
}

// Choose makes a history of releases that were given together, and of those that were given as
// previous ones. Of several releases of one package that were given together one is the truth, and
// the others are previous.
func Choose(given, previous []Release) (History, error) {
	var h History
	isCurrent := func(r Release) bool { return slices.ContainsFunc(h.Current, r.equals) }
	for _, name := range packages(given) {
		ordered, err := Order(ofPackage(given, name))
		if err != nil {
			return History{}, err
		}
		h.Current = append(h.Current, ordered[0])
		previous = append(previous, ordered[1:]...)
	}
	previous = slices.DeleteFunc(slices.Clone(previous), isCurrent)
	for _, name := range packages(previous) {
		ordered, err := Order(ofPackage(previous, name))
		if err != nil {
			return History{}, err
		}
		h.Previous = append(h.Previous, ordered...)
	}
	return h, nil
}

// Note says which of several releases are the truth, or "" where there is nothing to choose.
func (h History) Note() string {
	if len(h.Previous) == 0 {
		return ""
	}
	return fmt.Sprintf("the images are those of %s; previous releases: %s", names(h.Current), names(h.Previous))
}

// Read reads the images of all releases: variables of the given names. Several releases can be in
// one text, which is not for several goroutines.
func (h History) Read(names catalog.Names) error {
	var texts [][]*Release
	indices := map[*yamltext.Text]int{}
	for _, releases := range [][]Release{h.Current, h.Previous} {
		for i := range releases {
			r := &releases[i]
			index, ok := indices[r.document.Text]
			if !ok {
				index = len(texts)
				indices[r.document.Text] = index
				texts = append(texts, nil)
			}
			texts[index] = append(texts[index], r)
		}
	}
	errs := make([]error, len(texts))
	parallel.Each(len(texts), 1, func(indices iter.Seq[int]) {
		for i := range indices {
			for _, r := range texts[i] {
				errs[i] = errors.Join(errs[i], r.Read(names))
			}
		}
	})
	return errors.Join(errs...)
}

// Entries returns the entries of the releases that are the truth.
func (h History) Entries() []catalog.Entry {
	var entries []catalog.Entry
	for _, r := range h.Current {
		entries = append(entries, r.Entries...)
	}
	return entries
}

// packages returns the names of the packages of releases, in their order.
func packages(releases []Release) []string {
	var found []string
	for _, r := range releases {
		if name := r.Package(); !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

func ofPackage(releases []Release, name string) []Release {
	var found []Release
	for _, r := range releases {
		if r.Package() == name {
			found = append(found, r)
		}
	}
	return found
}

// Order returns the releases of one package, newest first: a release comes before those that it replaces, skips or covers by its
// skipRange; else spec.version orders them as semantic versions (https://semver.org, section 11). A release that is given twice
// counts once. It is an error if neither orders two releases, or if the releases replace each other in a circle.
func Order(releases []Release) ([]Release, error) {
	var unordered []Release
	for _, r := range releases {
		if !slices.ContainsFunc(unordered, r.equals) {
			unordered = append(unordered, r)
		}
	}
	var ordered []Release
	for len(unordered) > 0 {
		newest, err := newest(unordered)
		if err != nil {
			return nil, err
		}
		ordered = append(ordered, unordered[newest])
		unordered = slices.Delete(unordered, newest, newest+1)
	}
	return ordered, nil
}

// equals tells whether r and other are the same CSV: orchestrators give the functionConfig among the
// items, too, and add annotations.
func (r Release) equals(other Release) bool {
	return r.Name == other.Name && r.Version == other.Version && sameTree(r.operator(), other.operator())
}

// operator returns the part of the release that deploys the operator.
func (r Release) operator() *yamltext.Node {
	spec := r.document.Node.Get("spec")
	if install := spec.Get("install"); install != nil {
		return install
	}
	return spec
}

// sameTree tells whether a and b say the same.
func sameTree(a, b *yamltext.Node) bool {
	a, b = a.Resolve(), b.Resolve()
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, sameTree)
}

// newest returns the index of the newest release.
func newest(releases []Release) (int, error) {
	var candidates []int // that no other takes the place of
	for i, r := range releases {
		if !slices.ContainsFunc(releases, func(other Release) bool { return other.supersedes(r) }) {
			candidates = append(candidates, i)
		}
	}
	if len(candidates) == 0 {
		return 0, fmt.Errorf("the CSVs %s replace each other in a circle: give the newest by --csv and the others by --previous",
			names(releases))
	}
	best := candidates[0]
	for _, i := range candidates[1:] {
		a, b := releases[best], releases[i]
		versionA, errA := semver.Parse(a.Version)
		versionB, errB := semver.Parse(b.Version)
		switch {
		case errA != nil || errB != nil:
			return 0, fmt.Errorf("which of the CSVs %s (spec.version %q) and %s (spec.version %q) is newer cannot be told by their versions: "+
				"give the newest by --csv and the others by --previous", a, a.Version, b, b.Version)
		case versionA.EQ(versionB):
			return 0, fmt.Errorf("the CSVs %s and %s have the same version %s: give the newest by --csv and the others by --previous",
				a, b, a.Version)
		case versionB.GT(versionA):
			best = i
		}
	}
	return best, nil
}

// supersedes tells whether r says that it takes the place of other.
func (r Release) supersedes(other Release) bool {
	if r.Name == other.Name {
		return false
	}
	if r.Replaces == other.Name || slices.Contains(r.Skips, other.Name) {
		return true
	}
	covers, err := semver.ParseRange(r.SkipRange)
	version, err2 := semver.Parse(other.Version)
	return err == nil && err2 == nil && covers(version)
}

// String names the release for errors: its CSV and where that was read from.
func (r Release) String() string {
	if r.where == nil {
		return r.Name
	}
	return r.Name + " (" + r.where() + ")"
}

func names(releases []Release) string {
	texts := make([]string, len(releases))
	for i, r := range releases {
		texts[i] = r.String()
	}
	return strings.Join(texts, ", ")
}

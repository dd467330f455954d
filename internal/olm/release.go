package olm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/blang/semver/v4"

	"inject-related-images/internal/catalog"
)

// Release is what a CSV, or the Deployment of an operator, says of its release.
type Release struct {
	Name       string   // of the CSV: eclipse-che.v7.114.0
	Version    string   // spec.version, or ""
	Replaces   string   // spec.replaces: the name of the CSV that it takes the place of, or ""
	Skips      []string // spec.skips: the names of others
	SkipRange  string   // the annotation olm.skipRange: a range of versions, or ""
	Substitute string   // the annotation olm.substitutesFor: the name of the CSV that it is a rebuild of, or ""
	Where      string   // the file that it was read from, and the line

	Annotations map[string]string
	Deployments []string        // the names of those that the operator consists of
	Entries     []catalog.Entry // once they are read

	document Document // until then
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
			return History{}, fmt.Errorf("%w: give the newest alone, and the others by --previous, or annotated "+
				"inject-related-images/previous: \"true\" among the items", err)
		}
		h.Current = append(h.Current, ordered[0])
		previous = append(previous, ordered[1:]...)
	}
	previous = slices.DeleteFunc(slices.Clone(previous), isCurrent)
	for _, name := range packages(previous) {
		ordered, err := Order(ofPackage(previous, name))
		if err != nil {
			return History{}, fmt.Errorf("previous: %w: give one of them only", err)
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
	const shown = 5
	more := ""
	if n := len(h.Previous) - shown; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the images are those of %s; previous releases: %s%s",
		names(h.Current), names(h.Previous[:min(shown, len(h.Previous))]), more)
}

// Entries returns the entries of the releases that are the truth.
func (h History) Entries() []catalog.Entry {
	var entries []catalog.Entry
	for _, r := range h.Current {
		entries = append(entries, r.Entries...)
	}
	return entries
}

// CurrentOf returns the name of the release of a package that is the truth, or "".
func (h History) CurrentOf(name string) string {
	if found := ofPackage(h.Current, name); len(found) > 0 {
		return found[0].Name
	}
	return ""
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

// Order returns the releases of one package, newest first: a release comes before those that it
// replaces, skips, is a substitute for, or covers by its skipRange; else spec.version orders them
// as semantic versions (https://semver.org, section 11), and those that differ in nothing but their
// build metadata by that: Freshmaker rebuilds 1.2.3 as 1.2.3+0.1664802779.p. A release that is
// given twice counts once. It is an error if neither orders two releases, or if the releases
// replace each other in a circle.
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

// equals tells whether r and other are the same CSV.
func (r Release) equals(other Release) bool {
	same := func(a, b catalog.Entry) bool { return a.Name == b.Name && a.Image.Normal() == b.Image.Normal() }
	return r.Name == other.Name && r.Version == other.Version && slices.EqualFunc(r.Entries, other.Entries, same)
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
		return 0, fmt.Errorf("the CSVs %s replace each other in a circle", names(releases))
	}
	best := candidates[0]
	for _, i := range candidates[1:] {
		a, b := releases[best], releases[i]
		versionA, errA := semver.Parse(a.Version)
		versionB, errB := semver.Parse(b.Version)
		if errA != nil || errB != nil {
			return 0, fmt.Errorf(
				"which of the CSVs %s (spec.version %q) and %s (spec.version %q) is newer cannot be told by their versions",
				a,
				a.Version,
				b,
				b.Version,
			)
		}
		switch order := cmp.Or(versionB.Compare(versionA), compareBuilds(versionB.Build, versionA.Build)); {
		case order == 0:
			return 0, fmt.Errorf("the CSVs %s and %s have the same version %s", a, b, a.Version)
		case order > 0:
			best = i
		}
	}
	return best, nil
}

// compareBuilds compares build metadata in the way of prereleases.
func compareBuilds(a, b []string) int {
	return slices.CompareFunc(a, b, func(a, b string) int {
		numberA, errA := strconv.ParseUint(a, 10, 64)
		numberB, errB := strconv.ParseUint(b, 10, 64)
		if errA == nil && errB == nil {
			return cmp.Compare(numberA, numberB)
		}
		return strings.Compare(a, b)
	})
}

// supersedes tells whether r says that it takes the place of other.
func (r Release) supersedes(other Release) bool {
	if r.Name == other.Name {
		return false
	}
	if r.Replaces == other.Name || r.Substitute == other.Name || slices.Contains(r.Skips, other.Name) {
		return true
	}
	covers, err := semver.ParseRange(r.SkipRange)
	version, err2 := semver.Parse(other.Version)
	return err == nil && err2 == nil && covers(version)
}

// String names the release for errors: its CSV and where that was read from.
func (r Release) String() string {
	if r.Where == "" {
		return r.Name
	}
	return r.Name + " (" + r.Where + ")"
}

func names(releases []Release) string {
	texts := make([]string, len(releases))
	for i, r := range releases {
		texts[i] = r.String()
	}
	return strings.Join(texts, ", ")
}

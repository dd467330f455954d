package olm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blang/semver/v4"

	"inject-related-images/internal/catalog"
)

// Release is what a CSV, or the Deployment of an operator, says of its release.
type Release struct {
	Name      string   // of the CSV: eclipse-che.v7.114.0
	Version   string   // spec.version, or ""
	Replaces  string   // spec.replaces: the name of the CSV that it takes the place of, or ""
	Skips     []string // spec.skips: the names of others
	SkipRange string   // the annotation olm.skipRange: a range of versions, or ""
	Where     string   // the file that it was read from, and the line
	Entries   []catalog.Entry
}

// Package is the name of the operator: that of the CSV before the first ".v".
func (r Release) Package() string {
	name, _, _ := strings.Cut(r.Name, ".v")
	return name
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

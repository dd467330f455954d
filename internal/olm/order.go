package olm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/blang/semver/v4"
)

// Order returns the releases of one package, newest first: a release comes before those that it
// replaces, skips, is a substitute for, or covers by its skipRange; else spec.version orders them
// as semantic versions (https://semver.org, section 11), and those that differ in nothing but their
// build metadata by that: Freshmaker rebuilds 1.2.3 as 1.2.3+0.1664802779.p. A release that is
// given twice counts once. It is an error if neither orders two releases, or if the releases
// replace each other in a circle.
func Order(releases []Release) ([]Release, error) {
	o := newOrder(releases, false)
	for range o.releases {
		if err := o.take(); err != nil {
			return nil, err
		}
	}
	return o.ordered, nil
}

// Newest returns the first of what Order returns.
func Newest(releases []Release) ([]Release, error) {
	o := newOrder(releases, true)
	err := o.take()
	return o.ordered, err
}

// order is a list of releases that is being ordered. Catalogs have channels of thousands.
type order struct {
	releases []Release
	byName   map[string][]int
	versions []*semver.Version // nil where it cannot be read
	newer    []int             // how many of those not taken yet supersede a release
	next     []int             // those that none supersedes
	ordered  []Release         // those that were taken
}

// newOrder begins to order releases. Where only the first is wanted, releases that are known not to
// be it are not compared with all ranges.
func newOrder(releases []Release, onlyFirst bool) *order {
	o := &order{byName: map[string][]int{}}
	for _, r := range releases {
		o.add(r)
	}
	o.newer = make([]int, len(o.releases))
	for i := range o.releases {
		for _, j := range o.named(i) {
			o.newer[j]++
		}
	}
	isOpen := func(j int) bool { return !onlyFirst || o.newer[j] == 0 }
	for i := range o.releases {
		for _, j := range o.covered(i, isOpen) {
			o.newer[j]++
		}
	}
	for i, n := range o.newer {
		if n == 0 {
			o.next = append(o.next, i)
		}
	}
	return o
}

// add adds a release, unless it is there.
func (o *order) add(r Release) {
	if slices.ContainsFunc(o.byName[r.Name], func(i int) bool { return o.releases[i].equals(r) }) {
		return
	}
	o.byName[r.Name] = append(o.byName[r.Name], len(o.releases))
	o.releases = append(o.releases, r)
	var version *semver.Version
	if v, err := semver.Parse(r.Version); err == nil {
		version = &v
	}
	o.versions = append(o.versions, version)
}

// named returns the indices of the releases that the one at i names as those whose place it takes.
func (o *order) named(i int) []int {
	r := o.releases[i]
	var found []int
	for _, name := range append([]string{r.Replaces, r.Substitute}, r.Skips...) {
		if name != r.Name {
			found = append(found, o.byName[name]...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// covered returns the indices of the wanted releases that the one at i does not name, and whose
// versions are in its skipRange.
func (o *order) covered(i int, isWanted func(j int) bool) []int {
	r := o.releases[i]
	covers, err := semver.ParseRange(r.SkipRange)
	if err != nil {
		return nil
	}
	var found []int
	named := o.named(i)
	for j, version := range o.versions {
		isOther := o.releases[j].Name != r.Name && !slices.Contains(named, j)
		if isWanted(j) && isOther && version != nil && covers(*version) {
			found = append(found, j)
		}
	}
	return found
}

// take moves the newest of the releases that are left to those that are ordered.
func (o *order) take() error {
	if len(o.next) == 0 {
		return fmt.Errorf("the CSVs %s replace each other in a circle", names(o.remaining()))
	}
	best := 0
	for i := 1; i < len(o.next); i++ {
		isNewer, err := o.isNewer(o.next[i], o.next[best])
		if err != nil {
			return err
		}
		if isNewer {
			best = i
		}
	}
	newest := o.next[best]
	o.next = slices.Delete(o.next, best, best+1)
	o.ordered = append(o.ordered, o.releases[newest])
	for _, j := range append(o.named(newest), o.covered(newest, func(j int) bool { return o.newer[j] > 0 })...) {
		if o.newer[j]--; o.newer[j] == 0 {
			o.next = append(o.next, j)
		}
	}
	slices.Sort(o.next) // so that errors name releases in their order
	return nil
}

// remaining returns the releases that are not ordered yet.
func (o *order) remaining() []Release {
	isOrdered := func(r Release) bool { return slices.ContainsFunc(o.ordered, r.equals) }
	return slices.DeleteFunc(slices.Clone(o.releases), isOrdered)
}

// isNewer compares two releases by their versions.
func (o *order) isNewer(i, than int) (bool, error) {
	a, b := o.releases[than], o.releases[i]
	versionA, versionB := o.versions[than], o.versions[i]
	if versionA == nil || versionB == nil {
		return false, fmt.Errorf("which of the CSVs %s (spec.version %q) and %s (spec.version %q) is newer "+
			"cannot be told by their versions", a, a.Version, b, b.Version)
	}
	compared := cmp.Or(versionB.Compare(*versionA), compareBuilds(versionB.Build, versionA.Build))
	if compared == 0 {
		return false, fmt.Errorf("the CSVs %s and %s have the same version %s", a, b, a.Version)
	}
	return compared > 0, nil
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

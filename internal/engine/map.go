package engine

import (
	"cmp"
	"slices"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// Assignment is a row of a user's map: the variable that decides an image, for operators whose
// variables encode no tag.
type Assignment struct {
	Image    imageref.Ref // a repository, or one exact image; or none
	Key      string       // under which images stand, where there is no Image
	Variable string       // in full, or without an encoded tag
}

// String names the image or the key.
func (a Assignment) String() string { return cmp.Or(a.Key, a.Image.String()) }

// match tells whether a row is of a reference at a site.
type match func(a Assignment, s *locate.Site, r imageref.Ref) bool

// matches are in the order in which rows decide: by the key, by the exact image, by the repository.
var matches = []match{
	func(a Assignment, s *locate.Site, _ imageref.Ref) bool { return a.Key != "" && a.Key == s.Key },
	func(a Assignment, s *locate.Site, r imageref.Ref) bool {
		return !s.ByKey && a.isExact() && a.Image.Normal() == r.Normal()
	},
	func(a Assignment, s *locate.Site, r imageref.Ref) bool {
		return !s.ByKey && a.Key == "" && !a.isExact() && a.Image.Repository() == r.Repository()
	},
}

// isExact tells whether the row is of one image, and not of a repository.
func (a Assignment) isExact() bool { return a.Image.Name() != a.Image.String() }

// noteMap notes the rows that are of the reference, whether or not they decide it. A row is also of
// a reference that is its variable's image already: inject writes that, and the row stays in the map.
func (d *decider) noteMap(s *locate.Site) {
	for i, a := range d.options.Map {
		injected := d.catalog.ByName(a.Variable).Entry
		for _, r := range d.names {
			isInjected := injected != nil && !s.ByKey && injected.Image.Normal() == r.Normal()
			isOf := func(is match) bool { return is(a, s, r) }
			d.matched[i] = d.matched[i] || isInjected || slices.ContainsFunc(matches, isOf)
		}
	}
}

// byMap finds the variable that the user's map names for the reference.
func (d *decider) byMap(s *locate.Site, r imageref.Ref) catalog.Match {
	for _, is := range matches {
		for _, a := range d.options.Map {
			if is(a, s, r) {
				return d.catalog.ByName(a.Variable)
			}
		}
	}
	return catalog.Match{}
}

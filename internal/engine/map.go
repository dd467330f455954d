package engine

import (
	"slices"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// Assignment is a row of a user's map: the variable that decides an image, for operators whose variables encode no tag.
type Assignment struct {
	Image    imageref.Ref // a repository, or one exact image
	Variable string       // in full, or without an encoded tag
}

// isExact tells whether the row is of one image, and not of a repository.
func (a Assignment) isExact() bool { return a.Image.Name() != a.Image.String() }

// matches tells whether the row is of an image.
func (a Assignment) matches(r imageref.Ref) bool {
	if a.isExact() {
		return a.Image.Normal() == r.Normal()
	}
	return a.Image.Repository() == r.Repository()
}

// noteMap notes the rows that are of the reference, whether or not they decide it.
func (d *decider) noteMap() {
	for i, a := range d.options.Map {
		d.matched[i] = d.matched[i] || slices.ContainsFunc(d.names, a.matches)
	}
}

// byMap finds the variable that the user's map names for the reference: by its exact image, else by its repository.
func (d *decider) byMap(_ *locate.Site, r imageref.Ref) catalog.Match {
	for _, exact := range []bool{true, false} {
		for _, a := range d.options.Map {
			if a.isExact() == exact && a.matches(r) {
				return d.catalog.ByName(a.Variable)
			}
		}
	}
	return catalog.Match{}
}

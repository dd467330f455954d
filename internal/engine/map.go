package engine

import (
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

// byMap finds the variable that the user's map names for the reference: by its exact image, else by its repository.
func (d *decider) byMap(_ *locate.Site, r imageref.Ref) catalog.Match {
	for _, exact := range []bool{true, false} {
		for _, a := range d.options.Map {
			matches := a.Image.Repository() == r.Repository()
			if exact {
				matches = a.Image.Normal() == r.Normal()
			}
			if a.isExact() == exact && matches {
				return d.catalog.ByName(a.Variable)
			}
		}
	}
	return catalog.Match{}
}

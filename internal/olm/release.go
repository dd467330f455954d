package olm

import (
	"fmt"
	"slices"
	"strings"

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
	Bundle     string   // the bundle of a file-based catalog that it is from, or ""
	Chosen     string   // how that was chosen, or ""
	HasNoCSV   bool     // the catalog has no more of it than its related images
	Listed     bool     // it was given together with others, not all of which need to know images

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
	LeftOut  []Release // those that list no images, among others that do
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
	wasChosen := slices.ContainsFunc(h.Current, func(r Release) bool { return r.Chosen != "" })
	if len(h.Previous) == 0 && len(h.LeftOut) == 0 && !wasChosen {
		return ""
	}
	note := "the images are those of " + names(h.Current)
	if len(h.Previous) > 0 {
		note += "; previous releases: " + names(h.Previous)
	}
	if len(h.LeftOut) > 0 {
		note += "; left out, since they list no images: " + names(h.LeftOut)
	}
	return note
}

// Warnings say of which releases only the related images are known.
func (h History) Warnings() []string {
	var warnings []string
	for _, r := range h.Current {
		if r.HasNoCSV {
			warnings = append(warnings, fmt.Sprintf("%s: the catalog holds no CSV of it (%s), only its related images: "+
				"these decide no placeholders, editors and samples: give the bundle's own folder for those", r, metadataProperty))
		}
	}
	return warnings
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

// equals tells whether r and other are the same CSV.
func (r Release) equals(other Release) bool {
	same := func(a, b catalog.Entry) bool { return a.Name == b.Name && a.Image.Normal() == b.Image.Normal() }
	return r.Name == other.Name && r.Version == other.Version && slices.EqualFunc(r.Entries, other.Entries, same)
}

// String names the release for errors: its CSV and where that was read from.
func (r Release) String() string {
	details := slices.DeleteFunc([]string{r.Where, r.Chosen}, func(s string) bool { return s == "" })
	if len(details) == 0 {
		return r.Name
	}
	return r.Name + " (" + strings.Join(details, ", ") + ")"
}

// names lists releases, but not hundreds of them.
func names(releases []Release) string {
	texts := make([]string, len(releases))
	for i, r := range releases {
		texts[i] = r.String()
	}
	return some(texts)
}

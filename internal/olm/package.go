package olm

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// ErrChoice says that what was asked for is not there, or that too little was said to choose by.
var ErrChoice = errors.New("cannot choose")

// choiceError is an ErrChoice in its own words.
type choiceError struct{ error }

func (choiceError) Is(target error) bool { return target == ErrChoice }

func (e choiceError) Unwrap() error { return e.error }

func choice(format string, args ...any) error { return choiceError{fmt.Errorf(format, args...)} }

// Package is a package of a file-based catalog.
type Package struct {
	Blob
	channels []Blob
	bundles  map[string]Blob
}

// OpenPackage returns the package of a name in the documents of a catalog, or with "" the only one.
// Documents of other packages are passed over. As for opm validate, every bundle must be in a
// channel, and nothing there twice: a catalog that is cut off is hardly told by anything else.
func OpenPackage(blobs []Blob, name string) (Package, error) {
	name, err := choosePackage(blobs, name)
	if err != nil {
		return Package{}, err
	}
	p := Package{bundles: map[string]Blob{}}
	seen := map[string]Blob{}
	for _, b := range blobs {
		if b.Package != name || !slices.Contains(Schemas(), b.Schema) {
			continue
		}
		key := b.Schema + " " + b.Name
		if first, ok := seen[key]; ok {
			return Package{}, fmt.Errorf("%s is there twice, first in %s: give one catalog", b, first.Where)
		}
		seen[key] = b
		switch {
		case b.IsPackage():
			p.Blob = b
		case b.IsBundle():
			p.bundles[b.Name] = b
		default:
			p.channels = append(p.channels, b)
		}
	}
	if p.Name == "" {
		return Package{}, fmt.Errorf("%s has no %s of package %s: the catalog is cut off, or a part of one: give all of it",
			file(blobs[0].Where), packageSchema, name)
	}
	return p, p.checkBundles(blobs)
}

// file returns the file of a position in it.
func file(where string) string { return where[:max(0, strings.LastIndexByte(where, ':'))] }

// choosePackage returns the name of the package that is meant.
func choosePackage(blobs []Blob, name string) (string, error) {
	var names []string
	for _, b := range blobs {
		if b.Package != "" && !slices.Contains(names, b.Package) {
			names = append(names, b.Package)
		}
	}
	switch {
	case name == "" && len(names) == 1:
		return names[0], nil
	case name == "":
		return "", choice("the catalog has %d packages: %s: give one of them by --package", len(names), some(names))
	case !slices.Contains(names, name):
		return "", choice("--package %s: the catalog has no such package: %s", name, instead(name, names))
	}
	return name, nil
}

// checkBundles checks that each bundle is in a channel.
func (p Package) checkBundles(blobs []Blob) error {
	inChannel := map[string]bool{}
	for _, c := range p.channels {
		for _, e := range c.entries {
			inChannel[e.Name] = true
		}
	}
	for _, b := range blobs {
		if b.Package == p.Name && b.IsBundle() && !inChannel[b.Name] {
			return fmt.Errorf("%s is in no %s: the catalog is cut off, or a part of one: give all of it", b, channelSchema)
		}
	}
	return nil
}

// channelOf returns the channel that a bundle is in, the default channel before others; with "" the
// default channel.
func (p Package) channelOf(bundle string) (Blob, error) {
	var found *Blob
	for i, c := range p.channels {
		has := bundle == "" || slices.ContainsFunc(c.entries, func(e Release) bool { return e.Name == bundle })
		if has && c.Name == p.defaultChannel {
			return c, nil
		}
		if has && bundle != "" && found == nil {
			found = &p.channels[i]
		}
	}
	switch {
	case found != nil:
		return *found, nil
	case bundle != "":
		return Blob{}, choice("--bundle %s: package %s of the catalog (%s) has no such bundle: %s",
			bundle, p.Name, p.Where, instead(bundle, p.bundleNames()))
	case p.defaultChannel == "":
		return Blob{}, fmt.Errorf("%s has no defaultChannel: give a bundle by --bundle: %s", p, some(p.bundleNames()))
	}
	return Blob{}, fmt.Errorf("%s: its default channel %s is not there: the catalog is cut off, or a part of one: "+
		"give all of it", p, p.defaultChannel)
}

// bundleNames returns the names of the bundles, in the order of the channels.
func (p Package) bundleNames() []string {
	var names []string
	for _, c := range p.channels {
		for _, e := range c.entries {
			if !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

// ordered returns the entries of a channel, with what their bundles say: the newest, or all of them
// newest first.
func (p Package) ordered(c Blob, order func([]Release) ([]Release, error)) ([]Release, error) {
	entries := slices.Clone(c.entries)
	for i := range entries {
		b, err := p.bundle(entries[i])
		if err != nil {
			return nil, err
		}
		entries[i].Version, entries[i].Where = b.version, b.Where
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%s has no entries: the catalog is cut off, or damaged", c)
	}
	entries, err := order(entries)
	if err != nil {
		return nil, choice("%s: its bundles cannot be ordered: %w", c, err)
	}
	return entries, nil
}

// bundle returns the bundle of an entry of a channel.
func (p Package) bundle(entry Release) (Blob, error) {
	b, ok := p.bundles[entry.Name]
	if !ok {
		return b, fmt.Errorf("%s: there is no %s %q for this entry: the catalog is cut off, or a part of one: give all of it",
			entry.Where, bundleSchema, entry.Name)
	}
	return b, nil
}

// Release opens a bundle by its name, or with "" the head of the default channel: the bundle that
// no other takes the place of, as its entries say.
func (p Package) Release(bundle string) (Release, error) {
	c, err := p.channelOf(bundle)
	if err != nil {
		return Release{}, err
	}
	if bundle == "" {
		heads, err := p.ordered(c, Newest)
		if errors.Is(err, ErrChoice) {
			err = choice("%w: give the bundle by --bundle", err)
		}
		if err != nil {
			return Release{}, err
		}
		r, err := p.Open(heads[0])
		r.Chosen = fmt.Sprintf("the head of channel %s of package %s", c.Name, p.Name)
		return r, err
	}
	r, err := p.Open(c.entries[slices.IndexFunc(c.entries, func(e Release) bool { return e.Name == bundle })])
	r.Chosen = fmt.Sprintf("in channel %s of package %s", c.Name, p.Name)
	return r, err
}

// Until returns what the channel says of a bundle and of those before it, newest first; where the
// bundle is not in the catalog, of all bundles of the default channel. They are not opened.
func (p Package) Until(bundle string) ([]Release, error) {
	c, err := p.channelOf(bundle)
	if errors.Is(err, ErrChoice) {
		bundle = ""
		c, err = p.channelOf("")
	}
	if err != nil {
		return nil, err
	}
	entries, err := p.ordered(c, Order)
	if err != nil {
		return nil, err
	}
	return entries[max(0, slices.IndexFunc(entries, func(e Release) bool { return e.Name == bundle })):], nil
}

// instead says what there is instead of a name.
func instead(name string, names []string) string {
	if len(names) == 0 {
		return "it has none"
	}
	nearest := slices.MinFunc(names, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return fmt.Sprintf("did you mean %s? There are %s", nearest, some(names))
}

// some lists names, but not hundreds of them.
func some(names []string) string {
	const shown = 5
	list := strings.Join(names[:min(shown, len(names))], ", ")
	if n := len(names) - shown; n > 0 {
		list += fmt.Sprintf(" and %d more", n)
	}
	return list
}

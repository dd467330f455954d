package fn_test

import (
	"slices"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
)

// release is one of a chain of releases of an operator.
type release struct {
	version   string
	variables []variable
}

// versions are those of a chain. Compared as text they are in another order.
var versions = []string{"1.9.0", "1.10.0-rc1", "1.10.0"}

// chain returns releases of which each comes after the one before.
func (g caseGenerator) chain() []release {
	releases := []release{{versions[0], g.variables()}}
	for n := 1; n < len(versions); n++ {
		releases = append(releases, release{versions[n], g.next(n, releases[n-1].variables)})
	}
	return releases
}

// next returns the variables of the release n, after one with old variables: most have a new digest;
// some are as they were, are gone, or have another tag; some are new.
func (g caseGenerator) next(n int, old []variable) []variable {
	var variables []variable
	names := map[string]bool{}
	add := func(v variable) {
		if !names[v.name] && !(v.sampled() && v.leadsBack(variables)) {
			names[v.name] = v.name != relatedImages
			variables = append(variables, v)
		}
	}
	for _, v := range old {
		switch g.IntN(10) {
		case 0: // gone
			continue
		case 1: // as it was
		case 2, 3:
			if v.kind != "" && v.arch == "" {
				v.tag = v.tag + "1"
				v.name = v.registryName("")
			}
			v.value = g.renewed(n, v.value)
		default:
			v.value = g.renewed(n, v.value)
		}
		add(v)
	}
	for range g.IntN(3) {
		v := g.variable(variables)
		v.value = g.renewed(n, v.value)
		add(v)
	}
	return variables
}

// renewed returns i with a digest of the release n, seldom with one that an earlier release had, or
// of another repository.
func (g caseGenerator) renewed(n int, i image) image {
	if i.digest == "" {
		return i
	}
	i.digest = digestOf([]int{1, 5, 10}[n] + g.IntN(4))
	switch g.IntN(20) {
	case 0:
		i.digest = g.digest()
	case 1:
		i.repository = oneOf(g, repositories...)
	}
	return i
}

// read reads the CSV of a release.
func (r release) read(t *testing.T) olm.Release {
	t.Helper()
	text, err := yamltext.Parse(csvOf(r.variables), nil)
	if err != nil {
		t.Fatal(err)
	}
	read, err := olm.Open(olm.Document{Text: text, Node: text.Docs[0], Position: olm.InFile("csv.yaml", text.Source, 0)})
	if err == nil {
		err = read.Read(catalog.DefaultNames)
	}
	if err != nil {
		t.Fatal(err)
	}
	read.Name, read.Version = "op.v"+r.version, r.version
	return read
}

// lasting returns the images by tag that each of a chain of releases pins by the variable of one
// name, and by it alone: its digest is no other variable's, of this kind of registry or in a later
// release, and has no other tag beside it.
func lasting(chain []release, o options, kind string) []image {
	var found []image
	for _, v := range chain[0].variables {
		if i := (image{v.value.repository, v.tag, ""}); v.kind != "" && lasts(chain, o, kind, i) {
			found = append(found, i)
		}
	}
	return found
}

func lasts(chain []release, o options, kind string, i image) bool {
	name := ""
	for n, r := range chain {
		v, ok := oracle{o, r.variables, kind}.pinnedBy(i)
		general := v.name
		if v.general != "" {
			general = v.general
		}
		if !ok || n > 0 && general != name {
			return false
		}
		name = general
		for later, r := range chain[n:] {
			others := slices.DeleteFunc(r.holders(v.value), func(w variable) bool {
				return w.name == v.name || later == 0 && kind != "" && w.kind != kind && v.kind == kind
			})
			if len(others) > 0 {
				return false
			}
		}
	}
	return true
}

// holders returns the variables with an image.
func (r release) holders(i image) []variable {
	isOther := func(v variable) bool { return v.name == relatedImages || !v.value.is(i) }
	return slices.DeleteFunc(slices.Clone(r.variables), isOther)
}

// pinnedBy returns the only variable that says which digest the tag of i is.
func (o oracle) pinnedBy(i image) (variable, bool) {
	found := o.stands(func(v variable) bool { return v.kind != "" && image{v.value.repository, v.tag, ""} == i })
	isOther := func(v variable) bool { return v.kind != o.kind }
	if own := slices.DeleteFunc(slices.Clone(found), isOther); len(own) > 0 {
		found = own
	}
	if len(found) != 1 {
		return variable{}, false
	}
	v := found[0]
	return v, v.value.digest != "" && v.value.repository == i.repository && (v.value.tag == "" || v.value.tag == i.tag)
}

package olm_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
)

// blobs reads the documents of a catalog.
func blobs(t *testing.T, source string) ([]olm.Blob, error) {
	t.Helper()
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	position := olm.InFile("c.yaml", source, 0)
	var found []olm.Blob
	for _, n := range text.Docs {
		d := olm.Document{Text: text, Node: n, Where: position(n.Offset), Position: position}
		b, err := olm.ReadBlob(d)
		if err != nil {
			return nil, err
		}
		b.Read = func() (olm.Document, error) { return d, nil }
		found = append(found, b)
	}
	return found, nil
}

// csvOf is a CSV with one image.
func csvOf(name string) string {
	return `{"apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion", "metadata": {"name": "` + name + `"},
		"spec": {"install": {"spec": {"deployments": [{"name": "d", "spec": {"template": {"spec": {"containers": [
		{"name": "c", "env": [{"name": "RELATED_IMAGE_x", "value": "quay.io/acme/x:` + name + `"}]}]}}}}]}}}}`
}

// bundleOf is a bundle of package o, in which names end with a version, with the given objects.
func bundleOf(name string, objects ...string) string {
	_, version, _ := strings.Cut(name, ".v")
	b := "--- {schema: olm.bundle, package: o, name: " + name + ", image: quay.io/acme/b:1, properties: [\n" +
		"{type: olm.package, value: {packageName: o, version: " + version + ".0.0}}"
	for _, o := range objects {
		b += ",\n{type: olm.bundle.object, value: {data: " + base64.StdEncoding.EncodeToString([]byte(o)) + "}}"
	}
	return b + "]}\n"
}

func channelOf(name, entries string) string {
	return "--- {schema: olm.channel, package: o, name: " + name + ", entries: [" + entries + "]}\n"
}

const stable = "{schema: olm.package, name: o, defaultChannel: stable}\n"

// TestTheNewestBundleOfTheDefaultChannelIsItsHead has entries of bundles v1 to v4, and gives all of
// them newest first.
func TestTheNewestBundleOfTheDefaultChannelIsItsHead(t *testing.T) {
	bundles := bundleOf("o.v1") + bundleOf("o.v2") + bundleOf("o.v3") + bundleOf("o.v4")
	for name, test := range map[string]struct{ entries, want string }{
		"replaces":                 {"{name: o.v4, replaces: o.v3}, {name: o.v3, replaces: o.v2}, {name: o.v2, replaces: o.v1}, {name: o.v1}", "o.v4 o.v3 o.v2 o.v1"},
		"not by version":           {"{name: o.v1, replaces: o.v4}, {name: o.v4, replaces: o.v2}, {name: o.v2}, {name: o.v3, replaces: o.v1}", "o.v3 o.v1 o.v4 o.v2"},
		"skips":                    {"{name: o.v1}, {name: o.v2, replaces: o.v1, skips: [o.v4, o.v3, o.v9]}, {name: o.v3}, {name: o.v4}", "o.v2 o.v4 o.v3 o.v1"},
		"skipRange":                {"{name: o.v4}, {name: o.v3, skipRange: '>=4.0.0'}, {name: o.v2}, {name: o.v1}", "o.v3 o.v4 o.v2 o.v1"},
		"versions alone":           {"{name: o.v4}, {name: o.v1}, {name: o.v3}, {name: o.v2}", "o.v4 o.v3 o.v2 o.v1"},
		"what is replaced is gone": {"{name: o.v4, replaces: o.v0}, {name: o.v3}, {name: o.v2}, {name: o.v1}", "o.v4 o.v3 o.v2 o.v1"},
		"a circle":                 {"{name: o.v4, replaces: o.v3}, {name: o.v3, replaces: o.v1}, {name: o.v2}, {name: o.v1, skips: [o.v4, o.v2]}", ""},
	} {
		all, err := blobs(t, stable+channelOf("stable", test.entries)+bundles)
		if err != nil {
			t.Fatal(err)
		}
		p, err := olm.OpenPackage(all, "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, err = p.Release("")
		entries, err2 := p.Until("")
		if test.want == "" {
			const want = `c.yaml:2: olm.channel "stable": its bundles cannot be ordered: the CSVs o.v4 (c.yaml:9), o.v3 (c.yaml:7), o.v2 (c.yaml:5), o.v1 (c.yaml:3) replace each other in a circle`
			if err2 == nil || err2.Error() != want || !errors.Is(err2, olm.ErrChoice) {
				t.Errorf("%s: got error %v, want %s", name, err2, want)
			}
			if err == nil || !strings.HasSuffix(err.Error(), ": give the bundle by --bundle") {
				t.Errorf("%s: the head: got error %v", name, err)
			}
			continue
		}
		if got := names(entries); err2 != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err2, test.want)
		}
		head, _, _ := strings.Cut(test.want, " ")
		if !errors.Is(err, olm.ErrNoCSV) || !strings.Contains(err.Error(), fmt.Sprintf("olm.bundle %q: ", head)) {
			t.Errorf("%s: the head: got error %v, want that %s holds nothing", name, err, head)
		}
	}
}

func TestABundleIsChosenByItsName(t *testing.T) {
	all, err := blobs(t, stable+
		channelOf("fast", "{name: o.v3, replaces: o.v2}, {name: o.v2}")+
		channelOf("stable", "{name: o.v2, replaces: o.v1, skips: [o.v0], skipRange: <2.0.0}, {name: o.v1}")+
		bundleOf("o.v1", csvOf("o.v1"))+bundleOf("o.v2", `{"kind": "Secret"}`, csvOf("o.v2"), "{kind: ConfigMap, data: {x: ClusterServiceVersion}}")+
		bundleOf("o.v3", csvOf("o.v3")))
	if err != nil {
		t.Fatal(err)
	}
	p, err := olm.OpenPackage(all, "o")
	if err != nil {
		t.Fatal(err)
	}
	for bundle, want := range map[string]struct{ release, until string }{
		"":     {"o.v2 (c.yaml:7, the head of channel stable of package o)", "o.v2 o.v1"},
		"o.v2": {"o.v2 (c.yaml:7, in channel stable of package o)", "o.v2 o.v1"},
		"o.v1": {"o.v1 (c.yaml:4, in channel stable of package o)", "o.v1"},
		"o.v3": {"o.v3 (c.yaml:12, in channel fast of package o)", "o.v3 o.v2"},
	} {
		r, err := p.Release(bundle)
		if err == nil {
			err = r.Read(catalog.DefaultNames)
		}
		if err != nil || r.String() != want.release || len(r.Entries) != 1 || r.Entries[0].Image.String() != "quay.io/acme/x:"+r.Name {
			t.Errorf("%q: got %s, %v, want %s", bundle, r, err, want.release)
		}
		if r.Name == "o.v2" && (r.Replaces != "o.v1" || len(r.Skips) != 1 || r.SkipRange != "<2.0.0") {
			t.Errorf("%q: got %+v, want what the channel says", bundle, r)
		}
		if until, err := p.Until(bundle); err != nil || names(until) != want.until {
			t.Errorf("%q: got %s, %v, want %s", bundle, names(until), err, want.until)
		}
	}
	if until, err := p.Until("o.v9"); err != nil || names(until) != "o.v2 o.v1" {
		t.Errorf("a bundle of another catalog: got %s, %v, want all", names(until), err)
	}
}

func TestACatalogThatIsNotWholeIsAnError(t *testing.T) {
	one := channelOf("stable", "{name: o.v1}")
	good := bundleOf("o.v1", csvOf("o.v1"))
	for name, test := range map[string]struct{ source, pkg, bundle, want string }{
		"whole":                    {stable + one + good, "", "", ""},
		"no package":               {one + good, "", "", "c.yaml has no olm.package of package o: the catalog is cut off, or a part of one: give all of it"},
		"no channel":               {stable + good, "", "", `c.yaml:2: olm.bundle "o.v1" is in no olm.channel: the catalog is cut off`},
		"only a package":           {stable, "", "", `c.yaml:1: olm.package "o": its default channel stable is not there: the catalog is cut off`},
		"no bundle":                {stable + one, "", "", `c.yaml:2: there is no olm.bundle "o.v1" for this entry: the catalog is cut off`},
		"no bundle of that name":   {stable + one, "", "o.v1", `c.yaml:2: there is no olm.bundle "o.v1" for this entry: the catalog is cut off`},
		"no entries":               {stable + channelOf("stable", ""), "", "", `c.yaml:2: olm.channel "stable" has no entries`},
		"no name of an entry":      {stable + channelOf("stable", "{name: o.v1}, {replaces: o.v0}") + good, "", "", "c.yaml:2: an entry of olm.channel has no name"},
		"no name":                  {"{schema: olm.package}\n", "", "", `c.yaml:1: olm.package "" needs a name and a package`},
		"no package of a bundle":   {stable + one + "--- {schema: olm.bundle, name: o.v1}\n", "", "", `c.yaml:3: olm.bundle "o.v1" needs a name and a package`},
		"no default channel":       {"{schema: olm.package, name: o}\n" + one + good, "", "", `c.yaml:1: olm.package "o" has no defaultChannel: give a bundle by --bundle: o.v1`},
		"another default channel":  {"{schema: olm.package, name: o, defaultChannel: fast}\n" + one + good, "", "", "its default channel fast is not there"},
		"a package twice":          {stable + "--- " + stable + one + good, "", "", `c.yaml:2: olm.package "o" is there twice, first in c.yaml:1: give one catalog`},
		"a bundle twice":           {stable + one + good + good, "", "", `c.yaml:6: olm.bundle "o.v1" is there twice, first in c.yaml:3: give one catalog`},
		"another package":          {stable + one + good, "p", "", "--package p: the catalog has no such package: did you mean o? There are o"},
		"two packages":             {stable + one + good + "--- {schema: olm.package, name: p}\n", "", "", "the catalog has 2 packages: o, p: give one of them by --package"},
		"two packages, one chosen": {stable + one + good + "--- {schema: olm.package, name: p}\n", "o", "", ""},
		"another bundle":           {stable + one + good, "", "o.v11", "--bundle o.v11: package o of the catalog (c.yaml:1) has no such bundle: did you mean o.v1? There are o.v1"},
		"no CSV":                   {stable + one + bundleOf("o.v1", `{"kind": "Secret"}`), "", "", `c.yaml:3: olm.bundle "o.v1": the bundle holds neither a CSV nor related images: give the bundle's own folder`},
		"two CSVs":                 {stable + one + bundleOf("o.v1", csvOf("o.v1"), csvOf("o.v1")), "", "", `c.yaml:3: olm.bundle "o.v1" has 2 CSVs: a bundle has one`},
		"no base64": {
			stable + one + strings.Replace(good, "data: e", "data: -e", 1), "", "",
			"c.yaml:5: bundle o.v1: olm.bundle.object: its data is not base64: illegal base64 data at input byte 0: the catalog is cut off, or damaged",
		},
		"half an object": {
			stable + one + bundleOf("o.v1", csvOf("o.v1")[:300]), "", "",
			"c.yaml:5: bundle o.v1: olm.bundle.object: its data does not parse: line ",
		},
		"a file beside it": {
			stable + one + "--- {schema: olm.bundle, package: o, name: o.v1, properties: [{type: olm.bundle.object, value: {ref: csv.yaml}}]}\n", "", "",
			"c.yaml:3: bundle o.v1: olm.bundle.object: it has no data: give a catalog that opm has rendered",
		},
		"related images, and nothing of a CSV": {
			stable + one + "--- {schema: olm.bundle, package: o, name: o.v1, relatedImages: [{name: x, image: quay.io/acme/x:1}]}\n", "", "",
			"the bundle holds neither a CSV nor related images",
		},
		"what is no list": {
			stable + one + "--- {schema: olm.bundle, package: o, name: o.v1, properties: [{type: olm.csv.metadata, value: {}}], relatedImages: [1]}\n", "", "",
			"c.yaml:3: bundle o.v1: relatedImages: line 3: cannot unmarshal",
		},
		"a bad image in the CSV": {
			stable + one + bundleOf("o.v1", strings.Replace(csvOf("o.v1"), "quay.io/", "quay io/", 1)), "", "",
			`c.yaml:5: csv o.v1: deployment d: container c: RELATED_IMAGE_x: "quay io/acme/x:o.v1" is not an image reference`,
		},
	} {
		all, err := blobs(t, test.source)
		var p olm.Package
		if err == nil {
			p, err = olm.OpenPackage(all, test.pkg)
		}
		var r olm.Release
		if err == nil {
			r, err = p.Release(test.bundle)
		}
		if err == nil {
			err = r.Read(catalog.DefaultNames)
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got error %v, want %q", name, err, test.want)
		}
	}
}

// TestAChannelOfThousandsIsOrdered has entries that only their ranges order.
func TestAChannelOfThousandsIsOrdered(t *testing.T) {
	const n = 1000
	releases := make([]olm.Release, n)
	for i := range releases {
		releases[n-1-i] = olm.Release{Name: fmt.Sprintf("o.v%d", i), Version: fmt.Sprintf("1.%d.0", i), SkipRange: fmt.Sprintf("<1.%d.0", i)}
	}
	for name, order := range map[string]func([]olm.Release) ([]olm.Release, error){"Order": olm.Order, "Newest": olm.Newest} {
		if got, err := order(releases); err != nil || got[0].Name != "o.v999" || got[len(got)-1].Name != map[string]string{"Order": "o.v0", "Newest": "o.v999"}[name] {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

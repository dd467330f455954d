package source_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
	"inject-related-images/internal/source"
)

const (
	bundleLabel  = "operators.operatorframework.io.bundle.manifests.v1"
	catalogLabel = "operators.operatorframework.io.index.configs.v1"
)

// imageOf makes an image with a label, of entries as package imagetest has them.
func imageOf(t *testing.T, label, folder string, entries ...string) v1.Image {
	t.Helper()
	return imagetest.WithLabel(t, imagetest.Image(t, imagetest.Layer(t, entries...)), label, folder)
}

const fileCatalog = `schema: olm.package
name: acme
defaultChannel: stable
---
schema: olm.channel
package: acme
name: stable
entries: [{name: acme.v1}]
---
schema: olm.bundle
package: acme
name: acme.v1
image: quay.io/acme/bundle:1
properties: [{type: olm.package, value: {packageName: acme, version: 1.0.0}}, {type: olm.csv.metadata, value: {}}]
relatedImages: [{name: x, image: quay.io/acme/inside}]
`

func TestABundleImageIsAsItsFolder(t *testing.T) {
	bundle := imageOf(t, bundleLabel, "manifests/",
		"manifests/csv.yaml="+csvOf("a"), "manifests/crd.yaml="+"{{ not YAML", "metadata/annotations.yaml="+csvOf("b"), "manifests/x.txt="+"x",
	)
	archive := filepath.Join(t.TempDir(), "bundle.tar")
	tag, err := name.NewTag("quay.io/acme/bundle:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(archive, tag, bundle); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, want string }{
		"a bundle":         {imagetest.Layout(t, bundle), "quay.io/acme/a"},
		"an archive":       {"docker-archive:" + archive, "quay.io/acme/a"},
		"one without name": {archive, "quay.io/acme/a"},
		"a catalog":        {imagetest.Layout(t, imageOf(t, catalogLabel, "/configs", "configs/acme/catalog.yaml="+fileCatalog)), "quay.io/acme/inside"},
		"two CSVs":         {imagetest.Layout(t, imageOf(t, bundleLabel, "/", "a.yaml="+csvOf("a"), "b.yaml="+csvOf("b"))), "2 CSVs found: oci:"},
		"no label": {
			imagetest.Layout(t, imageOf(t, "x", "y")),
			"it is no bundle and no catalog, since it has neither the label",
		},
		"no CSV":           {imagetest.Layout(t, imageOf(t, bundleLabel, "manifests/", "manifests/a.yaml=a: 1")), "no ClusterServiceVersion found"},
		"no file":          {imagetest.Layout(t, imageOf(t, bundleLabel, "manifest/", "manifests/a.yaml="+csvOf("a"))), "its label names the folder manifest, in which no file ends with .yaml"},
		"behind a link":    {imagetest.Layout(t, imageOf(t, bundleLabel, "./manifests", "manifests->/srv/1", "srv/1->2", "srv/2/csv.json="+csvOf("a"))), "quay.io/acme/a"},
		"links in circles": {imagetest.Layout(t, imageOf(t, bundleLabel, "a", "a->b", "b->a")), "the symbolic link a leads in a circle"},
		"a SQLite catalog": {imagetest.Layout(t, imageOf(t, "operators.operatorframework.io.index.database.v1", "/database/index.db")), "it is a catalog in SQLite: migrate it"},
		"no YAML":          {imagetest.Layout(t, imageOf(t, bundleLabel, "m", "m/csv.yaml="+"kind: ClusterServiceVersion\na: [")), "!/m/csv.yaml: line 2: "},
	} {
		opener := source.Opener{Images: new(image.Client)}
		releases, err := opener.CSVs(test.path)
		previous, errPrevious := opener.Previous(catalog.DefaultNames, test.path)
		if err != nil {
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), strings.TrimPrefix(test.path, "csv: ")) {
				t.Errorf("%s: got error %v, want %s", name, err, test.want)
			}
			continue
		}
		if err := releases[0].Read(catalog.DefaultNames); err != nil || releases[0].Entries[0].Image.String() != test.want {
			t.Errorf("%s: got %+v, %v, want %s", name, releases[0].Entries, err, test.want)
		}
		if errPrevious != nil || previous[0].Entries[0].Image.String() != test.want {
			t.Errorf("%s: previous: got %+v, %v, want %s", name, previous, errPrevious, test.want)
		}
	}
}

package source_test

import (
	"strings"
	"testing"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/source"
)

// releases returns the names of the releases at paths, with blanks between.
func releases(paths ...string) (string, error) {
	found, err := source.Opener{}.Previous(catalog.DefaultNames, paths...)
	var names []string
	for _, r := range found {
		names = append(names, r.Name)
	}
	return strings.Join(names, " "), err
}

// withoutVariables is a CSV of before the operator listed its images.
var withoutVariables = strings.ReplaceAll(csvOf("old"), "RELATED_IMAGE_x", "OTHER")

func TestPreviousReleasesAreAllThatThereAre(t *testing.T) {
	folder := t.TempDir()
	one := write(t, folder, "operator/1/manifests/csv.yaml", csvOf("a1"))
	write(t, folder, "operator/2/manifests/csv.yaml", csvOf("a2"))
	write(t, folder, "operator/2/manifests/crd.yaml", "{{ not YAML\n")
	write(t, folder, "operator/2/manifests/deployment.yaml", deploymentOf("d"))
	write(t, folder, "operator/3/two.yaml", csvOf("a3")+"---\n"+csvOf("a4"))
	write(t, folder, "operator/0/manifests/csv.yaml", withoutVariables)
	deployment := write(t, folder, "deployment.yaml", "a: 1\n---\n"+deploymentOf("d"))
	for _, test := range []struct {
		paths []string
		want  string
	}{
		{nil, ""},
		{[]string{one}, "a1"},
		{[]string{deployment}, "d"},
		{[]string{folder}, "a1 a2 a3 a4"},
		{[]string{deployment, folder + "/operator/3", one}, "d a3 a4 a1"},
	} {
		if got, err := releases(test.paths...); err != nil || got != test.want {
			t.Errorf("%v: got %q, %v, want %q", test.paths, got, err, test.want)
		}
	}
}

// catalogOf is a catalog of bundles without CSVs, newest last.
func catalogOf(bundles ...string) string {
	text, entries := "{schema: olm.package, name: o, defaultChannel: stable}\n", ""
	for i, name := range bundles {
		text += "---\n{schema: olm.bundle, package: o, name: " + name + ", properties: [{type: olm.csv.metadata, value: {}}], " +
			"relatedImages: [{name: x, image: 'quay.io/acme/" + name + "'}]}\n"
		if entries += "{name: " + name; i > 0 {
			entries += ", replaces: " + bundles[i-1]
		}
		entries += "}, "
	}
	return text + "---\n{schema: olm.channel, package: o, name: stable, entries: [" + entries + "]}\n"
}

func TestTheBundlesOfACatalogArePreviousReleases(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "csv.yaml", csvOf("a"))
	whole := write(t, folder, "catalog.json", catalogOf("o.v1", "o.v2", "o.v3"))
	broken := write(t, t.TempDir(), "catalog.yaml", strings.Replace(catalogOf("o.v1", "o.v2"), "{type: olm.csv.metadata, value: {}}", "", 1))
	nothing := write(t, t.TempDir(), "catalog.yaml", strings.ReplaceAll(catalogOf("o.v1"), "olm.csv.metadata", "other"))
	for _, test := range []struct {
		path, bundle, want string
	}{
		{whole, "", "o.v3 o.v2 o.v1"},
		{whole, "o.v2", "o.v2 o.v1"},
		{whole, "o.v9", "o.v3 o.v2 o.v1"},
		{folder, "", "a o.v3 o.v2 o.v1"},
		{broken, "", "o.v2"}, // of a bundle without a CSV nothing is known
	} {
		found, err := source.Opener{Bundle: test.bundle}.Previous(catalog.DefaultNames, test.path)
		var names []string
		for _, r := range found {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != test.want {
			t.Errorf("%s, bundle %q: got %q, %v, want %q", test.path, test.bundle, got, err, test.want)
		}
	}
	const want = "the bundle holds neither a CSV nor related images"
	if _, err := releases(nothing); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("bundles that hold nothing: got error %v, want %s", err, want)
	}
}

func TestAPathWithoutAPreviousReleaseIsAnError(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "crd.yaml", "a: 1\n")
	good := write(t, t.TempDir(), "csv.yaml", csvOf("a"))
	bad := write(t, t.TempDir(), "csv.yaml", strings.Replace(csvOf("b"), "quay.io/acme/b", "no image", 1))
	for name, test := range map[string]struct {
		paths []string
		want  string
	}{
		"an empty folder":        {[]string{good, folder}, "previous: " + folder + ": no ClusterServiceVersion found: give a CSV file, or a folder with CSVs"},
		"a file without":         {[]string{folder + "/crd.yaml", good}, "previous: " + folder + "/crd.yaml: no ClusterServiceVersion found"},
		"what is not there":      {[]string{good, folder + "/none"}, "previous: stat " + folder + "/none: no such file or directory"},
		"one that knows nothing": {[]string{write(t, t.TempDir(), "csv.yaml", withoutVariables)}, "csv old: no container has a variable RELATED_IMAGE_*"},
		"no image":               {[]string{good, bad}, "previous: " + bad + ":4: csv b: deployment d: container c: RELATED_IMAGE_x: \"no image\" is not an image reference"},
		"no image, and knowing nothing": {
			[]string{write(t, t.TempDir(), "csv.yaml", withoutVariables+"---\n"+strings.Replace(csvOf("b"), "quay.io/acme/b", "no image", 1))},
			"\"no image\" is not an image reference",
		},
	} {
		if _, err := releases(test.paths...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

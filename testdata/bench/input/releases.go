package input

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// PinnedReferences is how many references the file that WriteReleases writes has.
const PinnedReferences = 10

// WriteReleases writes a release of the CSV, csv.yaml, the CSVs of so many releases before it,
// below previous, and a file of a registry that the first of them pinned, pinned.yaml. They are of
// about 125 kB, as those of operators with many resources are.
func WriteReleases(dir string, previous int) error {
	o := newOperator()
	o.Comments = true
	text, err := execute("csv.yaml", o)
	if err != nil {
		return err
	}
	text += owned()
	for n := range previous + 1 {
		file := filepath.Join(dir, "previous", fmt.Sprint(n), "csv.yaml")
		if n == previous {
			file = filepath.Join(dir, "csv.yaml")
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(release(text, n)), 0o666); err != nil {
			return err
		}
	}
	var pinned strings.Builder
	for _, r := range o.covered()[:PinnedReferences] {
		fmt.Fprintf(&pinned, "- image: %s\n", release(r.after, 0))
	}
	return os.WriteFile(filepath.Join(dir, "pinned.yaml"), []byte(pinned.String()), 0o666)
}

// release returns a text with the version and the digests of a release.
func release(text string, n int) string {
	var b strings.Builder
	for i, part := range strings.Split(strings.ReplaceAll(text, "2.15.0", fmt.Sprintf("2.%d.0", n)), "@sha256:") {
		if i > 0 {
			fmt.Fprintf(&b, "@sha256:%04x", n)
			part = part[4:]
		}
		b.WriteString(part)
	}
	return b.String()
}

// owned is the rest of a large CSV: what its custom resources have in them, and an icon.
func owned() string {
	var b strings.Builder
	b.WriteString("  customresourcedefinitions:\n    owned:\n")
	for i := range 20 {
		fmt.Fprintf(
			&b,
			"      - kind: Shop%d\n        name: shops%d.acme.example\n        version: v1\n        specDescriptors:\n",
			i,
			i,
		)
		for j := range 14 {
			fmt.Fprintf(
				&b,
				"          - description: >-\n"+
					"              How many of the shop's servers, in all zones together, are to be there\n"+
					"              when %d customers have come.\n"+
					"            displayName: Servers for %d\n            path: zones[0].servers.%d\n"+
					"            x-descriptors:\n              - urn:alm:descriptor:com.tectonic.ui:podCount\n",
				j,
				j,
				j,
			)
		}
	}
	fmt.Fprintf(&b, "  icon:\n    - base64data: %s\n      mediatype: image/png\n", strings.Repeat("iVBORw0KGgo5", 800))
	return b.String()
}

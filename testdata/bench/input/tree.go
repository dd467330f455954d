package input

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// TreeFileSize is about how many bytes a file of a tree has: as many as in the repository of the
// community's operators, which has 75,000 files.
const TreeFileSize = 29_000

// WriteTree writes so many files, each to be read, in which no reference can stand: definitions of
// resources, in folders like those of bundles.
func WriteTree(dir string, files int) error {
	const versions = 40
	texts := make([]string, versions)
	for i := range texts {
		texts[i] = definition(i, TreeFileSize/4+i*TreeFileSize*6/4/(versions-1))
	}
	for i := range files {
		folder := filepath.Join(dir, "operators", fmt.Sprintf("operator-%03d", i/200), fmt.Sprintf("1.%d.0", i/8%25), "manifests")
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		file := filepath.Join(folder, fmt.Sprintf("things-%d.crd.yaml", i%8))
		if err := os.WriteFile(file, []byte(texts[i%versions]), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// definition returns a CustomResourceDefinition of about so many bytes.
func definition(number, size int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things-%d.example.com\n", number)
	b.WriteString("spec:\n  group: example.com\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "          field%d:\n            description: |-\n", i)
		fmt.Fprintf(&b, "              Field %d of \"things\" says what the operator is to make of them, and where it says nothing,\n", i*number)
		b.WriteString("              what was there before is kept. More info: https://example.com/docs/concepts/things\n")
		b.WriteString("            pattern: ^([0-9]+(\\.[0-9]+)?)$\n            type: string\n")
	}
	return b.String()
}

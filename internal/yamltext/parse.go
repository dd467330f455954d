package yamltext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"inject-related-images/internal/yamltext/internal/fastyaml"
)

// Parse reads YAML or JSON: any number of documents, UTF-8, with or without a byte order mark. Nodes that are not wanted may be
// missing; with no interest given none are. An error names the line.
func Parse(source string, of *Interest) (*Text, error) {
	if docs, sure := fastyaml.Parse(source, of); sure {
		return &Text{Source: source, Docs: docs, Standalone: true, pruned: of != nil}, nil
	}
	if err := checkUTF8(source); err != nil {
		return nil, err
	}
	docs, aliased, err := parseAll(source)
	if err != nil {
		return nil, err
	}
	return &Text{Source: source, Docs: docs, Aliased: aliased}, nil
}

func checkUTF8(source string) error {
	if utf8.ValidString(source) {
		return nil
	}
	for i, r := range source {
		if r == utf8.RuneError && !strings.HasPrefix(source[i:], "\uFFFD") {
			return fmt.Errorf("line %d: byte %#02x is not UTF-8: save the file as UTF-8", 1+strings.Count(source[:i], "\n"), source[i])
		}
	}
	return nil
}

package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// mapKeys are the keys of a row of a map.
var mapKeys = []string{"image", "key", "variable"}

// mapHelp describes a map that stands in a functionConfig.
const mapHelp = "the variables that decide images, or repositories, for operators whose variables encode no tag"

// ParseMap reads a map: a YAML list of {image: quay.io/acme/server, variable:
// RELATED_IMAGE_server}. An image is a repository, or one exact image; key in its place is the key
// of a ConfigMap, or of a list of key=image, under which images stand. Errors name the line.
func ParseMap(source string) ([]engine.Assignment, error) {
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		return nil, err
	}
	if len(text.Docs) != 1 || text.Docs[0].Kind != yamltext.Sequence {
		return nil, fmt.Errorf("a map is a list of {image: quay.io/acme/server, variable: RELATED_IMAGE_server}")
	}
	lines := yamltext.NewLines(source)
	var rows []engine.Assignment
	for _, item := range text.Docs[0].Content {
		row, err := parseAssignment(item.Resolve())
		if err != nil {
			line, _ := lines.At(item.Offset)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func parseAssignment(n *yamltext.Node) (engine.Assignment, error) {
	if n.Kind != yamltext.Mapping {
		return engine.Assignment{}, fmt.Errorf("a row is a mapping with the keys %s", strings.Join(mapKeys, ", "))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Resolve().Value; !slices.Contains(mapKeys, key) {
			return engine.Assignment{}, fmt.Errorf("a row has no key %q: it has %s", key, strings.Join(mapKeys, ", "))
		}
	}
	row := engine.Assignment{Key: n.Text("key"), Variable: n.Text("variable")}
	image := n.Text("image")
	switch {
	case row.Variable == "":
		return row, errors.New("variable is missing: name the variable of the CSV that decides")
	case (row.Key == "") == (image == ""):
		return row, errors.New("give image, a repository or one exact image, or key, under which images stand")
	case row.Key != "":
		return row, nil
	}
	var err error
	if row.Image, err = imageref.Parse(image); err != nil {
		return row, fmt.Errorf("image: %w", err)
	}
	return row, nil
}

// CheckMap returns an error if a row of the map names a variable that c does not have, or if two
// rows of one image or key name different ones.
func (o Options) CheckMap(c *catalog.Catalog) error {
	variables := map[string]string{} // by the key, or the image in normal form
	for _, row := range o.Decide.Map {
		if c.ByName(row.Variable).IsZero() {
			return fmt.Errorf("map: %s: the CSV has no variable %s: the nearest are %s",
				row, row.Variable, strings.Join(c.Nearest(row.Variable), ", "))
		}
		of := row.Key + " " + row.Image.Normal()
		if other, ok := variables[of]; ok && other != row.Variable {
			return fmt.Errorf("map: %s is decided by %s and by %s: leave one of these rows out", row, other, row.Variable)
		}
		variables[of] = row.Variable
	}
	return nil
}

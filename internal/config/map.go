package config

import (
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// mapKeys are the keys of a row of a map.
var mapKeys = []string{"image", "variable"}

// ParseMap reads a map: a YAML list of {image: quay.io/acme/server, variable: RELATED_IMAGE_server}. An image is a repository, or
// one exact image. Errors name the line.
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
		return engine.Assignment{}, fmt.Errorf("a row is a mapping with the keys %s", strings.Join(mapKeys, " and "))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Resolve().Value; !slices.Contains(mapKeys, key) {
			return engine.Assignment{}, fmt.Errorf("a row has no key %q: it has %s", key, strings.Join(mapKeys, " and "))
		}
	}
	image, err := imageref.Parse(n.Text("image"))
	if err != nil {
		return engine.Assignment{}, fmt.Errorf("image: %w", err)
	}
	if n.Text("variable") == "" {
		return engine.Assignment{}, fmt.Errorf("variable is missing: name the variable of the CSV that decides %s", image)
	}
	return engine.Assignment{Image: image, Variable: n.Text("variable")}, nil
}

// CheckMap returns an error if a row of the map names a variable that c does not have.
func (o Options) CheckMap(c *catalog.Catalog) error {
	for _, row := range o.Decide.Map {
		if m := c.ByName(row.Variable); m.Entry == nil && m.Candidates == nil {
			return fmt.Errorf("map: %s: the CSV has no variable %s: the nearest are %s",
				row.Image, row.Variable, strings.Join(c.Nearest(row.Variable), ", "))
		}
	}
	return nil
}

package config

import (
	"fmt"

	"inject-related-images/internal/engine"
)

// Unmatched returns a warning for each place and each row of the map that matches nothing.
func (o Options) Unmatched(used engine.Usage) []string {
	var warnings []string
	for i, f := range o.Fields {
		if i >= len(used.Fields) || !used.Fields[i] {
			warnings = append(warnings, fmt.Sprintf("fields: %s matches no text", f))
		}
	}
	for i, f := range o.Exclude {
		if i >= len(used.Exclude) || !used.Exclude[i] {
			warnings = append(warnings, fmt.Sprintf("exclude: %s matches nothing", f))
		}
	}
	for i, row := range o.Decide.Map {
		if i >= len(used.Map) || !used.Map[i] {
			warnings = append(warnings, fmt.Sprintf("map: %s matches no reference", row))
		}
	}
	return warnings
}

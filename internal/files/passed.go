package files

import (
	"strings"

	"inject-related-images/internal/policy"
)

// passed is what was not looked at, or does not parse for its dialect. It is no failure.
type passed struct {
	hidden                       []string // folders whose names begin with a dot
	skippedFolders, skippedFiles int      // by the user
	dialects                     [3]int   // how many files of each
}

// counts says how many there are, of each reason that there is.
func (p passed) counts() []string {
	var counts []string
	add := func(n int, noun, why string) {
		if n > 0 {
			counts = append(counts, policy.Plural(n, noun)+why)
		}
	}
	add(p.dialects[template], "file", " with template actions")
	add(p.dialects[commentedJSON], "file", " of JSON with comments or trailing commas")
	add(len(p.hidden), "hidden folder", " ("+some(p.hidden)+")")
	add(p.skippedFolders, "folder", " by --skip")
	add(p.skippedFiles, "file", " by --skip")
	return counts
}

// some names the first of several.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + ", …"
}

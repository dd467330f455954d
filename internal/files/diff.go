package files

import (
	"strings"

	"znkr.io/diff/textdiff"
)

// Unified returns the difference between two texts of the named file, in the format of diff -u.
// Where a change can be shown in several ways, the indent heuristic takes the one that git shows.
func Unified(name, before, after string) string {
	header := "--- " + label("a", name) + "\n+++ " + label("b", name) + "\n"
	return header + textdiff.Unified(before, after, textdiff.IndentHeuristic())
}

// label is the name of a file in the header of a diff. A name with spaces ends with a tab, or patch
// reads it to the first space.
func label(side, name string) string {
	name = side + "/" + name
	if strings.Contains(name, " ") {
		name += "\t"
	}
	return name
}

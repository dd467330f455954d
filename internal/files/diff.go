package files

import (
	"strings"

	"znkr.io/diff/textdiff"

	"inject-related-images/internal/quote"
)

// Unified returns the difference between two texts of the named file, in the format of diff -u.
// Where a change can be shown in several ways, the indent heuristic takes the one that git shows.
func Unified(name, before, after string) string {
	header := "--- " + label("a", name) + "\n+++ " + label("b", name) + "\n"
	return header + textdiff.Unified(before, after, textdiff.IndentHeuristic())
}

// label is the name of a file in the header of a diff, quoted as git does. A name with spaces ends
// with a tab, or patch reads it to the first space; one with a space at its end is quoted, too, or
// patch leaves that out.
func label(side, name string) string {
	name = quote.Name(side + "/" + name)
	switch {
	case strings.HasSuffix(name, " "):
		return `"` + name + `"`
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}

package main

import (
	_ "embed"
	"strings"
)

// The catalog's README is also the help of the program, and with that what kpt fn doc prints: there is no second copy to drift.
//
//go:embed README.md
var readme string

// help returns a section of the README, between the markers of the kpt catalog's mdtogo, <!--mdtogo:Long--> and <!--mdtogo-->, as
// text for a terminal: code is indented, headings end with a colon.
func help(section string) string {
	_, text, _ := strings.Cut(readme, "<!--mdtogo:"+section+"-->")
	text, _, _ = strings.Cut(text, "<!--mdtogo-->")
	var lines []string
	code := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
			continue
		case code:
			line = "  " + line
		case strings.HasPrefix(line, "#"):
			line = strings.TrimLeft(line, "# ") + ":"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

package yamltext

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Lines tells the lines and columns of a text as an editor shows them: lines end with LF, columns count characters, both
// from 1, and a byte order mark counts for nothing.
type Lines struct {
	source   string
	newlines []int // offsets
}

// NewLines returns the lines of source.
func NewLines(source string) *Lines {
	l := &Lines{source: source, newlines: make([]int, 0, strings.Count(source, "\n"))}
	for i := 0; ; {
		n := strings.IndexByte(source[i:], '\n')
		if n < 0 {
			return l
		}
		l.newlines = append(l.newlines, i+n)
		i += n + 1
	}
}

// At returns the line and column of the byte at offset.
func (l *Lines) At(offset int) (line, column int) {
	line = sort.SearchInts(l.newlines, offset)
	start := 0
	if line > 0 {
		start = l.newlines[line-1] + 1
	} else if strings.HasPrefix(l.source, "\uFEFF") {
		start = min(len("\uFEFF"), offset)
	}
	return line + 1, 1 + utf8.RuneCountInString(l.source[start:offset])
}

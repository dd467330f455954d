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

	offset, line, column int // of the last answer: the next one is mostly near behind it, in lines of any length
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
	line = sort.SearchInts(l.newlines, offset) + 1
	if line != l.line || offset < l.offset {
		l.offset, l.line, l.column = 0, line, 1
		if line > 1 {
			l.offset = l.newlines[line-2] + 1
		} else if strings.HasPrefix(l.source, "\uFEFF") {
			l.offset = min(len("\uFEFF"), offset)
		}
	}
	l.column += utf8.RuneCountInString(l.source[l.offset:offset])
	l.offset = offset
	return l.line, l.column
}

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
	newlines []int // offsets; nil until they are needed

	offset, line, column int // of the last answer: the next one is mostly near behind it, in lines of any length
}

// NewLines returns the lines of source.
func NewLines(source string) *Lines {
	l := &Lines{source: source, line: 1, column: 1}
	if strings.HasPrefix(source, "\uFEFF") {
		l.offset = len("\uFEFF")
	}
	return l
}

// At returns the line and column of the byte at offset.
func (l *Lines) At(offset int) (line, column int) {
	if offset < l.offset {
		l.back(offset)
	}
	between := l.source[l.offset:max(offset, l.offset)]
	if n := strings.Count(between, "\n"); n > 0 {
		l.line, l.column = l.line+n, 1
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	l.column += utf8.RuneCountInString(between)
	l.offset = max(offset, l.offset)
	return l.line, l.column
}

// back goes to the beginning of the line with offset.
func (l *Lines) back(offset int) {
	if l.newlines == nil {
		for i := range len(l.source) {
			if l.source[i] == '\n' {
				l.newlines = append(l.newlines, i)
			}
		}
	}
	line := sort.SearchInts(l.newlines, offset)
	newlines := l.newlines
	*l = *NewLines(l.source)
	l.newlines = newlines
	if line > 0 {
		l.offset, l.line = newlines[line-1]+1, line+1
	}
}

package yamltext

import (
	"strings"
	"unicode/utf8"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// Lines tells the lines and columns of a text as an editor shows them: lines end with LF, columns
// count characters, both from 1, and byte order marks before a line count for nothing.
type Lines struct {
	source               string
	offset, line, column int // of the last answer, near which the next one mostly is: in lines of any length
}

// NewLines returns the lines of source.
func NewLines(source string) *Lines {
	return &Lines{source: source, offset: lineBegin(source, 0), line: 1, column: 1}
}

// lineBegin returns the offset behind the byte order marks that a line at offset begins with.
func lineBegin(source string, offset int) int {
	for strings.HasPrefix(source[offset:], syntax.ByteOrderMark) {
		offset += len(syntax.ByteOrderMark)
	}
	return offset
}

// At returns the line and column of the byte at offset.
func (l *Lines) At(offset int) (line, column int) {
	if offset < l.offset { // to the beginning of its line
		begin := min(l.offset, lineBegin(l.source, strings.LastIndexByte(l.source[:offset], '\n')+1))
		l.line, l.column = l.line-strings.Count(l.source[begin:l.offset], "\n"), 1
		l.offset = begin
	}
	between := l.source[l.offset:max(offset, l.offset)]
	if n := strings.Count(between, "\n"); n > 0 {
		l.line, l.column = l.line+n, 1
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	if l.column == 1 {
		between = strings.TrimLeft(between, syntax.ByteOrderMark)
	}
	l.column += utf8.RuneCountInString(between)
	l.offset = max(offset, l.offset)
	return l.line, l.column
}

// position turns the lines and columns of yaml.v3, asked for in ascending order, into offsets. It
// counts from 1, columns in characters, byte order marks before a line not at all, and ends lines
// as YAML 1.1 does.
type position struct {
	source       string
	line, column int
	offset       int
}

func newPosition(source string) position {
	return position{source: source, line: 1, column: 1, offset: lineBegin(source, 0)}
}

func (p *position) of(line, column int) int {
	for p.offset < len(p.source) && (p.line < line || p.line == line && p.column < column) {
		if n := syntax.LineBreak(p.source[p.offset:]); n > 0 {
			p.offset += n
			p.line, p.column = p.line+1, 1
			if p.source[p.offset-1] == '\n' {
				p.offset = lineBegin(p.source, p.offset)
			}
			continue
		}
		if p.line < line { // to the end of the line at once
			p.offset += syntax.LineLength(p.source[p.offset:])
			continue
		}
		_, n := utf8.DecodeRuneInString(p.source[p.offset:])
		p.offset += n
		p.column++
	}
	return p.offset
}

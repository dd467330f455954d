package fastyaml

import (
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// scalar reads a scalar: in quotes, or the part of a plain one that is on this line.
func (p *parser) scalar(inFlow bool) token {
	start := p.i
	switch c := p.s[p.i]; c {
	case '"':
		return token{syntax.DoubleQuoted, start, p.quoted(c)}
	case '\'':
		return token{syntax.SingleQuoted, start, p.quoted(c)}
	case '[', '{', ',', ']', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', '?', ':':
		p.unsure()
	case '-':
		if p.blankOrEnd(p.i+1) || inFlow && isFlowIndicator(p.s[p.i+1]) {
			p.unsure()
		}
	}
	return token{syntax.Plain, start, p.plain(inFlow)}
}

// isWord tells the bytes that are nothing but text wherever they stand in a scalar.
var isWord = func() (is [256]bool) {
	for c := range is {
		is[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c >= 0x80 || strings.IndexByte("-_./@=$()", byte(c)) >= 0
	}
	return is
}()

func isFlowIndicator(c byte) bool { return strings.IndexByte(",[]{}", c) >= 0 }

// plain reads the part of a plain scalar that is on this line, without white space at its end.
func (p *parser) plain(inFlow bool) string {
	s, i := p.s, p.i
	end := i
loop:
	for ; ; i++ {
		if i < len(s) && isWord[s[i]] {
			for i++; i < len(s) && isWord[s[i]]; i++ {
			}
			end = i
		}
		if p.atEnd(i) {
			break
		}
		switch c := s[i]; {
		case syntax.IsBlank(c):
			continue
		case c == ':' && p.blankOrEnd(i+1), c == '#' && syntax.IsBlank(s[i-1]), inFlow && isFlowIndicator(c):
			break loop
		case inFlow && (c == '?' || c == ':' && isFlowIndicator(s[i+1])):
			p.unsure()
		}
		end = i + 1
	}
	text := s[p.i:end]
	p.i = end
	return text
}

// endsPlain tells whether a plain scalar ends with this line since there is something else in the next one, and goes there: mostly.
func (p *parser) endsPlain(indent int) bool {
	line := p.i + 1
	if line >= len(p.s) || p.s[p.i] != '\n' {
		return false
	}
	next := p.spaces(line)
	if next == len(p.s) || next-line > indent || p.s[next] <= ' ' {
		return false
	}
	p.i, p.line = next, line
	return true
}

// plainLines reads the rest of a plain scalar, over as many lines as are right of indent, and goes behind the last of them. It
// returns the whole value.
func (p *parser) plainLines(first string, indent int) string {
	if indent < 0 {
		p.unsure()
	}
	text := append(p.text[:0], first...)
	for {
		blanks := p.i
		for blanks < len(p.s) && syntax.IsBlank(p.s[blanks]) {
			blanks++
		}
		folded, length, ok := syntax.Fold(p.s[p.i:])
		next := p.i + length
		if !ok || next == len(p.s) {
			break
		}
		if strings.IndexByte(p.s[blanks:next], '\t') >= 0 {
			p.unsure()
		}
		line := p.i + strings.LastIndexByte(p.s[p.i:next], '\n') + 1
		if next-line <= indent || p.s[next] == '#' {
			break
		}
		p.i, p.line = next, line
		text = append(append(text, folded...), p.plain(false)...)
	}
	p.endLine()
	if p.text = text; len(text) > len(first) {
		return string(text)
	}
	return first
}

// quoted reads a scalar between quotes, and returns its value.
func (p *parser) quoted(quote byte) string {
	s, text := p.s, p.text[:0]
	p.i++
	from := p.i // of what is not in text yet
	for p.i < len(s) {
		read, length := "", 0
		switch c := s[p.i]; {
		case isWord[c]:
		case c == quote && quote == '\'' && strings.HasPrefix(s[p.i:], "''"):
			read, length = "'", 2
		case c == quote:
			value := s[from:p.i]
			if p.i++; len(text) > 0 {
				p.text = append(text, value...)
				value = string(p.text)
			}
			return value
		case c == '\\' && quote == '"':
			var ok bool
			if read, length, ok = syntax.Unescape(s[p.i:]); !ok {
				p.unsure()
			}
		case syntax.IsBlank(c), c == '\n', c == '\r':
			read, length, _ = syntax.Fold(s[p.i:])
		}
		if length == 0 {
			p.i++
			continue
		}
		text = append(append(text, s[from:p.i]...), read...)
		p.moved(length)
		from = p.i
	}
	p.unsure()
	return ""
}

// moved goes n bytes on in a quoted scalar, maybe over line breaks: no document may end there.
func (p *parser) moved(n int) {
	for end := p.i + n; p.i < end; p.i++ {
		if p.s[p.i] == '\n' {
			if p.line = p.i + 1; p.markerAt(p.line) {
				p.unsure()
			}
		}
	}
}

// blockScalar reads a literal or folded scalar in a block collection whose column is indent.
func (p *parser) blockScalar(indent int) {
	if indent < 0 {
		p.unsure()
	}
	t := token{style: syntax.Literal, offset: p.i}
	if p.s[p.i] == '>' {
		t.style = syntax.Folded
	}
	chomp, explicit := byte(0), 0
	for p.i++; !p.blankOrEnd(p.i); p.i++ {
		switch c := p.s[p.i]; {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
		case '1' <= c && c <= '9' && explicit == 0:
			explicit = int(c - '0')
		default:
			p.unsure()
		}
	}
	p.endLine()
	column := indent + explicit
	if explicit == 0 {
		column = p.detectColumn(indent + 1)
	}
	text := p.text[:0]
	lineBreak, wasBlank := "", false // of the last line
	empty := p.emptyLines(column)    // how many there are behind it
	for p.i < len(p.s) && p.column() == column {
		blank := syntax.IsBlank(p.s[p.i])
		if t.style == syntax.Folded && lineBreak != "" && !wasBlank && !blank {
			if empty == 0 {
				text = append(text, ' ')
			}
		} else {
			text = append(text, lineBreak...)
		}
		for range empty {
			text = append(text, '\n')
		}
		wasBlank, lineBreak = blank, ""
		end := p.lineEnd()
		text = append(text, strings.TrimSuffix(p.s[p.i:end], "\r")...)
		if end < len(p.s) {
			lineBreak = "\n"
		}
		p.next()
		empty = p.emptyLines(column)
	}
	if chomp != '-' {
		text = append(text, lineBreak...)
	}
	for range empty {
		if chomp == '+' {
			text = append(text, '\n')
		}
	}
	p.i = p.line // what follows is read from the beginning of its line
	t.value, p.text = string(text), text
	p.add(t, false)
}

// detectColumn returns the column of a block scalar's lines, which is that of its first line that is not empty, and at least the
// given one.
func (p *parser) detectColumn(least int) int {
	widest := 0
	for line := p.i; ; {
		i := p.spaces(line)
		if i < len(p.s) && p.s[i] == '\t' {
			p.unsure()
		}
		if i == len(p.s) || !p.atEnd(i) {
			if widest > i-line {
				p.unsure()
			}
			return max(i-line, least)
		}
		widest = max(widest, i-line)
		line = i + strings.IndexByte(p.s[i:], '\n') + 1
	}
}

// emptyLines goes over empty lines, and over the indentation of the line behind them up to column. It returns how many there are.
func (p *parser) emptyLines(column int) (n int) {
	for ; ; n++ {
		for p.i < len(p.s) && p.column() < column && p.s[p.i] == ' ' {
			p.i++
		}
		if p.i < len(p.s) && p.column() < column && p.s[p.i] == '\t' {
			p.unsure()
		}
		if p.i >= len(p.s) || !p.atEnd(p.i) {
			return n
		}
		p.next()
	}
}

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
		is[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c >= 0x80 ||
			strings.IndexByte("-_./@=$()", byte(c)) >= 0
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

// endsPlain tells whether a plain scalar ends with this line since there is something else in the
// next one, and goes there: mostly.
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

// plainLines reads the rest of a plain scalar, over as many lines as are right of indent, and goes
// behind the last of them. It returns the whole value.
func (p *parser) plainLines(first string, indent int) string {
	if indent < 0 {
		p.unsure()
	}
	text := append(p.text[:0], first...)
	for {
		folded, length, ok := syntax.Fold(p.s[p.i:])
		next := p.i + length
		if !ok || next == len(p.s) {
			break
		}
		if strings.Contains(strings.TrimLeft(p.s[p.i:next], " \t"), "\t") {
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
		case !p.json && (syntax.IsBlank(c) || c == '\n' || c == '\r'):
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
	chomping, column := byte(0), 0 // of its text, or 0 as long as that is not known
	for p.i++; !p.blankOrEnd(p.i); p.i++ {
		switch c := p.s[p.i]; {
		case (c == '+' || c == '-') && chomping == 0:
			chomping = c
		case '1' <= c && c <= '9' && column == 0:
			column = indent + int(c-'0')
		default:
			p.unsure()
		}
	}
	p.endLine()
	t.value = p.blockText(t.style, chomping, column, indent+1)
	p.add(t, false)
}

// blockText reads the lines of a block scalar. Their column is that of the first with text, and at
// least least.
func (p *parser) blockText(style syntax.Style, chomping byte, column, least int) string {
	text, wasBlank := p.text[:0], false
	breaks, widest := 0, 0 // line breaks since the last text; spaces before the first one
	for ; p.i < len(p.s); p.next() {
		line := strings.TrimSuffix(p.s[p.i:p.lineEnd()], "\r")
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		isText := spaces < len(line)
		if column == 0 {
			if widest = max(widest, spaces); isText && (spaces < widest || line[spaces] == '\t') {
				p.unsure()
			}
			if isText {
				column = max(spaces, least)
			}
		}
		if isText && spaces < column {
			if line[spaces] == '\t' {
				p.unsure()
			}
			break
		}
		if column > 0 && len(line) > column {
			isBlank := syntax.IsBlank(line[column])
			if style == syntax.Folded && len(text) > 0 && !wasBlank && !isBlank {
				if breaks--; breaks == 0 {
					text = append(text, ' ')
				}
			}
			text = append(append(text, strings.Repeat("\n", breaks)...), line[column:]...)
			breaks, wasBlank = 0, isBlank
		}
		if p.lineEnd() < len(p.s) {
			breaks++
		}
	}
	if chomping == '-' || chomping == 0 && len(text) == 0 {
		breaks = 0
	} else if chomping == 0 {
		breaks = min(breaks, 1)
	}
	p.text = append(text, strings.Repeat("\n", breaks)...)
	return string(p.text)
}

package fastyaml

import (
	"strings"

	"inject-related-images/internal/yamltext/internal/syntax"
)

// flow reads a flow collection.
func (p *parser) flow() {
	kind, end := syntax.Sequence, byte(']')
	if p.s[p.i] == '{' {
		kind, end = syntax.Mapping, '}'
	}
	index := p.begin(kind, p.i)
	p.events[index].flow = true
	p.i++
	for p.skipFlow(); p.s[p.i] != end; {
		if kind == syntax.Mapping {
			p.flowKey()
		}
		p.flowValue()
		switch p.s[p.i] {
		case ',':
			p.i++
			p.skipFlow()
		case end:
		default:
			p.unsure()
		}
	}
	p.i++
	p.end(index)
}

// flowKey reads a key of a flow mapping, and goes to its value.
func (p *parser) flowKey() {
	line, key := p.line, p.scalar(true)
	p.add(key, true)
	p.skipFlow()
	if p.s[p.i] != ':' || p.line != line || p.i-key.offset > maxKey {
		p.unsure()
	}
	if p.i++; key.style == syntax.Plain && !p.blankOrEnd(p.i) {
		p.unsure()
	}
	p.skipFlow()
}

// flowValue reads a value or an item, and goes to the token behind it. A plain scalar that goes on in the next line is no such.
func (p *parser) flowValue() {
	if c := p.s[p.i]; c == '[' || c == '{' {
		p.flow()
	} else {
		p.add(p.scalar(true), false)
	}
	p.skipFlow()
}

// skipFlow goes to the next token in a flow collection, maybe over line breaks.
func (p *parser) skipFlow() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case syntax.IsBlank(c):
			p.i++
		case c == '\n', c == '\r', c == '#' && p.isComment():
			if p.next(); p.markerAt(p.i) {
				p.unsure()
			}
		default:
			return
		}
	}
	p.unsure()
}

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

// plainLines reads the rest of a plain scalar, over as many lines as are right of indent, and goes behind the line that it ends in.
func (p *parser) plainLines(indent int) (rest string) {
	if indent < 0 {
		p.unsure()
	}
	for {
		if line := p.i + 1; line < len(p.s) && p.s[p.i] == '\n' {
			next := p.spaces(line)
			if next < len(p.s) && next-line <= indent && p.s[next] > '#' { // as mostly: it is something else
				p.i, p.line = next, line
				return rest
			}
		}
		blanks := p.i
		for blanks < len(p.s) && syntax.IsBlank(p.s[blanks]) {
			blanks++
		}
		text, length, ok := syntax.Fold(p.s[p.i:])
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
		rest += text + p.plain(false)
		if i := p.spaces(p.i); !p.blankOrEnd(i) && p.s[i] == ':' {
			p.unsure()
		}
	}
	p.endLine()
	return rest
}

// quoted reads a scalar between quotes, and returns its value.
func (p *parser) quoted(quote byte) string {
	s, value := p.s, ""
	p.i++
	from := p.i // of what is not in value yet
	for p.i < len(s) {
		text, length := "", 0
		switch c := s[p.i]; {
		case isWord[c]:
		case c == quote && quote == '\'' && strings.HasPrefix(s[p.i:], "''"):
			text, length = "'", 2
		case c == quote:
			value += s[from:p.i]
			p.i++
			return value
		case c == '\\' && quote == '"':
			var ok bool
			if text, length, ok = syntax.Unescape(s[p.i:]); !ok {
				p.unsure()
			}
		case syntax.IsBlank(c), c == '\n', c == '\r':
			text, length, _ = syntax.Fold(s[p.i:])
		}
		if length == 0 {
			p.i++
			continue
		}
		value += s[from:p.i] + text
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

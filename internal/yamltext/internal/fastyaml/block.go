package fastyaml

import "inject-related-images/internal/yamltext/internal/syntax"

// block reads the node that begins here, in a block collection whose column is indent. No other
// block collection can begin on the line of a key, behind it.
func (p *parser) block(indent int, behindKey bool) {
	switch c := p.s[p.i]; {
	case c == '[', c == '{':
		p.flow()
		p.endLine()
		return
	case c == '|', c == '>':
		p.blockScalar(indent)
		return
	case c == '-' && !behindKey && p.blankOrEnd(p.i+1):
		p.sequence()
		return
	}
	line := p.line
	t := p.scalar(false)
	if !behindKey && line == p.line && p.colon(t) {
		p.mapping(t)
		return
	}
	if t.style != syntax.Plain {
		p.endLine()
	} else if !p.endsPlain(indent) {
		t.value = p.plainLines(t.value, indent)
	}
	p.add(t, false)
}

// colon tells whether the colon of a pair comes now, which makes the scalar before it a key, and
// goes behind it.
func (p *parser) colon(key token) bool {
	i := p.spaces(p.i)
	if i == len(p.s) || p.s[i] != ':' || !p.blankOrEnd(i+1) {
		return false
	}
	if p.i = i + 1; p.i-key.offset > maxKey {
		p.unsure()
	}
	return true
}

func (p *parser) sequence() {
	column, index := p.column(), p.begin(syntax.Sequence, p.i)
	for {
		p.i++ // the dash
		item := p.beginItem()
		p.value(column, false)
		p.endItem(item)
		p.skip()
		switch {
		case p.i < len(p.s) && p.column() > column:
			p.unsure()
		case p.i == len(p.s) || p.column() < column || p.s[p.i] != '-' || !p.blankOrEnd(p.i+1):
			p.end(index)
			return
		}
	}
}

// mapping reads a mapping behind the colon of its first key.
func (p *parser) mapping(key token) {
	column, index := key.offset-p.line, p.begin(syntax.Mapping, key.offset)
	for {
		pair := p.beginPair(key)
		p.value(column, true)
		p.endPair(pair)
		p.skip()
		switch {
		case p.i == len(p.s) || p.column() < column || p.atMarker():
			p.end(index)
			return
		case p.column() > column:
			p.unsure()
		}
		line := p.line
		if key = p.scalar(false); line != p.line || !p.colon(key) {
			p.unsure()
		}
	}
}

// value reads what comes behind a dash or a key of a collection at column: on the same line, or on
// the next ones, where it begins right of column, or in the column of a key if it is a sequence.
// Else it is null.
func (p *parser) value(column int, behindKey bool) {
	null := token{offset: p.i}
	p.i = p.spaces(p.i)
	if p.i < len(p.s) && p.s[p.i] == '\t' {
		p.unsure()
	}
	if !p.atEnd(p.i) && p.s[p.i] != '#' {
		p.block(column, behindKey)
		return
	}
	p.skip()
	if p.i < len(p.s) && !p.atMarker() {
		c := p.column()
		if c > column || c == column && behindKey && p.s[p.i] == '-' && p.blankOrEnd(p.i+1) {
			p.block(column, false)
			return
		}
	}
	p.add(null, false)
}

package fastyaml

import "inject-related-images/internal/yamltext/internal/syntax"

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
			pair := p.beginPair(p.flowKey())
			p.skipFlow()
			p.flowValue()
			p.endPair(pair)
		} else {
			item := p.beginItem()
			p.flowValue()
			p.endItem(item)
		}
		p.skipFlow()
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

// flowKey reads a key of a flow mapping, and the colon behind it.
func (p *parser) flowKey() token {
	line, key := p.line, p.scalar(true)
	p.skipFlow()
	if p.s[p.i] != ':' || !p.json && (p.line != line || p.i-key.offset > maxKey) {
		p.unsure()
	}
	if p.i++; key.style == syntax.Plain && !p.blankOrEnd(p.i) {
		p.unsure()
	}
	return key
}

// flowValue reads an item, or the value of a pair.
func (p *parser) flowValue() {
	if c := p.s[p.i]; c == '[' || c == '{' {
		p.flow()
	} else {
		p.add(p.scalar(true), false) // behind the first of several lines of a plain one comes no sign
	}
}

// skipFlow goes to the next token in a flow collection, maybe over line breaks.
func (p *parser) skipFlow() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case syntax.IsBlank(c), c == '\r' && p.json:
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

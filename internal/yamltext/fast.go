package yamltext

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// errUnsure says that a text is not of the simple kind that fastParser reads.
var errUnsure = errors.New("unsure")

// fastParser reads the YAML that people and programs mostly write, and JSON, in a tenth of the time that yaml.v3 takes: block
// and flow collections, all styles of scalars, comments, documents that begin with ---. At whatever else it meets (anchors, tags,
// aliases, directives, explicit keys, tabs as indentation, exotic line breaks, errors of all kinds) it is unsure, and yaml.v3
// reads the text instead. What it does read it reads as yaml.v3 does; tests and a fuzzer compare them.
//
// It goes beyond yaml.v3 in one thing: JSON's escapes \/ and those of surrogate pairs.
type fastParser struct {
	s       string
	i       int
	line    int // where the current line begins
	depth   int
	arena   *Arena
	content []*Node // of the collections that are being read, the innermost last
	text    []byte  // of the block scalar that is being read
	sign    int     // the first number sign from the last value of words on, or the end, or none
	pruner
}

// parseFast returns the roots of all documents of s, or errUnsure. s is simpleText. It leaves out what is of no interest, unless that is
// nil.
func (a *Arena) parseFast(s string, of *Interest) (docs []*Node, err error) {
	defer unsure(&err)
	p := a.parse(s)
	if of != nil {
		a.words = append(of.find(s, a.words[:0]), all)
		p.prune(of.Keys, a.words)
	}
	if strings.HasPrefix(s, "\uFEFF") {
		p.i, p.line = len("\uFEFF"), len("\uFEFF")
	}
	for p.skip(); p.i < len(p.s); p.skip() {
		if len(p.content) > 0 && !p.atMarker() {
			p.unsure()
		}
		if p.atMarker() {
			if p.s[p.i] != '-' {
				p.unsure()
			}
			p.i += len("---")
			p.endLine()
			p.skip()
		}
		if p.i == len(p.s) || p.atMarker() {
			p.unsure() // an empty document
		}
		doc := p.document()
		p.content = append(p.content, doc)
	}
	return a.links(p.content), nil
}

// reread reads the scalar that begins at offset of s, in the line that begins at line, in the place of n, and what follows on it in its
// line. It returns the scalar and where the parser comes to next, or errUnsure.
func (a *Arena) reread(s string, line, offset int, n *Node) (scalar Node, end int, err error) {
	defer unsure(&err)
	defer a.release(a.mark())
	p := a.parse(s)
	if p.blankOrEnd(offset) { // it would begin behind that
		p.unsure()
	}
	p.i, p.line = offset, line
	if n.in == inFlow {
		scalar = *p.flowNode()
	} else {
		scalar = *p.inline(n.in.column())
	}
	return scalar, p.i, nil
}

// parse returns a parser of s, which is the only one in a.
func (a *Arena) parse(s string) *fastParser {
	p := &a.parser
	*p = fastParser{s: s, arena: a, content: p.content[:0], text: p.text, pruner: pruner{word: all, whole: true, pending: p.pending[:0]}}
	return p
}

func (p *fastParser) unsure() { panic(errUnsure) }

// unsure makes an error of the panic errUnsure.
func unsure(err *error) {
	if p := recover(); p == errUnsure {
		*err = errUnsure
	} else if p != nil {
		panic(p)
	}
}

// collect returns the collection that began at offset, of the nodes that were read since the given number of them.
func (p *fastParser) collect(kind Kind, offset, since int) *Node {
	n := p.arena.node()
	n.Kind, n.Offset, n.Content = kind, offset, p.arena.links(p.content[since:])
	p.content = p.content[:since]
	return n
}

// token is a scalar that has been read.
type token struct {
	start int
	text  string // its value
	style Style
	in    place // where it stands, if it is a value
}

// scalar returns the node of a value that ends here, if it is wanted.
func (p *fastParser) scalar(t token) *Node {
	if !p.keep && !p.wants(t.start) {
		p.left = t
		return leftOut
	}
	return p.node(t)
}

func (p *fastParser) node(t token) *Node {
	n := p.arena.node()
	n.Kind, n.Offset, n.Style, n.Value, n.Tag, n.in = Scalar, t.start, t.style, t.text, "!!str", t.in
	if t.style == Plain {
		n.Tag = resolve(t.text)
	}
	return n
}

// resolve tells the tag of a plain scalar. What is no word and no plain number it asks yaml.v3.
func resolve(value string) string {
	switch value {
	case "":
		return "!!null"
	case "<<":
		return "!!merge"
	case "true", "false":
		return "!!bool"
	}
	switch c := value[0]; {
	case c|0x20 == 't', c|0x20 == 'f', c|0x20 == 'y', c|0x20 == 'n', c|0x20 == 'o':
		if len(value) > len("false") {
			return "!!str"
		}
		switch strings.ToLower(value) {
		case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		default:
			return "!!str"
		}
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '/', c == '$', c == '(', c >= 0x80:
		return "!!str"
	case '0' <= c && c <= '9':
		digits := 0
		for digits < len(value) && '0' <= value[digits] && value[digits] <= '9' {
			digits++
		}
		switch {
		case c != '0' && digits == len(value) && digits < 18:
			return "!!int"
		case digits < len(value) && strings.IndexByte("_.:+-eETt xXoObB", value[digits]) < 0, // 2Gi is neither a number nor a time
			strings.Count(value, ".") > 1 && strings.Trim(value, "0123456789.") == "": // nor is a version
			return "!!str"
		}
	}
	n := yaml.Node{Kind: yaml.ScalarNode, Value: value}
	return n.ShortTag()
}

// atEnd tells whether the line ends at offset i.
func (p *fastParser) atEnd(i int) bool {
	return i >= len(p.s) || p.s[i] == '\n' || p.s[i] == '\r' && p.s[i+1] == '\n'
}

// blankOrEnd tells whether a token ends at offset i.
func (p *fastParser) blankOrEnd(i int) bool { return p.atEnd(i) || isBlank(p.s[i]) }

func (p *fastParser) column() int { return p.i - p.line }

// next goes to the beginning of the next line.
func (p *fastParser) next() {
	if p.i < len(p.s) && p.s[p.i] == '\n' {
		p.i++
		p.line = p.i
		return
	}
	n := strings.IndexByte(p.s[p.i:], '\n')
	if n < 0 {
		p.i = len(p.s)
	} else {
		p.i += n + 1
	}
	p.line = p.i
}

// skip goes from the beginning of a line, or from a token in it, to the next token.
func (p *fastParser) skip() {
	for {
		i := spaces(p.s, p.i)
		if p.i = i; i == len(p.s) {
			return
		}
		switch c := p.s[i]; {
		case c > '#':
			return
		case p.atEnd(i), c == '#' && (i == p.line || isBlank(p.s[i-1])):
			p.next()
		case c == '\t':
			p.unsure()
		default:
			return
		}
	}
}

// endLine goes over white space and a comment to the end of the line, which must come now.
func (p *fastParser) endLine() {
	start := p.i
	for p.i < len(p.s) && isBlank(p.s[p.i]) {
		p.i++
	}
	if !p.atEnd(p.i) && (p.s[p.i] != '#' || p.i == start) {
		p.unsure()
	}
	p.next()
}

// atMarker tells whether a line that begins or ends a document begins here.
func (p *fastParser) atMarker() bool { return p.i == p.line && p.markerAt(p.i) }

func (p *fastParser) markerAt(i int) bool {
	return len(p.s)-i >= 3 && (p.s[i:i+3] == "---" || p.s[i:i+3] == "...") && p.blankOrEnd(i+3)
}

// deeper bounds recursion.
func (p *fastParser) deeper() {
	if p.depth++; p.depth > 500 {
		p.unsure()
	}
}

// block reads the node that begins here, as part of a block collection whose column is indent.
func (p *fastParser) block(indent int) *Node {
	p.deeper()
	n := p.blockNode(indent)
	p.depth--
	return n
}

func (p *fastParser) blockNode(indent int) *Node {
	start, line := p.i, p.line
	switch c := p.s[p.i]; c {
	case '-':
		if p.blankOrEnd(p.i + 1) {
			return p.sequence()
		}
	case '[', '{':
		n := p.flow()
		p.endLine()
		return n
	case '"', '\'':
		text := p.quoted()
		if line == p.line && p.colon() {
			return p.mapping(token{start: start, text: text, style: quoteStyle(c)})
		}
		p.endLine()
		return p.scalar(token{start, text, quoteStyle(c), below(indent)})
	case '|', '>':
		if indent < 0 {
			p.unsure()
		}
		return p.blockScalar(indent)
	case ',', ']', '}', '#', '&', '*', '!', '%', '@', '`', '?', ':':
		p.unsure()
	}
	if word, ok := p.wordKey(); ok {
		return p.mapping(token{start: start, text: word})
	}
	text := p.plainLine(false)
	if p.colon() {
		return p.mapping(token{start: start, text: text})
	}
	return p.plain(indent, start, text)
}

// colon tells whether the : of a mapping's value comes now, which makes what came before a key, and goes behind it.
func (p *fastParser) colon() bool {
	i := p.i
	for i < len(p.s) && p.s[i] == ' ' {
		i++
	}
	if i == len(p.s) || p.s[i] != ':' || !p.blankOrEnd(i+1) {
		return false
	}
	p.i = i + 1
	return true
}

func (p *fastParser) sequence() *Node {
	start, column, since := p.i, p.column(), len(p.content)
	for {
		item := p.i
		p.i++ // the dash
		p.keep, p.eager = false, false
		value := p.value(column, column)
		if !p.wants(item) {
			value = nothing
		}
		p.content = append(p.content, value)
		if p.i == p.line {
			p.skip()
		}
		switch {
		case p.i < len(p.s) && p.column() > column:
			p.unsure()
		case p.i == len(p.s) || p.column() < column || p.s[p.i] != '-' || !p.blankOrEnd(p.i+1) || p.atMarker():
			if !p.wants(start) && p.depth > 1 { // the root is what it is
				p.content = p.content[:since]
				return nothing
			}
			return p.collect(Sequence, start, since)
		}
	}
}

// mapping reads a block mapping behind the colon of its first key.
func (p *fastParser) mapping(k token) *Node {
	start, column, since, pending, eager := k.start, k.start-p.line, len(p.content), len(p.pending), p.eager
	for {
		if p.i-k.start > 1000 {
			p.unsure() // YAML bounds the length of keys
		}
		var value *Node
		if p.wants(k.start) { // for its key
			whole := p.whole
			p.whole = true
			value = p.mappingValue(column)
			p.whole = whole
		} else {
			keep := eager || len(p.content) > since
			named := (keep || p.word != all) && p.names(k.text) // else nothing can make it wanted
			keep = keep && named
			p.keep, p.eager = keep, named
			value = p.mappingValue(column)
			if !keep && !p.wants(k.start) {
				if named {
					p.pending = append(p.pending, pair{k, value, p.left})
				}
				value = nil
			}
		}
		if value != nil {
			if len(p.pending) > pending {
				p.flush(pending)
			}
			p.content = append(p.content, p.node(k), value)
		}
		if p.i == p.line {
			p.skip()
		}
		switch {
		case p.i == len(p.s) || p.column() < column || p.atMarker():
			if len(p.content) == since {
				p.pending = p.pending[:pending]
				return nothing
			}
			return p.collect(Mapping, start, since)
		case p.column() > column:
			p.unsure()
		}
		k = p.key()
	}
}

// key reads a key of a block mapping that is not its first, and goes behind its colon.
func (p *fastParser) key() token {
	k := token{start: p.i}
	if word, ok := p.wordKey(); ok {
		k.text = word
		return k
	}
	switch c := p.s[p.i]; c {
	case '"', '\'':
		line := p.line
		if k.style, k.text = quoteStyle(c), p.quoted(); line != p.line {
			p.unsure()
		}
	case '[', '{', '|', '>', ',', ']', '}', '#', '&', '*', '!', '%', '@', '`', '?', ':':
		p.unsure()
	case '-':
		if p.blankOrEnd(p.i + 1) {
			p.unsure()
		}
		fallthrough
	default:
		k.text = p.plainLine(false)
	}
	if !p.colon() {
		p.unsure()
	}
	return k
}

// wordKey reads a key that is a word, as almost all are, and goes behind its colon. Or it does nothing.
func (p *fastParser) wordKey() (word string, ok bool) {
	s, i := p.s, p.i
	if !beginsWord[s[i]] {
		return "", false
	}
	i = textEnd(s, i, ' ')
	if i+1 >= len(s) || s[i] != ':' || s[i+1] != ' ' && s[i+1] != '\n' {
		return "", false
	}
	word = s[p.i:i]
	p.i = i + 1
	return word, true
}

// wordValue reads a value of words behind its colon, and goes to the next line, in which it must not go on: as most are. Or it does
// nothing, and returns nil.
func (p *fastParser) wordValue(column int) *Node {
	s, start := p.s, p.i+1
	if start >= len(s) || s[p.i] != ' ' || !beginsWord[s[start]] {
		return nil
	}
	end := textEnd(s, start, ' '-1)
	for end+1 < len(s) && s[end] == ':' && s[end+1] > ' ' {
		end = textEnd(s, end+1, ' '-1)
	}
	if end == len(s) || s[end] != '\n' || s[end-1] == ' ' || p.sign < end && p.signs(start, end) {
		return nil
	}
	line := end + 1
	next := spaces(s, line)
	if next == len(s) || s[next] <= ' ' || next-line > column {
		return nil
	}
	if s[next] == '#' {
		next = line
	}
	p.i, p.line = next, line
	return p.scalar(token{start, s[start:end], Plain, below(column)})
}

// signs tells whether there is a number sign in the text between start and end.
func (p *fastParser) signs(start, end int) bool {
	if p.sign < start {
		if p.sign = start + strings.IndexByte(p.s[start:], '#'); p.sign < start {
			p.sign = len(p.s)
		}
	}
	return p.sign < end
}

// mappingValue reads a value behind its colon: in the next lines it may be a sequence as far left as its key.
func (p *fastParser) mappingValue(column int) *Node {
	if n := p.wordValue(column); n != nil {
		return n
	}
	return p.value(column, column-1)
}

// value reads what comes behind a dash or a colon of a collection at column: on the same line, or on the next ones, where it
// begins right of column, or of sequences when it is a sequence of a mapping. Else it is null.
func (p *fastParser) value(column, sequences int) *Node {
	after, isDash := p.i, p.s[p.i-1] == '-'
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '\t' {
		p.unsure()
	}
	if !p.atEnd(p.i) && (p.s[p.i] != '#' || p.i == after) {
		if isDash {
			return p.block(column)
		}
		return p.inline(column)
	}
	p.skip()
	if p.i < len(p.s) && !p.atMarker() {
		c := p.column()
		if c > column || c > sequences && p.s[p.i] == '-' && p.blankOrEnd(p.i+1) {
			return p.block(column)
		}
	}
	return p.scalar(token{start: after, in: below(column)})
}

// inline reads a value on the line of its key: no block collection can begin there.
func (p *fastParser) inline(column int) *Node {
	start := p.i
	switch c := p.s[p.i]; c {
	case '[', '{':
		n := p.flow()
		p.endLine()
		return n
	case '"', '\'':
		text := p.quoted()
		p.endLine()
		return p.scalar(token{start, text, quoteStyle(c), below(column)})
	case '|', '>':
		return p.blockScalar(column)
	case ',', ']', '}', '#', '&', '*', '!', '%', '@', '`', '?', ':':
		p.unsure()
	case '-':
		if p.blankOrEnd(p.i + 1) {
			p.unsure()
		}
	}
	text := p.plainLine(false)
	if p.colon() {
		p.unsure()
	}
	return p.plain(column, start, text)
}

// isWord tells the bytes that are nothing but text wherever they stand in a scalar.
var isWord = func() (is [256]bool) {
	for c := range is {
		is[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c >= 0x80 || strings.IndexByte("-_./@=$()", byte(c)) >= 0
	}
	return is
}()

// beginsWord tells the bytes with which nothing but text can begin.
var beginsWord = func() (is [256]bool) {
	for c := range is {
		is[c] = isWord[c] && c != '-' && c != '@'
	}
	return is
}()

// plainLine reads the part of a plain scalar that is on this line, without white space at its end.
func (p *fastParser) plainLine(inFlow bool) string {
	s, i := p.s, p.i
	end := i
	for ; ; i++ {
		if i < len(s) && isWord[s[i]] {
			for i++; i < len(s) && isWord[s[i]]; i++ {
			}
			end = i
		}
		if p.atEnd(i) {
			break
		}
		c := s[i]
		if isBlank(c) {
			continue
		}
		if c == ':' && p.blankOrEnd(i+1) || c == '#' && isBlank(s[i-1]) || inFlow && strings.IndexByte(",[]{}", c) >= 0 {
			break
		}
		if inFlow && (c == '?' || c == ':' && strings.IndexByte(",[]{}", s[i+1]) >= 0) {
			p.unsure()
		}
		end = i + 1
	}
	text := s[p.i:end]
	p.i = end
	return text
}

// plain reads the rest of a plain scalar, over as many lines as are right of indent, behind the text on its first line.
func (p *fastParser) plain(indent, start int, value string) *Node {
	if indent < 0 {
		p.unsure()
	}
	for !p.outdented(indent) {
		blanks := p.i
		for blanks < len(p.s) && isBlank(p.s[blanks]) {
			blanks++
		}
		if !p.atEnd(blanks) { // a comment ends the scalar
			break
		}
		text, n, ok := fold(p.s[p.i:])
		if !ok || p.i+n == len(p.s) {
			break
		}
		line := p.i + strings.LastIndexByte(p.s[p.i:p.i+n], '\n') + 1
		if strings.IndexByte(p.s[blanks:p.i+n], '\t') >= 0 {
			p.unsure()
		}
		if p.i+n-line <= indent || p.s[p.i+n] == '#' {
			break
		}
		p.i, p.line = p.i+n, line
		more := p.plainLine(false)
		if p.colon() {
			p.unsure()
		}
		value += text + more
	}
	p.endLine()
	return p.scalar(token{start, value, Plain, below(indent)})
}

// outdented tells whether the line ends here and the next one is not right of indent, as a rule.
func (p *fastParser) outdented(indent int) bool {
	if p.i == len(p.s) || p.s[p.i] != '\n' {
		return false
	}
	line := p.i + 1
	next := spaces(p.s, line)
	return next < len(p.s) && next-line <= indent && p.s[next] > ' '
}

// quoteStyle is the style of a scalar in the quotes c.
func quoteStyle(c byte) Style {
	if c == '"' {
		return DoubleQuoted
	}
	return SingleQuoted
}

// quoted reads a single- or double-quoted scalar, and returns its value.
func (p *fastParser) quoted() string {
	s, quote := p.s, p.s[p.i]
	p.i++
	from := p.i
	if n := strings.IndexByte(s[from:], quote); n >= 0 { // mostly there is nothing more to it
		value, end := s[from:from+n], from+n+1
		escapes := quote == '"' && strings.Contains(value, "\\") || quote == '\'' && strings.HasPrefix(s[end:], "'")
		if !escapes && !strings.Contains(value, "\n") {
			p.i = end
			return value
		}
	}
	var b strings.Builder
	for p.i < len(s) {
		switch c := s[p.i]; {
		case isWord[c], c == ' ' && p.i+1 < len(s) && isWord[s[p.i+1]]:
			p.i++
		case c == quote && quote == '\'' && p.i+1 < len(s) && s[p.i+1] == quote:
			b.WriteString(s[from : p.i+1])
			p.i += 2
			from = p.i
		case c == quote:
			value := s[from:p.i]
			if b.Len() > 0 {
				b.WriteString(value)
				value = b.String()
			}
			p.i++
			return value
		case c == '\\' && quote == '"':
			text, n, ok := unescape(s[p.i:])
			if !ok {
				p.unsure()
			}
			b.WriteString(s[from:p.i])
			b.WriteString(text)
			p.moved(n)
			from = p.i
		case isBlank(c), c == '\n', c == '\r':
			text, n, ok := fold(s[p.i:])
			if !ok {
				p.i++
				continue
			}
			b.WriteString(s[from:p.i])
			b.WriteString(text)
			p.moved(n)
			from = p.i
		default:
			p.i++
		}
	}
	p.unsure()
	return ""
}

// moved goes n bytes on in a quoted scalar, maybe over line breaks: no document may end there.
func (p *fastParser) moved(n int) {
	for lines := p.s[p.i : p.i+n]; ; {
		i := strings.IndexByte(lines, '\n')
		if i < 0 {
			break
		}
		p.line = p.i + n - len(lines) + i + 1
		lines = lines[i+1:]
		if p.markerAt(p.line) {
			p.unsure()
		}
	}
	p.i += n
}

// skipFlow goes to the next token in a flow collection, maybe over line breaks.
func (p *fastParser) skipFlow() {
	for p.i < len(p.s) {
		switch {
		case isBlank(p.s[p.i]):
			p.i++
		case p.atEnd(p.i), p.s[p.i] == '#' && (p.i == p.line || isBlank(p.s[p.i-1])):
			p.next()
			if p.markerAt(p.i) {
				p.unsure()
			}
		default:
			return
		}
	}
	p.unsure()
}

// flow reads a flow collection. If something in it turns out to be of interest, it is read again: they are short, but for JSON, which
// is of interest as a whole.
func (p *fastParser) flow() *Node {
	start, line := p.i, p.line
	if !p.keep && !p.eager {
		n := p.flowCollection()
		if p.flows > 0 || n != nothing || !p.wants(start) {
			return n
		}
	}
	whole := p.whole
	p.i, p.line, p.whole = start, line, true
	n := p.flowCollection()
	p.whole = whole
	return n
}

func (p *fastParser) flowCollection() *Node {
	p.deeper()
	p.flows++
	start, since := p.i, len(p.content)
	kind, end := Sequence, byte(']')
	if p.s[p.i] == '{' {
		kind, end = Mapping, '}'
	}
	p.i++
	for p.skipFlow(); p.s[p.i] != end; {
		if kind == Mapping {
			p.flowKey()
		}
		if value := p.flowNode(); p.whole {
			p.content = append(p.content, value)
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
	p.flows--
	p.depth--
	if !p.whole {
		return nothing
	}
	n := p.collect(kind, start, since)
	n.Flow = true
	return n
}

// flowKey reads a key of a flow mapping, and goes to its value.
func (p *fastParser) flowKey() {
	start, line := p.i, p.line
	style, text := p.flowScalar()
	p.skipFlow()
	if p.s[p.i] != ':' || p.line != line || p.i-start > 1000 {
		p.unsure()
	}
	if p.i++; style == Plain && !p.blankOrEnd(p.i) {
		p.unsure()
	}
	p.skipFlow()
	if p.whole {
		p.content = append(p.content, p.node(token{start: start, text: text, style: style}))
	}
}

func (p *fastParser) flowNode() *Node {
	if c := p.s[p.i]; c == '[' || c == '{' {
		return p.flow()
	}
	start := p.i
	style, text := p.flowScalar()
	return p.scalar(token{start, text, style, inFlow})
}

// flowScalar reads a scalar in a flow collection.
func (p *fastParser) flowScalar() (Style, string) {
	switch c := p.s[p.i]; c {
	case '"', '\'':
		return quoteStyle(c), p.quoted()
	case '[', '{', ',', ']', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', '?', ':':
		p.unsure()
	case '-':
		if p.blankOrEnd(p.i+1) || strings.IndexByte(",[]{}", p.s[p.i+1]) >= 0 {
			p.unsure()
		}
	}
	text := p.plainLine(true)
	p.skipFlow()
	if text == "" || strings.IndexByte(",]}:", p.s[p.i]) < 0 {
		p.unsure() // it goes on in the next line
	}
	return Plain, text
}

// blockScalar reads a literal or folded scalar in a block collection whose column is indent.
func (p *fastParser) blockScalar(indent int) *Node {
	start := p.i
	style, chomp, explicit := Literal, byte(0), 0
	if p.s[p.i] == '>' {
		style = Folded
	}
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
		column = p.detect(indent + 1)
	}
	b := p.text[:0]
	var leading, trailing string // the break of the last line, and those of the empty lines behind it
	wasBlank := false
	trailing = p.breaks(column)
	for p.i < len(p.s) && p.column() == column {
		blank := isBlank(p.s[p.i])
		if style == Folded && leading != "" && !wasBlank && !blank {
			if trailing == "" {
				b = append(b, ' ')
			}
		} else {
			b = append(b, leading...)
		}
		b = append(b, trailing...)
		wasBlank = blank
		from := p.i
		if n := strings.IndexByte(p.s[p.i:], '\n'); n >= 0 {
			p.i += n
		} else {
			p.i = len(p.s)
		}
		b = append(b, strings.TrimSuffix(p.s[from:p.i], "\r")...)
		leading = ""
		if p.i < len(p.s) {
			leading = "\n"
		}
		p.next()
		trailing = p.breaks(column)
	}
	if chomp != '-' {
		b = append(b, leading...)
	}
	if chomp == '+' {
		b = append(b, trailing...)
	}
	p.i = p.line // what follows is read from the beginning of its line
	p.text = b
	if !p.keep && !p.eager && !p.wants(start) {
		return nothing
	}
	return p.node(token{start, string(b), style, below(indent)})
}

// detect tells the column of a block scalar's lines by its first line that is not empty, at least the given one.
func (p *fastParser) detect(least int) int {
	widest := 0
	for i := p.i; ; {
		spaces := 0
		for i+spaces < len(p.s) && p.s[i+spaces] == ' ' {
			spaces++
		}
		if i+spaces < len(p.s) && p.s[i+spaces] == '\t' {
			p.unsure()
		}
		if i+spaces >= len(p.s) || !p.atEnd(i+spaces) {
			if widest > spaces {
				p.unsure()
			}
			return max(spaces, least)
		}
		widest = max(widest, spaces)
		i += spaces + strings.IndexByte(p.s[i+spaces:], '\n') + 1
	}
}

// breaks goes over empty lines and over the indentation of the line behind them, up to column, and returns their breaks.
func (p *fastParser) breaks(column int) string {
	n := 0
	for {
		for p.i < len(p.s) && p.column() < column && p.s[p.i] == ' ' {
			p.i++
		}
		if p.i < len(p.s) && p.column() < column && p.s[p.i] == '\t' {
			p.unsure()
		}
		if p.i >= len(p.s) || !p.atEnd(p.i) {
			return strings.Repeat("\n", n)
		}
		n++
		p.next()
	}
}

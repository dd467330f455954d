package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
)

// piece is a document of a stream as it stands there.
type piece struct {
	text   string
	offset int64 // of its first byte in the stream
	lines  int   // that are before it
	open   bool  // it is JSON whose brackets are not closed
}

const bufferSize = 64 << 10

// pieces cuts a stream into its documents without parsing it: a whole index of operators is too
// large to be held. YAML documents begin with a line "---"; JSON objects may also stand one behind
// the other, as opm and jq write them. What holds nothing but comments is no document.
func pieces(r io.Reader) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		c := cutter{yield: yield}
		reader := bufio.NewReaderSize(r, bufferSize)
		for beginsLine := true; !c.stopped; {
			part, err := reader.ReadSlice('\n') // of a long line only a part
			c.add(part, beginsLine)
			beginsLine = err == nil
			switch {
			case err == nil, errors.Is(err, bufio.ErrBufferFull):
			case errors.Is(err, io.EOF):
				c.emit()
				return
			default:
				yield(piece{}, err)
				return
			}
		}
	}
}

// cutter collects a document.
type cutter struct {
	yield   func(piece, error) bool
	stopped bool // yield wants no more
	text    []byte
	offset  int64
	lines   int
	form    form

	inComment bool // outside of a document
	depth     int  // of brackets in JSON
	inString  bool // of JSON
	escaped   bool
}

// form is what a document has turned out to be.
type form uint8

const (
	empty form = iota // comments, directives and white space
	brace             // it has begun with a brace
	json              // and with a quote behind that
	ended             // JSON that is complete
	yaml              // anything else
)

// add adds a line, or a part of one.
func (c *cutter) add(part []byte, beginsLine bool) {
	switch {
	case beginsLine && isMarker(part, "---"): // the document may have directives before it
		if c.form != empty {
			c.emit()
		}
		c.text = append(c.text, part[:3]...)
		part = part[3:]
	case beginsLine && isMarker(part, "..."):
		c.text = append(c.text, part[:3]...)
		part = part[3:]
		c.emit()
	case beginsLine && c.form == empty && bytes.HasPrefix(part, []byte("%")):
		c.inComment = true
	}
	from := 0
	for i := 0; i < len(part) && c.form != yaml; i++ {
		if c.inString && !c.escaped { // it is long: an object in base64
			n := bytes.IndexAny(part[i:], `"\`)
			if n < 0 {
				break
			}
			i += n
		}
		if c.form == ended && part[i] == '{' && !c.inComment {
			c.text = append(c.text, part[from:i]...)
			from = i
			c.emit()
		}
		c.step(part[i])
	}
	c.text = append(c.text, part[from:]...)
}

// isMarker tells whether a line is a marker of YAML, which ends whatever is before it.
func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

// step finds out by the next byte what the document is, and where it ends if it is JSON.
func (c *cutter) step(b byte) {
	switch {
	case c.inComment:
		c.inComment = b != '\n'
	case c.escaped:
		c.escaped = false
	case c.inString:
		c.escaped, c.inString = b == '\\', b != '"'
	case strings.IndexByte(" \t\r\n\xef\xbb\xbf", b) >= 0: // or a byte order mark
	case b == '#' && (c.form == empty || c.form == ended):
		c.inComment = true
	case b == '{' && c.form == empty:
		c.form, c.depth = brace, 1
	case b == '"' && (c.form == brace || c.form == json):
		c.form, c.inString = json, true
	case (b == '{' || b == '[') && c.form == json:
		c.depth++
	case (b == '}' || b == ']') && (c.form == json || c.form == brace):
		if c.depth--; c.depth == 0 {
			c.form = ended
		}
	case c.form != json:
		c.form = yaml
	}
}

// emit yields the document, unless it is empty.
func (c *cutter) emit() {
	if c.form != empty && !c.stopped {
		p := piece{string(c.text), c.offset, c.lines, c.form == json || c.form == brace}
		c.stopped = !c.yield(p, nil)
	}
	c.offset += int64(len(c.text))
	c.lines += bytes.Count(c.text, []byte("\n"))
	*c = cutter{yield: c.yield, stopped: c.stopped, text: c.text[:0], offset: c.offset, lines: c.lines}
}

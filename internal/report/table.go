package report

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/rewrite"
)

// Screen is what a table is written for.
type Screen struct {
	Width int  // in columns
	Color bool // for a terminal that shows colours
}

var colors = map[rewrite.Status]text.Color{
	rewrite.Stale: text.FgYellow, rewrite.Injected: text.FgGreen, rewrite.Current: text.FgGreen, rewrite.Drifted: text.FgRed,
	rewrite.Ambiguous: text.FgMagenta, rewrite.Uncovered: text.FgHiBlack, rewrite.Unreachable: text.FgRed,
}

// Table writes findings for people: where, what, and what became of it or the reason why nothing did, digests shortened, and
// a last line that counts. With changes it leaves out references that are current.
func Table(w io.Writer, screen Screen, files [][]rewrite.Finding, counts *policy.Counts, changes bool) error {
	shown := make([]*rewrite.Finding, 0, counts.All())
	changes = changes && counts.Of(rewrite.Current) > 0 // else it need not look
	for f := range all(files) {
		if !changes || f.Status != rewrite.Current || f.Message != "" {
			shown = append(shown, f)
		}
	}
	err := write(w, screen, []string{"STATUS", "WHERE", "IMAGE", "THE CSV SAYS"}, len(shown), func(r *row, i int) {
		f := shown[i]
		status := string(f.Status)
		if screen.Color {
			status = colors[f.Status].Sprint(status)
		}
		r.add(status)
		r.text = append(r.text, f.File...)
		r.text = append(r.text, ':')
		r.text = strconv.AppendInt(r.text, int64(f.Line), 10)
		r.add("")
		r.short(f.Image)
		r.add("")
		explain(r, f)
		r.add("")
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, counts.Summary(len(files), "file"))
	return err
}

// explain says in a few words what became of a reference.
func explain(r *row, f *rewrite.Finding) {
	name, digest, ok := strings.Cut(f.Proposed, "@")
	if ok && strings.HasPrefix(f.Image, name) {
		r.text = append(r.text, '@')
		r.short(digest)
	} else {
		r.short(f.Proposed)
	}
	if f.Proposed != "" && f.Message != "" {
		r.text = append(r.text, ": "...)
	}
	r.short(f.Message)
}

// CatalogTable writes the entries of a catalog for people.
func CatalogTable(w io.Writer, screen Screen, entries []catalog.Entry) error {
	err := write(w, screen, []string{"SCHEME", "NAME", "STANDS FOR", "IMAGE"}, len(entries), func(r *row, i int) {
		e := entries[i]
		r.add(string(e.Scheme))
		r.add(e.Name)
		r.add(key(e))
		r.short(e.Image.String())
		r.add("")
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, policy.Plural(len(entries), "image"))
	return err
}

// key says what a reference must be for the entry to decide it, or why none is known.
func key(e catalog.Entry) string {
	s := e.Note
	switch {
	case s != "":
	case e.Scheme == catalog.Registry && e.Tag == "":
		s = e.Image.Name() + " (" + string(e.Registry) + " registry)"
	case e.Scheme == catalog.Registry:
		s = e.Image.Name() + ":" + e.Tag + " (" + string(e.Registry) + " registry)"
	case e.Scheme == catalog.Editor:
		s = "editor " + e.Editor
	default:
		s = e.Original.String()
	}
	if e.Arch != "" {
		s = strings.TrimSpace(s + " on " + e.Arch)
	}
	return s
}

// row is the cells of a row of a table, whose memory is that of the row before.
type row struct {
	text []byte
	ends []int
	rest [][]byte // of each cell, for appendTo
}

// add ends a cell with s.
func (r *row) add(s string) {
	r.text = append(r.text, s...)
	r.ends = append(r.ends, len(r.text))
}

// short adds s to a cell, with its digests cut to twelve digits.
func (r *row) short(s string) {
	const algorithm, digits, shown = "sha256:", 64, 12
	for i := 0; ; {
		colon := strings.IndexByte(s[i:], ':')
		if i += colon + 1; colon < 0 || i+digits > len(s) {
			r.text = append(r.text, s...)
			return
		}
		if strings.HasSuffix(s[:i], algorithm) {
			r.text = append(r.text, s[:i+shown]...)
			r.text = append(r.text, ellipsis...)
			s, i = s[i+digits:], 0
		}
	}
}

// cells calls visit with each cell.
func (r *row) cells(visit func(i int, cell []byte)) {
	start := 0
	for i, end := range r.ends {
		visit(i, r.text[start:end])
		start = end
	}
}

// write writes a table of so many rows no wider than the screen: cells that are too wide are wrapped. Rows are made twice: to
// measure them, and to write them. Without rows there is no header.
func write(w io.Writer, screen Screen, header []string, rows int, makeRow func(r *row, i int)) error {
	if rows == 0 {
		return nil
	}
	fill := func(r *row, i int) {
		r.text, r.ends = r.text[:0], r.ends[:0]
		if i > 0 {
			makeRow(r, i-1)
			return
		}
		for _, name := range header {
			r.add(name)
		}
	}
	rows++
	need := make([]int, len(header))
	var lock sync.Mutex
	parallel.Each(rows, batch, func(indices iter.Seq[int]) {
		widest := make([]int, len(header))
		var r row
		for i := range indices {
			fill(&r, i)
			r.cells(func(i int, cell []byte) { widest[i] = max(widest[i], widthOf(cell)) })
		}
		lock.Lock()
		defer lock.Unlock()
		for i := range need {
			need[i] = max(need[i], widest[i])
		}
	})
	widths := share(screen.Width-len("  ")*len(header), need)
	return inParts(w, rows, func() part {
		var r row
		return func(b []byte, first, end int) ([]byte, error) {
			for i := first; i < end; i++ {
				fill(&r, i)
				b = r.appendTo(b, widths)
			}
			return b, nil
		}
	})
}

// appendTo appends the lines of a row whose cells are at most as wide as they are told to be.
func (r *row) appendTo(b []byte, widths []int) []byte {
	rest := r.rest[:0]
	r.cells(func(_ int, cell []byte) { rest = append(rest, cell) })
	r.rest = rest
	for more := true; more; {
		more = false
		gap := 0 // before the next cell
		for i, cell := range rest {
			line, left, columns := cut(cell, widths[i])
			rest[i], more = left, more || len(left) > 0
			if len(line) > 0 {
				for ; gap > 0; gap -= len(blanks) { // how wide letters are together is the library's to say
					b = append(b, blanks[:min(gap, len(blanks))]...)
				}
				b = append(b, line...)
				gap = -columns
			}
			gap += widths[i] + len("  ")
		}
		b = append(b, '\n')
	}
	return b
}

const blanks = "                                "

// cut breaks s where it is wider than width, if it can be behind a space or a part of a path, name or reference. The line has no spaces at
// its end, and takes so many columns.
func cut(s []byte, width int) (line, rest []byte, columns int) {
	if columns = widthOf(s); columns > width {
		if bytes.IndexByte(s, '\x1b') >= 0 {
			s = []byte(text.StripEscape(string(s)))
		}
		end := width // of ASCII
		if columns != len(s) {
			end = fitting(s, width)
		}
		for i := end; i > 0; i-- {
			if c := s[i-1]; c == ' ' || c == '/' || c == '_' || c == '-' {
				end = i
				break
			}
		}
		s, rest = s[:end], s[end:]
		columns = widthOf(s)
	}
	line = bytes.TrimRight(s, " ")
	return line, rest, columns - (len(s) - len(line))
}

// fitting returns how many bytes of s, in whole characters and at least one of them, are no wider than width.
func fitting(s []byte, width int) int {
	end := 0
	for used := 0; end < len(s); {
		_, size := utf8.DecodeRune(s[end:])
		if used += widthOf(s[end : end+size]); used > width && end > 0 {
			break
		}
		end += size
	}
	return end
}

const ellipsis = "…"

// widthOf returns the columns that s takes: of printable ASCII, which almost all of it is, one a byte. It looks at eight at once: their
// highest bits tell what is less than a space, or greater than a tilde.
func widthOf(s []byte) int {
	const every = 0x0101010101010101
	width := 0
	for i := 0; i < len(s); i++ {
		if len(s)-i >= 8 {
			if x := binary.LittleEndian.Uint64(s[i:]); (x|(x+every)|^(x+(0x80-' ')*every))&(0x80*every) == 0 {
				width += 8
				i += 7
				continue
			}
		}
		if s[i]-' ' > '~'-' ' {
			if !bytes.HasPrefix(s[i:], []byte(ellipsis)) {
				return text.StringWidthWithoutEscSequences(string(s))
			}
			i += len(ellipsis) - 1
		}
		width++
	}
	return width
}

// share gives each column what it needs; where that is too much, the widest ones get equal parts of what the others leave.
func share(width int, need []int) []int {
	const least = 12
	ascending := slices.Clone(need)
	slices.Sort(ascending)
	for i, n := range ascending {
		limit := max(width/(len(ascending)-i), least)
		if n > limit {
			for j := range need {
				need[j] = min(need[j], limit)
			}
			break
		}
		width -= n
	}
	return need
}

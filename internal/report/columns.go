package report

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	ellipsis = "…"
	gap      = "  " // between two columns
	blanks   = "                                "
)

// writeTable writes a row for each item below a header, no wider than the screen: cells that are
// too wide are wrapped. Without items it writes nothing. With the tables of go-pretty, check takes
// 2.5 times as long where 10,000 files have three findings each, and 2.6 times the memory.
//
// There can be more rows than memory is worth: each is filled twice, to measure it and to write it,
// in the same memory.
func writeTable[T any](
	w io.Writer, screen Screen, header []string, items []T, fill func(item T, cells []bytes.Buffer),
) error {
	if len(items) == 0 {
		return nil
	}
	cells, widths := make([]bytes.Buffer, len(header)), make([]int, len(header))
	for _, item := range items {
		fill(item, cells)
		for i := range cells {
			widths[i] = max(widths[i], columns(cells[i].Bytes()), len(header[i]))
			cells[i].Reset()
		}
	}
	share(screen.Width-len(gap)*len(header), widths)
	b := bufio.NewWriterSize(w, 1<<16) // keeps its error for Flush
	for i, name := range header {
		cells[i].WriteString(name)
	}
	writeRow(b, cells, widths)
	for _, item := range items {
		fill(item, cells)
		writeRow(b, cells, widths)
	}
	return b.Flush()
}

// share gives each column what it needs; where that is too much, the widest ones get equal parts of
// what the others leave.
func share(width int, need []int) {
	const least = 12
	ascending := slices.Sorted(slices.Values(need))
	for i, n := range ascending {
		limit := max(width/(len(ascending)-i), least)
		if n > limit {
			for j := range need {
				need[j] = min(need[j], limit)
			}
			return
		}
		width -= n
	}
}

// writeRow writes the lines of a row, and leaves its cells empty.
func writeRow(b *bufio.Writer, cells []bytes.Buffer, widths []int) {
	for more := true; more; {
		more = false
		spaces := 0 // before the next cell
		for i := range cells {
			if line := nextLine(&cells[i], widths[i]); len(line) > 0 {
				for ; spaces > 0; spaces -= len(blanks) {
					_, _ = b.WriteString(blanks[:min(spaces, len(blanks))])
				}
				_, _ = b.Write(line)
				spaces = -columns(line)
			}
			spaces += widths[i] + len(gap)
			more = more || cells[i].Len() > 0
		}
		_ = b.WriteByte('\n')
	}
}

// nextLine takes a line out of a cell: what fits into the width, up to a space or the end of a part
// of a path, name or reference.
func nextLine(cell *bytes.Buffer, width int) []byte {
	end := cell.Len()
	if n := columns(cell.Bytes()); n > width {
		if n < end { // not all characters are a byte and a column
			end = fitting(cell.Bytes(), width)
		} else {
			end = width
		}
		if i := bytes.LastIndexAny(cell.Bytes()[:end], " /_-"); i >= 0 {
			end = i + 1
		}
	}
	return bytes.TrimRight(cell.Next(end), " ")
}

// fitting returns how many bytes of s, in whole characters and at least one of them, fit into the
// width.
func fitting(s []byte, width int) int {
	end := 0
	for end < len(s) {
		_, size := utf8.DecodeRune(s[end:])
		if width -= columns(s[end : end+size]); width < 0 && end > 0 {
			break
		}
		end += size
	}
	return end
}

// columns returns how many columns s takes on a screen. The library takes its time, and almost all
// is printable ASCII.
func columns(s []byte) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			if !bytes.HasPrefix(s[i:], []byte(ellipsis)) {
				return text.StringWidthWithoutEscSequences(string(s))
			}
			i += len(ellipsis) - 1
		}
		n++
	}
	return n
}

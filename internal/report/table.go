package report

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/rewrite"
)

// Screen is what a table is written for.
type Screen struct {
	Width int  // in columns
	Color bool // for a terminal that shows colours
}

// statuses are all statuses, in the order in which they are counted.
var statuses = []rewrite.Status{
	rewrite.Stale, rewrite.Injected, rewrite.Current, rewrite.Drifted, rewrite.Ambiguous, rewrite.Uncovered, rewrite.Unreachable,
}

var colors = map[rewrite.Status]text.Color{
	rewrite.Stale: text.FgYellow, rewrite.Injected: text.FgGreen, rewrite.Current: text.FgGreen, rewrite.Drifted: text.FgRed,
	rewrite.Ambiguous: text.FgMagenta, rewrite.Uncovered: text.FgHiBlack, rewrite.Unreachable: text.FgRed,
}

// Table writes findings for people: where, what, and what became of it or the reason why nothing did, digests shortened, and
// a last line that counts. With changes it leaves out references that are current.
func Table(w io.Writer, screen Screen, findings []rewrite.Finding, changes bool) error {
	var shown []*rewrite.Finding
	files, last := map[string]bool{}, ""
	for i := range findings {
		f := &findings[i]
		if i == 0 || f.File != last {
			files[f.File], last = true, f.File
		}
		if !changes || f.Status != rewrite.Current || f.Message != "" {
			shown = append(shown, f)
		}
	}
	if len(shown) > 0 {
		rows := make([][]string, len(shown))
		parallel.Each(len(shown), tableRows, func(indices iter.Seq[int]) {
			for i := range indices {
				f := shown[i]
				status := string(f.Status)
				if screen.Color {
					status = colors[f.Status].Sprint(status)
				}
				rows[i] = []string{status, f.File + ":" + strconv.Itoa(f.Line), shorten(f.Image), explain(f)}
			}
		})
		if err := write(w, screen, []string{"STATUS", "WHERE", "IMAGE", "THE CSV SAYS"}, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, Count(findings).Summary(len(files), "file"))
	return err
}

// explain says in a few words what became of a reference.
func explain(f *rewrite.Finding) string {
	said := ""
	if f.Proposed != "" {
		said = shorten(f.Proposed)
		if name, digest, ok := strings.Cut(said, "@"); ok && strings.HasPrefix(f.Image, name) {
			said = "@" + digest
		}
	}
	if f.Message == "" {
		return said
	}
	return strings.TrimPrefix(said+": "+shorten(f.Message), ": ")
}

// Statuses are all statuses, in the order in which they are counted.
func Statuses() []rewrite.Status { return slices.Clone(statuses) }

// Counts are how many references have each status.
type Counts map[rewrite.Status]int

// Count counts findings.
func Count(findings []rewrite.Finding) Counts {
	c := Counts{}
	for _, f := range findings {
		c[f.Status]++
	}
	return c
}

// Summary says in a line how many references, which are in so many places of a noun, have each status.
func (c Counts) Summary(places int, noun string) string {
	parts, all := []string{}, 0
	for _, s := range statuses {
		if n := c[s]; n > 0 {
			parts, all = append(parts, fmt.Sprintf("%d %s", n, s)), all+n
		}
	}
	if all == 0 {
		return "no image references in " + plural(places, noun)
	}
	return fmt.Sprintf("%s in %s: %s", plural(all, "reference"), plural(places, noun), strings.Join(parts, ", "))
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// shorten cuts the digests in s to twelve digits.
func shorten(s string) string {
	const algorithm, shown = "sha256:", 12
	for i := 0; ; {
		n := strings.Index(s[i:], algorithm)
		if n < 0 {
			return s
		}
		i += n + len(algorithm)
		if end := i + 64; end <= len(s) {
			s = s[:i+shown] + "…" + s[end:]
		}
	}
}

// CatalogTable writes the entries of a catalog for people.
func CatalogTable(w io.Writer, screen Screen, entries []catalog.Entry) error {
	rows := make([][]string, len(entries))
	for i, e := range entries {
		rows[i] = []string{string(e.Scheme), e.Name, key(e), shorten(e.Image.String())}
	}
	if err := write(w, screen, []string{"SCHEME", "NAME", "STANDS FOR", "IMAGE"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, plural(len(entries), "image"))
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

// tableRows is how many rows are rendered at a time.
const tableRows = 1000

// write writes a table no wider than the screen: cells that are too wide are wrapped. Long tables are rendered in parts, by as many
// processors as there are.
func write(w io.Writer, screen Screen, header []string, rows [][]string) error {
	rows = slices.Insert(rows, 0, header)
	widths := share(screen.Width-len("  ")*len(header), rows)
	parts := slices.Collect(slices.Chunk(rows, tableRows))
	rendered := make([][]byte, len(parts))
	parallel.Each(len(parts), 1, func(indices iter.Seq[int]) {
		for i := range indices {
			for _, row := range parts[i] {
				rendered[i] = appendRow(rendered[i], row, widths)
			}
		}
	})
	for _, part := range rendered {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// appendRow appends the lines of a row whose cells are at most as wide as they are told to be.
func appendRow(b []byte, row []string, widths []int) []byte {
	for rest := row; rest != nil; {
		var below []string // what does not fit
		gap := 0           // before the next cell
		for i, cell := range rest {
			line, more := cut(cell, widths[i])
			if more != "" {
				if below == nil {
					below = make([]string, len(rest))
				}
				below[i] = more
			}
			if line != "" {
				for range gap {
					b = append(b, ' ')
				}
				b = append(b, line...)
				gap = -widthOf(line)
			}
			gap += widths[i] + len("  ")
		}
		b = append(b, '\n')
		rest = below
	}
	return b
}

// cut breaks s where it is wider than width, if it can be behind a space or a part of a path, name or reference.
func cut(s string, width int) (line, rest string) {
	if widthOf(s) <= width {
		return strings.TrimRight(s, " "), ""
	}
	s = text.StripEscape(s)
	breakAt, used := 0, 0
	for i := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		if used += widthOf(s[i : i+size]); used > width && i > 0 {
			end := cmp.Or(breakAt, i)
			return strings.TrimRight(s[:end], " "), s[end:]
		}
		if strings.IndexByte(" /_-", s[i]) >= 0 {
			breakAt = i + 1
		}
	}
	return s, ""
}

// widthOf returns the columns that s takes: of printable ASCII, which almost all of it is, one a byte.
func widthOf(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return text.StringWidthWithoutEscSequences(s)
		}
	}
	return len(s)
}

// share gives each column what it needs; where that is too much, the widest ones get equal parts of what the others leave.
func share(width int, rows [][]string) []int {
	const least = 12
	need := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			need[i] = max(need[i], widthOf(cell))
		}
	}
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

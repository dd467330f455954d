package report

import (
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	leastWidth = 40 // of a screen
	sideBySide = 80 // the least width of a screen for cells beside one another: in less, digests break
	gap        = "  "
)

// writeTable writes rows below a header, no wider than the screen: cells that are too wide are
// wrapped, but for those of the first column. Without rows it writes nothing. On a narrow screen
// the other cells of a row are below one another.
func writeTable(w io.Writer, screen Screen, header []string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	rows = append([][]string{header}, rows...)
	if screen.Width < sideBySide {
		for i, row := range rows {
			rows[i] = []string{row[0], joined("\n", row[1:]...)}
		}
	}
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", gap
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.SetColumnConfigs(columns(max(screen.Width, leastWidth), rows))
	for _, row := range rows {
		cells := make(table.Row, len(row))
		for i, cell := range row {
			cells[i] = cell
		}
		t.AppendRow(cells)
	}
	_, err := io.WriteString(w, t.Render()+"\n")
	return err
}

// columns returns how wide the columns of rows may be in a table of a width.
func columns(width int, rows [][]string) []table.ColumnConfig {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], text.LongestLineLen(cell))
		}
	}
	share(width-widths[0]-len(gap)*len(widths[1:]), widths[1:])
	configs := make([]table.ColumnConfig, len(widths))
	for i, width := range widths {
		configs[i] = table.ColumnConfig{Number: i + 1, Align: text.AlignLeft, WidthMax: width, WidthMaxEnforcer: wrap}
	}
	configs[0].WidthMax = 0 // which is none
	return configs
}

// share gives each column what it needs; where that is too much, the widest ones get equal parts of
// what the others leave.
func share(width int, need []int) {
	ascending := slices.Sorted(slices.Values(need))
	for i, n := range ascending {
		if limit := width / (len(ascending) - i); n > limit {
			for j := range need {
				need[j] = min(need[j], limit)
			}
			return
		}
		width -= n
	}
}

// wrap breaks the lines of s into lines that fit into the width.
func wrap(s string, width int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = wrapLine(line, width)
	}
	return strings.Join(lines, "\n")
}

// wrapLine breaks s behind spaces and parts of paths, names and references, where that is possible.
func wrapLine(s string, width int) string {
	var wrapped strings.Builder
	begin, cut := 0, 0 // of the line, and where it may end
	column := 0
	for i, r := range s {
		column += text.RuneWidth(r)
		for column > width && r != ' ' && i > begin {
			if cut == begin {
				cut = i
			}
			wrapped.WriteString(strings.TrimRight(s[begin:cut], " ") + "\n")
			begin, column = cut, text.StringWidthWithoutEscSequences(s[cut:i])+text.RuneWidth(r)
		}
		if strings.ContainsRune(" /_-", r) {
			cut = i + 1
		}
	}
	return wrapped.String() + strings.TrimRight(s[begin:], " ")
}

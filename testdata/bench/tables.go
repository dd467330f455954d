package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// figure is one of figures, and how it is written.
type figure struct {
	name string
	unit string // for benchstat
	of   func(figures) float64
	show func(float64) string
}

var (
	wall = figure{"wall", "wall-sec/op", func(f figures) float64 { return f.wall.Seconds() }, seconds}
	cpu  = figure{"CPU", "cpu-sec/op", func(f figures) float64 { return f.cpu.Seconds() }, seconds}
	peak = figure{"peak memory", "peak-B/op", func(f figures) float64 { return f.peak }, megabytes}
)

func seconds(s float64) string {
	if s < 0.1 {
		return fmt.Sprintf("%.1f ms", s*1000)
	}
	return fmt.Sprintf("%.2f s", s)
}

// megabytes are of a million bytes.
func megabytes(bytes float64) string { return fmt.Sprintf("%.1f MB", bytes/1e6) }

// values returns a figure of all runs.
func (f figure) values(p *process) []float64 {
	values := make([]float64, len(p.runs))
	for i, run := range p.runs {
		values[i] = f.of(run)
	}
	return values
}

// text writes a figure of p: the median, and the least and the greatest.
func (f figure) text(p *process) string {
	values := f.values(p)
	return fmt.Sprintf("%s (%s–%s)", f.show(median(values)), f.show(slices.Min(values)), f.show(slices.Max(values)))
}

// ratio compares two processes of one group, round by round.
func (f figure) ratio(p, reference *process) float64 {
	ratios, references := f.values(p), f.values(reference)
	for i := range ratios {
		ratios[i] /= references[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// row is a line of the table of measures.
type row struct {
	measure, figure, reference, ratio, must, reach, verdict string
}

// judge says whether a value is within its bounds; 0 is none.
func judge(value, must, reach float64) string {
	switch {
	case must == 0:
		return ""
	case value > must:
		return "missed"
	case reach > 0 && value <= reach:
		return "reached"
	}
	return "met"
}

// within writes a bound.
func within(bound float64, show func(float64) string) string {
	if bound == 0 {
		return ""
	}
	return "≤ " + show(bound)
}

func times(ratio float64) string { return fmt.Sprintf("%.3g ×", ratio) }

// middle writes the median of a figure.
func (f figure) middle(p *process) string { return f.show(median(f.values(p))) }

// compared is the row of a ratio and its bounds.
func compared(measure string, f figure, p, reference *process, must, reach float64) row {
	ratio, name := f.ratio(p, reference), reference.by
	if name == p.by {
		name = reference.on
	}
	return row{
		measure + ": " + f.name, f.middle(p), name + " " + f.middle(reference), times(ratio),
		within(must, times), within(reach, times), judge(ratio, must, reach),
	}
}

// find returns a process that was measured, or nil.
func (b *bench) find(group, by, on string) *process {
	for _, p := range b.groups[group] {
		if p.by == by && p.on == on {
			return p
		}
	}
	return nil
}

// rows returns the measures, in the order of the project's goals.
func (b *bench) rows() []row {
	rows := b.listRows()
	if p := b.find(starts, program, listOf(1)); p != nil {
		hello := b.find(starts, "hello", listOf(1))
		took, start := median(wall.values(p)), median(wall.values(hello))
		must, reach := 2*start+0.006, start+0.002
		rows = append(rows, row{
			"1 resource, start to finish: wall", wall.middle(p), "hello " + wall.middle(hello), times(wall.ratio(p, hello)),
			within(must, seconds) + " (2 × hello + 6 ms)", within(reach, seconds) + " (hello + 2 ms)", judge(took, must, reach),
		})
	}
	if p := b.find(csvs, program, previousCSVs(b.releases)); p != nil {
		nodes := b.find(csvs, "nodes", p.on)
		rows = append(
			rows,
			compared("images, "+p.on, cpu, p, nodes, 1.5, 0),
			compared("images, "+p.on, wall, p, nodes, 1.5, 0),
		)
	}
	rows = append(rows, b.treeRows()...)
	rows = append(rows, b.imageRows()...)
	rows = append(rows, b.folderRows()...)
	const must, reach = 24e6, 12e6
	size := float64(b.programSize)
	return append(
		rows,
		row{
			"binary, stripped",
			megabytes(size),
			"",
			"",
			within(must, megabytes),
			within(reach, megabytes),
			judge(size, must, reach),
		},
	)
}

func (b *bench) listRows() []row {
	var rows []row
	most := slices.Max(b.sizes)
	on := listOf(most)
	p := b.find(lists, program, on)
	if p == nil {
		return nil
	}
	nodes, kyaml := b.find(lists, "nodes", on), b.find(lists, "kyaml", on)
	rows = append(rows,
		compared(on, cpu, p, nodes, 0.45, 0.25),
		compared(on, cpu, p, kyaml, 0.45, 0),
		compared(on, wall, p, nodes, 0.35, 0.2))
	memory, list := median(peak.values(p)), float64(b.listSizes[most])
	must, reach := 0.0, 0.0
	if most == 10_000 { // the bounds are for no other number
		must, reach = 110e6, list+32e6
	}
	rows = append(rows, row{
		on + ": peak memory", peak.middle(p), "input " + megabytes(list), times(memory / list),
		within(must, megabytes), within(reach, megabytes), judge(memory, must, reach),
	})
	if tenth := b.find(lists, program, listOf(most/10)); tenth != nil {
		growth := fmt.Sprintf("growth %d → %d", most/10, most)
		rows = append(rows, compared(growth, wall, p, tenth, 11, 10), compared(growth, cpu, p, tenth, 11, 10))
	}
	for _, resources := range slices.Backward(b.sizes) {
		if images := b.find(lists, "images", listOf(resources)); images != nil {
			return append(rows, compared(images.on, cpu, b.find(lists, program, images.on), images, 0, 0))
		}
	}
	return rows
}

func (b *bench) treeRows() []row {
	p := b.find(trees, program, treeOf(b.tree))
	if p == nil {
		return nil
	}
	memory, must := median(peak.values(p)), 0.0
	if b.tree == 75_000 { // the bound is for no other number
		must = 150e6
	}
	return []row{
		compared(p.on+", check", wall, p, b.find(trees, "cat", p.on), 5, 0),
		{p.on + ", check: peak memory", peak.middle(p), "", "", within(must, megabytes), "", judge(memory, must, 0)},
	}
}

func (b *bench) imageRows() []row {
	p := b.find(shipped, program, imageOf(b.image))
	if p == nil {
		return nil
	}
	memory, must := median(peak.values(p)), 0.0
	if b.image == 40_000 { // the bound is for no other number
		must = 96e6
	}
	return []row{
		compared(p.on+", check", wall, p, b.find(shipped, "export", p.on), 1.2, 0),
		{p.on + ", check: peak memory", peak.middle(p), "", "", within(must, megabytes), "", judge(memory, must, 0)},
	}
}

func (b *bench) folderRows() []row {
	if len(b.groups[folders]) == 0 {
		return nil
	}
	one := func(by, on string) *process { return b.find(folders, by, on) }
	files := fmt.Sprintf("%d files, ", b.files)
	touched := row{measure: files + injectCurrent, figure: "reads only", must: "reads only", verdict: "met"}
	if !b.readsOnly {
		touched.figure, touched.verdict = "changes the folder", "missed"
	}
	return []row{
		compared(files+checkStale, wall, one(program, checkStale), one("read", "all stale"), 2.2, 1.5),
		compared(files+injectStale, wall, one(program, injectStale), one("read", "all stale"), 0, 0),
		compared(files+injectStale, wall, one(program, injectStale), one("read -replace", "all stale"), 0, 0),
		compared(files+injectCurrent, wall, one(program, injectCurrent), one("read", "all current"), 2.0, 1.5),
		touched,
	}
}

// verdicts is the table of measures.
func (b *bench) verdicts() string {
	t := newTable("MEASURE", "FIGURE", "REFERENCE", "RATIO", "MUST", "REACH FOR", "VERDICT")
	for _, r := range b.rows() {
		t.AppendRow(table.Row{r.measure, r.figure, r.reference, r.ratio, r.must, r.reach, r.verdict})
	}
	return t.Render()
}

// figures is the table of everything that was measured.
func (b *bench) figures() string {
	t := newTable("ON", "BY", "WALL", "CPU", "PEAK MEMORY")
	var peaks []float64
	for _, p := range b.all() {
		t.AppendRow(table.Row{p.on, p.by, wall.text(p), cpu.text(p), peak.text(p)})
		peaks = append(peaks, peak.values(p)...)
	}
	return t.Render() + fmt.Sprintf(
		"\nNo program shows less memory than the one that started it: %s.",
		megabytes(slices.Min(peaks)),
	)
}

func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(header)
	return t
}

func (b *bench) all() []*process {
	return slices.Concat(b.groups[starts], b.groups[lists], b.groups[csvs], b.groups[trees], b.groups[shipped], b.groups[folders])
}

// record is every run as a line of Go's benchmark format, for benchstat.
func (b *bench) record() string {
	var s strings.Builder
	for _, p := range b.all() {
		name := strings.NewReplacer(", ", "-", " ", "-").Replace(p.on)
		for _, run := range p.runs {
			fmt.Fprintf(&s, "BenchmarkProcess/on=%s/by=%s 1", name, p.by)
			for _, f := range []figure{wall, cpu, peak} {
				fmt.Fprintf(&s, " %g %s", f.of(run), f.unit)
			}
			s.WriteByte('\n')
		}
	}
	return s.String()
}

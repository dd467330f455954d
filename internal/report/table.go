package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/quote"
)

const ellipsis = "…"

var colors = map[engine.Status]text.Color{
	engine.Stale: text.FgYellow, engine.Injected: text.FgGreen, engine.Current: text.FgGreen,
	engine.Drifted: text.FgRed, engine.Ambiguous: text.FgMagenta, engine.Uncovered: text.FgHiBlack,
	engine.Unreachable: text.FgRed, engine.Invalid: text.FgRed,
}

// findingsTable writes a row for each finding: where it is, what is there, and what became of it or
// the reason why nothing did.
func findingsTable(w io.Writer, r Findings) error {
	var rows [][]string
	for _, f := range r.shownToPeople() {
		status := string(f.Status)
		if r.Screen.Color {
			status = colors[f.Status].Sprint(status)
		}
		where := quote.Name(f.File) + ":" + strconv.Itoa(f.Line)
		rows = append(rows, []string{status, where, quote.Name(shorten(f.Image)), quote.Text(explain(f))})
	}
	return writeTable(w, r.Screen, []string{"STATUS", "WHERE", "IMAGE", "THE CSV SAYS"}, rows)
}

// explain says in a few words what became of a reference.
func explain(f *engine.Finding) string {
	return joined("; ", joined(": ", difference(f.Image, f.Proposed), shorten(f.Message)), candidates(f))
}

// candidates lists the candidates of a finding, but of many only some: the other formats have all.
func candidates(f *engine.Finding) string {
	const most = 4
	var listed []string
	for i, candidate := range f.Candidates {
		if i == most {
			listed = append(listed, fmt.Sprintf("%d more", len(f.Candidates)-most))
			break
		}
		listed = append(listed, difference(f.Image, candidate))
	}
	if listed == nil {
		return ""
	}
	return "candidates: " + strings.Join(listed, ", ")
}

// difference returns of another image only the digest, where the rest is what the image has
// already.
func difference(image, other string) string {
	name, _, isPinned := strings.Cut(other, "@")
	rest, isSame := strings.CutPrefix(image, name)
	if isPinned && isSame && (rest == "" || rest[0] == ':' || rest[0] == '@') {
		other = other[len(name):]
	}
	return shorten(other)
}

// catalogTable writes a row for each entry, and a last line that counts. What an entry has become
// is of more interest than its scheme.
func catalogTable(w io.Writer, c Catalog) error {
	changes, references := c.known()
	header := []string{"SCHEME", "NAME", "STANDS FOR", "IMAGE"}
	if changes {
		header[0] = "CHANGE"
	}
	if references {
		header = append(header, "REFERENCES")
	}
	var rows [][]string
	for _, e := range c.Entries {
		before, image := e.images()
		if before == "" {
			image = quote.Name(shorten(image))
		} else {
			image = quote.Name(shorten(before)) + "\n→ " + quote.Name(difference(before, image))
		}
		name := joined("\n", quote.Name(e.Name), e.was())
		row := []string{string(e.Scheme), name, e.text(), image}
		if changes {
			row[0] = e.change()
		}
		if references {
			row = append(row, strconv.Itoa(*e.References))
		}
		rows = append(rows, row)
	}
	err := writeTable(w, c.Screen, header, rows)
	if err == nil {
		_, err = fmt.Fprintln(w, c.summary())
	}
	return err
}

// shorten returns s with its digests cut to twelve digits.
func shorten(s string) string {
	const digits, shown = 64, 12
	before, digest, ok := strings.Cut(s, "sha256:")
	if !ok || len(digest) < digits {
		return s
	}
	return before + "sha256:" + digest[:shown] + ellipsis + shorten(digest[digits:])
}

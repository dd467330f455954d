package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
)

var colors = map[engine.Status]text.Color{
	engine.Stale: text.FgYellow, engine.Injected: text.FgGreen, engine.Current: text.FgGreen,
	engine.Drifted: text.FgRed, engine.Ambiguous: text.FgMagenta, engine.Uncovered: text.FgHiBlack,
	engine.Unreachable: text.FgRed,
}

// findingsTable writes a row for each finding, where it is, what is there, and what became of it or
// the reason why nothing did, and a last line that counts.
func findingsTable(w io.Writer, r Findings) error {
	shown := slices.DeleteFunc(r.all(), func(f *engine.Finding) bool {
		return r.OnlyChanges && f.Status == engine.Current && f.Message == ""
	})
	header := []string{"STATUS", "WHERE", "IMAGE", "THE CSV SAYS"}
	err := writeTable(w, r.Screen, header, shown, func(f *engine.Finding, cells []bytes.Buffer) {
		status := string(f.Status)
		if r.Screen.Color {
			status = colors[f.Status].Sprint(status)
		}
		cells[0].WriteString(status)
		cells[1].WriteString(f.File)
		cells[1].WriteString(":" + strconv.Itoa(f.Line))
		shorten(&cells[2], f.Image)
		explain(&cells[3], f)
	})
	if err == nil {
		_, err = fmt.Fprintln(w, r.Counts.Summary(len(r.Files), "file"))
	}
	return err
}

// explain says in a few words what became of a reference: of what is proposed only the digest,
// where the rest is there already.
func explain(cell *bytes.Buffer, f *engine.Finding) {
	proposed := f.Proposed
	if name, _, ok := strings.Cut(proposed, "@"); ok && strings.HasPrefix(f.Image, name) {
		proposed = proposed[len(name):]
	}
	shorten(cell, proposed)
	if proposed != "" && f.Message != "" {
		cell.WriteString(": ")
	}
	shorten(cell, f.Message)
}

// catalogTable writes a row for each entry, and a last line that counts.
func catalogTable(w io.Writer, c Catalog) error {
	header := []string{"SCHEME", "NAME", "STANDS FOR", "IMAGE"}
	err := writeTable(w, c.Screen, header, c.Entries, func(e catalog.Entry, cells []bytes.Buffer) {
		cells[0].WriteString(string(e.Scheme))
		cells[1].WriteString(e.Name)
		cells[2].WriteString(e.StandsFor())
		shorten(&cells[3], e.Image.String())
	})
	if err == nil {
		images := slices.DeleteFunc(slices.Clone(c.Entries), func(e catalog.Entry) bool { return e.IsBad() })
		_, err = fmt.Fprintln(w, policy.Plural(len(images), "image"))
	}
	return err
}

// shorten writes s with its digests cut to twelve digits.
func shorten(cell *bytes.Buffer, s string) {
	const digits, shown = 64, 12
	_, digest, ok := strings.Cut(s, "sha256:")
	if !ok || len(digest) < digits {
		cell.WriteString(s)
		return
	}
	cell.WriteString(s[:len(s)-len(digest)+shown])
	cell.WriteString(ellipsis)
	shorten(cell, digest[digits:])
}

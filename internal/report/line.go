package report

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
)

// findingsLines writes each finding on a line, for grep and for editors that jump to what compilers
// say:
//
//	FILE:LINE:COLUMN: STATUS: IMAGE -> PROPOSED [RULE ENTRY] MESSAGE
//
// What is empty is left out. Candidates are at the end of the message, all of them.
func findingsLines(w io.Writer, r Findings) error {
	return writeLines(w, r.shownToPeople(), func(line *bytes.Buffer, f *engine.Finding) {
		line.WriteString(quote.Name(f.File) + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + ": ")
		line.WriteString(string(f.Status) + ": " + quote.Name(f.Image))
		if f.Proposed != "" {
			line.WriteString(" -> " + quote.Name(f.Proposed))
		}
		if decided := joined(" ", f.Rule, quote.Name(f.Entry)); decided != "" {
			line.WriteString(" [" + decided + "]")
		}
		message := f.Message
		if len(f.Candidates) > 0 {
			message = joined("; ", message, "candidates: "+strings.Join(f.Candidates, ", "))
		}
		if message != "" {
			line.WriteString(" " + quote.Text(message))
		}
	})
}

// catalogLines writes each entry on a line:
//
//	CHANGE NAME (was NAME) SCHEME STANDS-FOR IMAGE -> IMAGE REFERENCES
//
// What is empty is left out. There is no last line with their number: all lines are entries.
func catalogLines(w io.Writer, c Catalog) error {
	return writeLines(w, c.Entries, func(line *bytes.Buffer, e Entry) {
		references := ""
		if e.References != nil {
			references = policy.Plural(*e.References, "reference")
		}
		before, image := e.images()
		images := joined(" -> ", quote.Name(before), quote.Name(image))
		line.WriteString(joined(" ", e.change(), quote.Name(e.Name), e.was(), string(e.Scheme), e.text(), images, references))
	})
}

func writeLines[T any](w io.Writer, items []T, write func(*bytes.Buffer, T)) error {
	b := bufio.NewWriter(w) // keeps its error for Flush
	var line bytes.Buffer
	for _, item := range items {
		line.Reset()
		write(&line, item)
		_, _ = b.WriteString(line.String() + "\n")
	}
	return b.Flush()
}

// joined returns parts with a separator between them, but for those that are empty.
func joined(separator string, parts ...string) string {
	all := ""
	for _, part := range parts {
		if all != "" && part != "" {
			all += separator
		}
		all += part
	}
	return all
}

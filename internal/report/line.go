package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
)

// findingsLines writes each finding on a line, for grep and for editors that jump to what compilers
// say:
//
//	FILE:LINE:COLUMN: STATUS: IMAGE -> PROPOSED [RULE ENTRY] MESSAGE
//
// What is empty is left out. Candidates are at the end of the message, all of them.
func findingsLines(w io.Writer, r Findings) error {
	return writeLines(w, r.shownToPeople(), func(line *bytes.Buffer, f *engine.Finding) {
		line.WriteString(f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + ": ")
		line.WriteString(string(f.Status) + ": " + f.Image)
		if f.Proposed != "" {
			line.WriteString(" -> " + f.Proposed)
		}
		if decided := joined(" ", f.Rule, f.Entry); decided != "" {
			line.WriteString(" [" + decided + "]")
		}
		message := f.Message
		if len(f.Candidates) > 0 {
			message = joined("; ", message, "candidates: "+strings.Join(f.Candidates, ", "))
		}
		if message != "" {
			line.WriteString(" " + message)
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
		line.WriteString(joined(" ", e.change(), e.Name, e.was(), string(e.Scheme), e.text(), joined(" -> ", before, image),
			references))
	})
}

func writeLines[T any](w io.Writer, items []T, write func(*bytes.Buffer, T)) error {
	b := bufio.NewWriter(w) // keeps its error for Flush
	var line bytes.Buffer
	for _, item := range items {
		line.Reset()
		write(&line, item)
		_, _ = b.WriteString(visible(line.String()) + "\n")
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

// visible returns s with the characters escaped that break lines, that terminals obey, or that show
// nothing, and with bytes escaped that are not UTF-8.
func visible(s string) string {
	isOdd := func(r rune) bool { return r < ' ' || r > '~' && (r == utf8.RuneError || !unicode.IsPrint(r)) }
	if !strings.ContainsFunc(s, isOdd) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		s = s[size:]
	}
	return b.String()
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"inject-related-images/internal/engine"
)

// findingsLines writes each finding on a line, for grep and for editors that jump to what compilers
// say:
//
//	FILE:LINE:COLUMN: STATUS: IMAGE -> PROPOSED [RULE ENTRY] MESSAGE: CANDIDATES
//
// What is empty is left out.
func findingsLines(w io.Writer, r Findings) error {
	b := bufio.NewWriter(w) // keeps its error for Flush
	onOneLine := strings.NewReplacer("\n", `\n`, "\r", `\r`)
	for _, f := range r.all() {
		_, _ = onOneLine.WriteString(b, line(f))
		_ = b.WriteByte('\n')
	}
	return b.Flush()
}

func line(f *engine.Finding) string {
	s := fmt.Sprintf("%s:%d:%d: %s: %s", f.File, f.Line, f.Column, f.Status, f.Image)
	if f.Proposed != "" {
		s += " -> " + f.Proposed
	}
	if decided := strings.TrimSpace(f.Rule + " " + f.Entry); decided != "" {
		s += " [" + decided + "]"
	}
	if f.Message != "" {
		s += " " + f.Message
	}
	if len(f.Candidates) > 0 {
		s += ": " + strings.Join(f.Candidates, ", ")
	}
	return s
}

package report

import (
	"bufio"
	"io"
	"maps"
	"slices"

	"inject-related-images/internal/quote"
)

// findingsList writes every image that is shown, sorted, once, each on a line.
func findingsList(w io.Writer, r Findings) error {
	images := map[string]bool{}
	for _, f := range r.shown() {
		images[f.Image] = true
	}
	b := bufio.NewWriter(w) // keeps its error for Flush
	for _, image := range slices.Sorted(maps.Keys(images)) {
		_, _ = b.WriteString(quote.Name(image) + "\n")
	}
	return b.Flush()
}

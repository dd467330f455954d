package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// findingsJSON writes an array of objects with the keys file, document, path, line, column, image,
// status, proposed, entry, rule, candidates, message and csv, all of them always, and the key previous
// in those of the rule previous.
func findingsJSON(w io.Writer, r Findings) error { return writeJSON(w, r.shown()) }

// catalogJSON writes an array of objects with the keys name, scheme, image, registry, tag,
// original, editor, arch, csv, where and note, and the keys of Entry where these are known.
func catalogJSON(w io.Writer, c Catalog) error { return writeJSON(w, c.Entries) }

// writeJSON encodes an array item by item: the encoder has all that it writes in memory, twice.
func writeJSON[T any](w io.Writer, array []T) error {
	if len(array) == 0 {
		_, err := io.WriteString(w, "[]\n")
		return err
	}
	b := bufio.NewWriter(w) // keeps its error for Flush
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("  ", "  ")
	separator := "[\n  "
	for _, item := range array {
		text.Reset()
		if err := encoder.Encode(item); err != nil {
			return err
		}
		_, _ = b.WriteString(separator)
		_, _ = b.Write(Printable(bytes.TrimSpace(text.Bytes())))
		separator = ",\n  "
	}
	_, _ = b.WriteString("\n]\n")
	return b.Flush()
}

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// findingsYAML writes what findingsJSON writes, as YAML.
func findingsYAML(w io.Writer, r Findings) error { return writeYAML(w, r.shown()) }

// catalogYAML writes what catalogJSON writes, as YAML.
func catalogYAML(w io.Writer, c Catalog) error { return writeYAML(w, c.Entries) }

// writeYAML encodes an array in pieces: all of it at once takes half a gigabyte for thirty thousand
// findings, each by itself takes four times as long.
func writeYAML[T any](w io.Writer, array []T) error {
	if len(array) == 0 {
		_, err := io.WriteString(w, "[]\n")
		return err
	}
	for piece := range slices.Chunk(array, 100) {
		text, err := json.Marshal(piece)
		if err == nil {
			text, err = yaml.JSONToYAML(Printable(text))
		}
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Printable escapes the characters in JSON that YAML 1.2, section 5.1, does not allow: YAML
// libraries refuse them.
func Printable(text []byte) []byte {
	printable := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if 0x7f <= r && r < 0xa0 || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF {
			printable = fmt.Appendf(printable, `\u%04x`, r)
		} else {
			printable = utf8.AppendRune(printable, r)
		}
	}
	return printable
}

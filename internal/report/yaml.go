package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode"
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
		text, err := asYAML(piece)
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// asYAML encodes a piece of an array. The library begins lines with what stands behind a line end in
// a text, and leaves some of what is not printable as it is: items with any of that are written as
// JSON, which is YAML, too.
func asYAML[T any](piece []T) ([]byte, error) {
	encoded, err := json.Marshal(piece)
	if err != nil {
		return nil, err
	}
	encoded = Printable(encoded)
	text, err := yaml.JSONToYAML(encoded)
	if err != nil || !bytes.Contains(encoded, []byte(`\n`)) && !bytes.ContainsFunc(text, isHidden) {
		return text, err
	}
	if len(piece) == 1 {
		return fmt.Appendf(nil, "- %s\n", encoded[1:len(encoded)-1]), nil
	}
	text = nil
	for i := range piece {
		item, err := asYAML(piece[i : i+1])
		if err != nil {
			return nil, err
		}
		text = append(text, item...)
	}
	return text, nil
}

// Printable escapes the characters in JSON that show nothing, that terminals obey, or that turn the
// text around. YAML libraries refuse some of them (YAML 1.2, section 5.1). Those beyond the first
// plane stay: JSON and YAML have no escape for them that both know.
func Printable(text []byte) []byte {
	if !bytes.ContainsFunc(text, isHidden) {
		return text
	}
	printable := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if isHidden(r) {
			printable = fmt.Appendf(printable, `\u%04x`, r)
		} else {
			printable = utf8.AppendRune(printable, r)
		}
	}
	return printable
}

func isHidden(r rune) bool { return r > '~' && r <= 0xffff && !unicode.IsPrint(r) }

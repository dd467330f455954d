// Package report states findings: as results of a KRM function, as a table for people, as JSON and YAML for programs, and as a
// list of images for auditors. It decides nothing.
package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"runtime"
	"slices"

	"sigs.k8s.io/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/parallel"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/rewrite"
)

// Format is a way to write findings or a catalog.
type Format string

// The formats.
const (
	FormatTable Format = "table"
	FormatJSON  Format = "json"
	FormatYAML  Format = "yaml"
	FormatList  Format = "list" // of findings only
)

// Findings writes the findings of files in a format. Programs get an array of objects with the keys file, document, path, line, column,
// image, status, proposed, entry, rule, candidates and message, all of them always. A list is every image that the files
// name, sorted, once. changes is for tables: it leaves out what is current. Each of the files has findings, which are counted.
func Findings(w io.Writer, format Format, screen Screen, files [][]rewrite.Finding, counts *policy.Counts, changes bool) error {
	switch format {
	case FormatTable:
		return Table(w, screen, files, counts, changes)
	case FormatList:
		images := map[string]bool{}
		for f := range all(files) {
			images[f.Image] = true
		}
		return writeLines(w, slices.Sorted(maps.Keys(images)))
	}
	return structured(w, format, slices.Collect(all(files)))
}

// all yields the findings of all files.
func all(files [][]rewrite.Finding) iter.Seq[*rewrite.Finding] {
	return func(yield func(*rewrite.Finding) bool) {
		for _, findings := range files {
			for i := range findings {
				if !yield(&findings[i]) {
					return
				}
			}
		}
	}
}

func writeLines(w io.Writer, lines []string) error {
	b := bufio.NewWriter(w) // keeps its error for Flush
	for _, line := range lines {
		_, _ = b.WriteString(line)
		_ = b.WriteByte('\n')
	}
	return b.Flush()
}

// structured writes items as JSON or YAML, by their JSON form: an array. Parts of it are arrays, too, which in JSON give their brackets up.
func structured[T any](w io.Writer, format Format, items []T) error {
	if len(items) == 0 {
		_, err := io.WriteString(w, "[]\n")
		return err
	}
	const opened, closed = "[\n", "\n]\n"
	return inParts(w, len(items), func() part {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return func(b []byte, first, end int) ([]byte, error) {
			text.Reset()
			if err := encoder.Encode(items[first:end]); err != nil {
				return nil, err
			}
			if format == FormatYAML {
				yaml, err := yaml.JSONToYAML(Printable(text.Bytes()))
				return append(b, yaml...), err
			}
			separator, last := ",\n", ""
			if first == 0 {
				separator = opened
			}
			if end == len(items) {
				last = closed
			}
			b = append(b, separator...)
			b = append(b, text.Bytes()[len(opened):text.Len()-len(closed)]...)
			return append(b, last...), nil
		}
	})
}

// Printable returns the JSON text with escapes for the characters that JSON allows and YAML 1.2, section 5.1, does not.
func Printable(text []byte) []byte {
	if !bytes.ContainsFunc(text, isUnprintable) {
		return text
	}
	var escaped bytes.Buffer
	for _, r := range string(text) {
		if isUnprintable(r) {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	return escaped.Bytes()
}

func isUnprintable(r rune) bool {
	return 0x7f <= r && r < 0xa0 || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF
}

// part appends what is written of items first to end. It may have memory of its own.
type part func(b []byte, first, end int) ([]byte, error)

// batch is how many items or rows a processor takes at a time.
const batch = 100

// inParts writes so many items in their order, made by as many processors as there are, each with a part of its own. They are not kept:
// there can be more of them than memory is worth. What is written of a batch goes through a slot, in which it waits for those before it.
func inParts(w io.Writer, items int, newPart func() part) error {
	const ahead = 8 // slots for each processor
	type made struct {
		text []byte
		err  error
	}
	type slot struct {
		free  chan []byte // memory for the next batch
		ready chan made
	}
	slots := make([]slot, ahead*runtime.GOMAXPROCS(0))
	for i := range slots {
		slots[i] = slot{make(chan []byte, 1), make(chan made, 1)}
		slots[i].free <- nil
	}
	batches := (items + batch - 1) / batch
	done := make(chan struct{})
	defer close(done)
	go parallel.Each(batches, 1, func(indices iter.Seq[int]) {
		write := newPart()
		for i := range indices {
			slot := slots[i%len(slots)]
			select {
			case text := <-slot.free:
				text, err := write(text[:0], i*batch, min((i+1)*batch, items))
				slot.ready <- made{text, err}
			case <-done:
				return
			}
		}
	})
	for i := range batches {
		slot := slots[i%len(slots)]
		made := <-slot.ready
		if made.err != nil {
			return made.err
		}
		if _, err := w.Write(made.text); err != nil {
			return err
		}
		slot.free <- made.text
	}
	return nil
}

// entry is the form in which programs get an entry of the catalog.
type entry struct {
	Name     string `json:"name"`
	Scheme   string `json:"scheme"`
	Image    string `json:"image"`
	Registry string `json:"registry"` // plugin or devfile
	Tag      string `json:"tag"`      // of the original reference, of scheme registry
	Original string `json:"original"` // the original reference, of schemes sample and related-image
	Editor   string `json:"editor"`   // editor, version and component, of scheme editor
	Arch     string `json:"arch"`
	CSV      string `json:"csv"`
	Where    string `json:"where"`
	Note     string `json:"note"`
}

// Catalog writes what a catalog offers in a format: to programs an array of objects.
func Catalog(w io.Writer, format Format, screen Screen, c *catalog.Catalog) error {
	if format == FormatTable {
		return CatalogTable(w, screen, c.Entries())
	}
	entries := make([]entry, len(c.Entries()))
	for i, e := range c.Entries() {
		entries[i] = entry{
			e.Name, string(e.Scheme), e.Image.String(), string(e.Registry), e.Tag, e.Original.String(),
			e.Editor, e.Arch, e.CSV, e.Where, e.Note,
		}
	}
	return structured(w, format, entries)
}

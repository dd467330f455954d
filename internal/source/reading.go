package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"inject-related-images/internal/access"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/yamltext"
)

// reading reads a file or a stream.
type reading struct {
	name     string
	wasNamed bool
	pkg      string                            // the package of a catalog that is wanted, or ""
	again    func(piece) func() (piece, error) // reads a piece again
	several  bool                              // packages are there, and none is wanted
	contents contents
}

func (r *reading) all(from io.Reader) (contents, error) {
	buffered := bufio.NewReaderSize(from, bufferSize)
	head, err := buffered.Peek(longestHead)
	if err != nil && !errors.Is(err, io.EOF) {
		return contents{}, access.Read(r.name, err)
	}
	if err := refuse(r.name, head); err != nil && r.wasNamed {
		return contents{}, err
	}
	for p, err := range pieces(buffered) {
		if err != nil {
			return contents{}, access.Read(r.name, err)
		}
		if r.wasNamed || mentionsCSV(p.text) {
			if err := r.add(p); err != nil {
				return contents{}, err
			}
		}
	}
	if c := r.contents; c.isCatalog && c.stray != "" {
		return contents{}, fmt.Errorf("%s: found an object without a schema: the catalog is cut off, or damaged", c.stray)
	}
	return r.contents, nil
}

// mentionsCSV tells whether a text may hold a CSV or be of a catalog.
func mentionsCSV(text string) bool {
	mentions := func(word string) bool { return strings.Contains(text, word) }
	return mentions(olm.Kind) || slices.ContainsFunc(olm.Schemas(), mentions)
}

// add takes from a piece what is to be kept of it.
func (r *reading) add(p piece) error {
	documents, err := parse(r.name, p)
	if err != nil {
		return err
	}
	for i, d := range documents {
		switch {
		case olm.IsBlob(d.Node):
			if err := r.addBlob(d, p, i); err != nil {
				return err
			}
			continue
		case d.Node.Kind == yamltext.Mapping && d.Node.Get("kind") == nil:
			r.contents.stray = d.Where
		}
		for _, object := range olm.Objects(d) {
			if r.wasNamed || olm.IsCSV(object.Node) {
				r.contents.documents = append(r.contents.documents, object)
			}
		}
	}
	return nil
}

// addBlob keeps the document d of a catalog, the one at index i of a piece, if it is of the package
// that is wanted. Of others it is enough to know that they are there.
func (r *reading) addBlob(d olm.Document, p piece, i int) error {
	r.contents.isCatalog = true
	b, err := olm.ReadBlob(d)
	if err != nil {
		return err
	}
	blobs := r.contents.blobs
	if b.Package == "" || r.pkg != "" && b.Package != r.pkg && !b.IsPackage() {
		return nil
	}
	if r.pkg == "" && !r.several && len(blobs) > 0 && blobs[0].Package != b.Package {
		r.several = true // which is going to be refused
		for i := range blobs {
			blobs[i].Read = nil
		}
	}
	if b.IsBundle() && !r.several {
		again := r.again(p)
		b.Read = func() (olm.Document, error) {
			p, err := again()
			if err != nil {
				return olm.Document{}, err
			}
			documents, err := parse(r.name, p)
			if err == nil && i >= len(documents) {
				err = fmt.Errorf("%s: the file has changed: try again", b.Where)
			}
			if err != nil {
				return olm.Document{}, err
			}
			return documents[i], nil
		}
	}
	r.contents.blobs = append(blobs, b)
	return nil
}

// parse returns the documents of a piece that are not empty.
func parse(name string, p piece) ([]olm.Document, error) {
	text, err := yamltext.Parse(p.text, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", quote.Name(name), p.explain(err))
	}
	text.LinesBefore = p.lines
	var documents []olm.Document
	position := olm.InFile(name, text.Source, p.lines)
	for _, node := range text.Docs {
		if node.Kind != yamltext.Scalar || node.Value != "" {
			documents = append(documents, olm.Document{Text: text, Node: node, Where: position(node.Offset), Position: position})
		}
	}
	return documents, nil
}

// explain returns why a piece does not parse, with the line in the whole stream.
func (p piece) explain(err error) error {
	if p.open {
		first := 1 + p.lines + strings.Count(p.text[:strings.IndexByte(p.text, '{')], "\n")
		return fmt.Errorf("line %d: the JSON object that begins here does not end: the file is cut off, or damaged", first)
	}
	if _, placed := yamltext.Parse(strings.Repeat("\n", p.lines)+p.text, nil); placed != nil {
		return placed
	}
	return err
}

package olm

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// The properties of a bundle that say what its CSV does.
const (
	objectProperty   = "olm.bundle.object" // an object of the bundle, such as the CSV
	metadataProperty = "olm.csv.metadata"  // what a list of operators shows of the CSV
)

// ErrNoCSV says that a bundle in a catalog knows no images.
var ErrNoCSV = errors.New("the bundle holds neither a CSV nor related images")

// Open opens the bundle of an entry of a channel: its CSV, or where the catalog holds only metadata
// of that, the related images of the bundle.
func (p Package) Open(entry Release) (Release, error) {
	blob, err := p.bundle(entry)
	if err != nil {
		return Release{}, err
	}
	d, err := blob.Read()
	if err != nil {
		return Release{}, err
	}
	r, err := openBundle(d, blob)
	r.Bundle, r.Replaces, r.Skips, r.SkipRange = entry.Name, entry.Replaces, entry.Skips, entry.SkipRange
	return r, err
}

func openBundle(d Document, blob Blob) (Release, error) {
	var csvs []Document
	for _, p := range properties(d.Node, objectProperty) {
		object, err := objectOf(d, p)
		if err != nil {
			return Release{}, fmt.Errorf("%s: bundle %s: %s: %w", d.Position(p.Offset), blob.Name, objectProperty, err)
		}
		if IsCSV(object.Node) {
			csvs = append(csvs, object)
		}
	}
	switch metadata := properties(d.Node, metadataProperty); {
	case len(csvs) == 1:
		return Open(csvs[0])
	case len(csvs) > 1:
		return Release{}, fmt.Errorf("%s has %d CSVs: a bundle has one", blob, len(csvs))
	case len(metadata) > 0 && d.Node.Get("relatedImages").Index(0) != nil:
		annotations := texts(metadata[0].Get("value").Get("annotations"))
		return Release{
			Name: blob.Name, Version: blob.version, Where: blob.Where, HasNoCSV: true, Annotations: annotations, document: d,
		}, nil
	}
	return Release{}, fmt.Errorf("%s: %w: give the bundle's own folder", blob, ErrNoCSV)
}

// objectOf returns the object in a property. All of it stands on one line of the catalog.
func objectOf(d Document, property *yamltext.Node) (Document, error) {
	data := property.Get("value").Get("data")
	if data == nil {
		return Document{}, errors.New("it has no data: give a catalog that opm has rendered")
	}
	source, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data.Value), ""))
	if err != nil {
		return Document{}, fmt.Errorf("its data is not base64: %w: the catalog is cut off, or damaged", err)
	}
	if !strings.Contains(string(source), Kind) {
		return Document{}, nil
	}
	text, err := yamltext.Parse(string(source), nil)
	if err != nil {
		return Document{}, fmt.Errorf("its data does not parse: %w: the catalog is cut off, or damaged", err)
	}
	where := d.Position(data.Offset)
	object := Document{Text: text, Where: d.Where, Position: func(int) string { return where }}
	if len(text.Docs) > 0 {
		object.Node = text.Docs[0]
	}
	return object, nil
}

// bundle reads the related images of a bundle of a catalog, but the bundle's own image.
func (r *reader) bundle(n *yamltext.Node) {
	for _, related := range r.imagesOf(n.Get("relatedImages"), "relatedImages") {
		image, err := imageref.Parse(related.Image)
		if err != nil || related.Image == n.Text("image") {
			continue
		}
		e := catalog.DecodeLowered(related.Name, image)
		e.CSV = r.name
		r.evidence = append(r.evidence, e)
	}
	if len(r.evidence) == 0 && len(r.errs) == 0 {
		r.fail(n, "%w: give the bundle's own folder", ErrNoCSV)
	}
}

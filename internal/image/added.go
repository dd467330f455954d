package image

import (
	"encoding/json"
	"fmt"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// createdBy is in the history of a layer that this program added, and tells it from others.
const createdBy = "inject-related-images inject"

// What an image was made of (OCI image specification, annotations.md): annotations, and labels.
const (
	baseName   = "org.opencontainers.image.base.name"
	baseDigest = "org.opencontainers.image.base.digest"
)

// base is what an image was made of, as labels say it.
type base map[string]string

// historyEntry is what matters of an entry of an image's history.
type historyEntry struct {
	CreatedBy  string `json:"created_by"`
	EmptyLayer bool   `json:"empty_layer"`
}

// layerLists are the lists that have something of each layer. Some images have no history, or a
// history of their upper layers only.
type layerLists struct {
	rootfs      object
	diffIDs     []json.RawMessage
	descriptors []json.RawMessage
	history     []json.RawMessage
	inHistory   []int // which entries of the history are of layers
	last        historyEntry
}

func (d documents) lists() (l layerLists, err error) {
	l.rootfs = object{}
	for _, err := range []error{
		d.config.get("rootfs", &l.rootfs), l.rootfs.get("diff_ids", &l.diffIDs),
		d.config.get("history", &l.history), d.manifest.get("layers", &l.descriptors),
	} {
		if err != nil {
			return l, fmt.Errorf("its manifest or configuration: %w", err)
		}
	}
	if len(l.diffIDs) != len(d.layers) || len(l.descriptors) != len(d.layers) {
		return l, fmt.Errorf("its configuration has %d layers, and its manifest %d", len(l.diffIDs), len(l.descriptors))
	}
	for n, text := range l.history {
		var entry historyEntry
		if err := json.Unmarshal(text, &entry); err != nil {
			return l, fmt.Errorf("its configuration: history: %w", err)
		}
		if !entry.EmptyLayer {
			l.inHistory, l.last = append(l.inHistory, n), entry
		}
	}
	return l, nil
}

func (d documents) setLists(l layerLists) error {
	for _, err := range []error{
		l.rootfs.set("diff_ids", l.diffIDs), d.config.set("rootfs", l.rootfs),
		d.config.set("history", l.history), d.manifest.set("layers", l.descriptors),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// takeOff takes the uppermost layer off if this program added it, and returns that layer and what
// the image was made of. The layer is nil if there is none.
func (d *documents) takeOff() (v1.Layer, base, error) {
	l, err := d.lists()
	if err != nil {
		return nil, nil, err
	}
	top := len(d.layers) - 1
	if top < 0 || len(l.inHistory) != len(d.layers) || l.last.CreatedBy != createdBy {
		return nil, nil, nil
	}
	added := d.layers[top]
	l.diffIDs, l.descriptors, d.layers = l.diffIDs[:top], l.descriptors[:top], d.layers[:top]
	l.history = slices.Delete(l.history, l.inHistory[top], l.inHistory[top]+1)
	made, err := d.base()
	if err != nil {
		return nil, nil, err
	}
	if err := d.setBase(base{baseName: "", baseDigest: ""}); err != nil {
		return nil, nil, err
	}
	return added, made, d.setLists(l)
}

// Below returns the image without the layer that this program has added to it. It is false if there
// is none.
func (i Image) Below() (Image, bool, error) {
	documents, err := documentsOf(i.Image)
	if err != nil {
		return Image{}, false, err
	}
	added, _, err := documents.takeOff()
	if err != nil || added == nil {
		return Image{}, false, err
	}
	below := i
	below.Image, err = documents.image()
	return below, err == nil, err
}

// add puts a layer on top.
func (d *documents) add(layer *addedLayer, from base) error {
	l, err := d.lists()
	if err != nil {
		return err
	}
	size, err := layer.Size()
	if err != nil {
		return err
	}
	descriptor, err := marshal(v1.Descriptor{MediaType: layer.mediaType, Digest: layer.digest, Size: size})
	if err != nil {
		return err
	}
	diffID, err := marshal(layer.diffID)
	if err != nil {
		return err
	}
	entry := object{"created": d.config["created"]} // the source's time: now would make another digest each time
	if entry["created"] == nil {
		delete(entry, "created")
	}
	if err := entry.set("created_by", createdBy); err != nil {
		return err
	}
	text, err := entry.text()
	if err != nil {
		return err
	}
	for range len(d.layers) - len(l.inHistory) { // else the entry would be that of a lower layer
		l.history = slices.Insert(l.history, 0, json.RawMessage("{}"))
	}
	l.history = append(l.history, text)
	l.diffIDs, l.descriptors = append(l.diffIDs, diffID), append(l.descriptors, descriptor)
	d.layers = append(slices.Clip(d.layers), layer)
	if err := d.setBase(from); err != nil {
		return err
	}
	return d.setLists(l)
}

// base returns what the labels say that the image was made of.
func (d documents) base() (base, error) {
	var config struct{ Labels map[string]string }
	if err := d.config.get("config", &config); err != nil {
		return nil, fmt.Errorf("its configuration: %w", err)
	}
	return base{baseName: config.Labels[baseName], baseDigest: config.Labels[baseDigest]}, nil
}

// setBase says what the image was made of: in labels, and where the manifest may have them in
// annotations.
func (d documents) setBase(from base) error {
	config := object{}
	if err := d.config.get("config", &config); err != nil {
		return fmt.Errorf("its configuration: %w", err)
	}
	if config == nil { // it was null
		config = object{}
	}
	if err := config.setEntries("Labels", from); err != nil {
		return fmt.Errorf("its configuration: its labels: %w", err)
	}
	if err := d.config.set("config", config); err != nil {
		return err
	}
	if d.mediaType != types.OCIManifestSchema1 {
		return nil
	}
	if err := d.manifest.setEntries("annotations", from); err != nil {
		return fmt.Errorf("its manifest: its annotations: %w", err)
	}
	return nil
}

package image

import (
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Edit decides what changes in an image for one platform.
type Edit func(Image) (Changes, error)

// Respin returns the image with one layer more, that has what edit changes: of an index, every
// image. The new layer takes the place of one that this program added before, and has the files of
// that, too. If nothing changes, it returns the tree itself.
//
// The attestations of an index are those of the images that it had, and are left out. Respin
// returns how many they are.
func (t *Tree) Respin(edit Edit) (*Tree, int, error) {
	r := respin{tree: t, edit: edit}
	root, err := r.manifest(t.root, nil, 0)
	if err == nil && r.images == 0 {
		err = errNoImage
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", t.address.Text, plain(explain(err)))
	}
	if root == t.root {
		return t, 0, nil
	}
	made := *t
	made.root = root
	return &made, r.attestations, nil
}

// respin is the work at one tree.
type respin struct {
	tree         *Tree
	edit         Edit
	all          bounds
	images       int // that were edited
	attestations int // that were left out
}

// manifest returns what is to stand in the place of an image or an index: itself if nothing changes.
func (r *respin) manifest(m manifest, platform *v1.Platform, depth int) (manifest, error) {
	if err := r.all.check(depth); err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case v1.Image:
		return r.image(m, platform)
	case v1.ImageIndex:
		return r.index(m, depth)
	}
	return nil, fmt.Errorf("%T is neither an image nor an index", m) // there is no third
}

func (r *respin) image(from v1.Image, platform *v1.Platform) (manifest, error) {
	opened, err := newImage(from, platform)
	if err != nil {
		return nil, err
	}
	opened.ctx = r.tree.ctx
	r.images++
	changes, err := r.edit(opened)
	if err != nil || len(changes.Texts) == 0 {
		return from, err
	}
	documents, err := documentsOf(from)
	if err != nil {
		return nil, err
	}
	added, base, err := documents.takeOff()
	if err != nil {
		return nil, err
	}
	if added == nil {
		base, err = r.tree.base(from)
	} else {
		changes.kept, err = entriesOf(r.tree.ctx, added)
	}
	if err != nil {
		return nil, err
	}
	return documents.with(changes, base)
}

// with returns the image with a layer on top.
func (d documents) with(changes Changes, from base) (*rewritten, error) {
	var below types.MediaType
	if len(d.layers) > 0 {
		var err error
		if below, err = d.layers[len(d.layers)-1].MediaType(); err != nil {
			return nil, err
		}
	}
	layer, err := changes.layer(layerLike(below, d.mediaType))
	if err != nil {
		return nil, err
	}
	if err := d.add(layer, from); err != nil {
		return nil, err
	}
	return d.image()
}

// index returns the index with its images respun and its attestations left out. All else in it is as
// it was.
func (r *respin) index(from v1.ImageIndex, depth int) (manifest, error) {
	parsed, err := from.IndexManifest()
	if err != nil {
		return nil, err
	}
	raw, err := from.RawManifest()
	if err != nil {
		return nil, err
	}
	document, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	var entries []json.RawMessage
	if err := document.get("manifests", &entries); err != nil {
		return nil, err
	}
	made := &index{children: map[v1.Hash]manifest{}}
	if made.mediaType, err = from.MediaType(); err != nil {
		return nil, err
	}
	isChanged, attestations := false, 0
	var kept []json.RawMessage
	for n, d := range parsed.Manifests {
		if isAttestation(d) {
			attestations++
			continue
		}
		was, err := child(from, d)
		if err != nil {
			return nil, err
		}
		is := was
		if isImage(d) || d.MediaType.IsIndex() {
			if is, err = r.manifest(was, d.Platform, depth+1); err != nil {
				return nil, err
			}
		}
		text := entries[n]
		if is != was {
			isChanged = true
			if text, err = pointTo(text, is); err != nil {
				return nil, err
			}
		}
		digest, err := is.Digest()
		if err != nil {
			return nil, err
		}
		made.children[digest], kept = is, append(kept, text)
	}
	if !isChanged {
		return from, nil
	}
	r.attestations += attestations
	if err := document.set("manifests", kept); err != nil {
		return nil, err
	}
	made.raw, err = document.text()
	return made, err
}

// pointTo returns an entry of an index that points to another manifest, for the same platform and
// with the same annotations.
func pointTo(entry json.RawMessage, m manifest) (json.RawMessage, error) {
	descriptor, err := parseObject(entry)
	if err != nil {
		return nil, err
	}
	digest, err := m.Digest()
	if err != nil {
		return nil, err
	}
	size, err := m.Size()
	if err != nil {
		return nil, err
	}
	if err := descriptor.point(digest.String(), size); err != nil {
		return nil, err
	}
	return descriptor.text()
}

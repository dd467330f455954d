package image

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Tree is all that an address names: an image, or an index of images for several platforms.
type Tree struct {
	root    manifest
	address Address
	ref     name.Reference // in a registry, or nil
	ctx     context.Context
}

// manifest is a v1.Image or a v1.ImageIndex.
type manifest interface {
	MediaType() (types.MediaType, error)
	Digest() (v1.Hash, error)
	Size() (int64, error)
	RawManifest() ([]byte, error)
}

// Digest returns the digest of the manifest or index: sha256:….
func (t *Tree) Digest() (string, error) {
	digest, err := t.root.Digest()
	return digest.String(), err
}

// base returns the labels that say of which image of this tree another one is made.
func (t *Tree) base(from v1.Image) (base, error) {
	digest, err := from.Digest()
	made := base{baseName: "", baseDigest: digest.String()}
	if t.ref != nil {
		made[baseName] = t.ref.Name()
	}
	return made, err
}

// imagesOf returns the images of a manifest, also of the indexes in an index.
func imagesOf(m manifest, platform *v1.Platform, depth int, all *bounds) ([]Image, error) {
	if err := all.check(depth); err != nil {
		return nil, err
	}
	if image, ok := m.(v1.Image); ok {
		opened, err := newImage(image, platform)
		if err != nil {
			return nil, err
		}
		return []Image{opened}, nil
	}
	inside := m.(v1.ImageIndex)
	parsed, err := inside.IndexManifest()
	if err != nil {
		return nil, err
	}
	var images []Image
	for _, d := range parsed.Manifests {
		if !isImage(d) && !d.MediaType.IsIndex() {
			continue
		}
		m, err := child(inside, d)
		if err != nil {
			return nil, err
		}
		found, err := imagesOf(m, d.Platform, depth+1, all)
		if err != nil && !isArtifact(err) {
			return nil, err
		}
		images = append(images, found...)
	}
	return images, nil
}

// child returns what an entry of an index points to.
func child(of v1.ImageIndex, d v1.Descriptor) (manifest, error) {
	switch {
	case d.MediaType.IsIndex():
		return of.ImageIndex(d.Digest)
	case d.MediaType.IsImage():
		return of.Image(d.Digest)
	}
	return nil, fmt.Errorf("the index has an entry of the type %s, which is no image: %s", d.MediaType, d.Digest)
}

// index is an index with images and indexes that are at hand. It is a v1.ImageIndex.
type index struct {
	mediaType types.MediaType
	raw       []byte
	children  map[v1.Hash]manifest
}

func (i *index) MediaType() (types.MediaType, error) { return i.mediaType, nil }

func (i *index) RawManifest() ([]byte, error) { return i.raw, nil }

func (i *index) Digest() (v1.Hash, error) { return partial.Digest(i) }

func (i *index) Size() (int64, error) { return partial.Size(i) }

func (i *index) IndexManifest() (*v1.IndexManifest, error) {
	return v1.ParseIndexManifest(bytes.NewReader(i.raw))
}

func (i *index) Image(digest v1.Hash) (v1.Image, error) {
	if image, ok := i.children[digest].(v1.Image); ok {
		return image, nil
	}
	return nil, fmt.Errorf("the index has no image %s", digest)
}

func (i *index) ImageIndex(digest v1.Hash) (v1.ImageIndex, error) {
	if inner, ok := i.children[digest].(v1.ImageIndex); ok {
		return inner, nil
	}
	return nil, fmt.Errorf("the index has no index %s", digest)
}

package image

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// The files of an image layout (OCI image specification, image-layout.md).
const (
	layoutFile = "oci-layout"
	indexFile  = "index.json"
	refName    = "org.opencontainers.image.ref.name" // the annotation that holds a tag
)

// maxManifest bounds manifests, indexes and configurations.
const maxManifest = 8 << 20

// store is an OCI image layout: a folder or a tarball.
type store interface {
	open(name string) (content io.ReadCloser, size int64, err error)
}

// folder is a store.
type folder struct{ *os.Root }

func (f folder) open(name string) (io.ReadCloser, int64, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// readAll reads a small file of a store.
func readAll(s store, name string) ([]byte, error) {
	content, _, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, maxManifest+1))
	if err == nil && len(text) > maxManifest {
		err = fmt.Errorf("%s has more than %d bytes, which is the limit", name, maxManifest)
	}
	return text, err
}

// layout is what an image layout holds.
type layout struct{ store }

// blob returns what is under a digest. It ends with an error if that is something else.
func (l layout) blob(digest v1.Hash) (io.ReadCloser, int64, error) {
	hasher, err := v1.Hasher(digest.Algorithm)
	if err != nil {
		return nil, 0, err
	}
	if strings.ContainsAny(digest.Hex, "/.") {
		return nil, 0, fmt.Errorf("%q is no digest", digest)
	}
	content, size, err := l.open(path.Join("blobs", digest.Algorithm, digest.Hex))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the blob %s is missing", digest)
	}
	if err != nil {
		return nil, 0, err
	}
	return &verified{content, hasher, digest}, size, nil
}

// text returns a manifest, an index or a configuration.
func (l layout) text(digest v1.Hash) ([]byte, error) {
	content, size, err := l.blob(digest)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if size > maxManifest {
		return nil, fmt.Errorf("%s has %d bytes: at most %d are read", digest, size, maxManifest)
	}
	return io.ReadAll(content)
}

// verified ends with an error if what was read has another digest.
type verified struct {
	io.ReadCloser
	hash hash.Hash
	want v1.Hash
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	v.hash.Write(p[:n])
	if errors.Is(err, io.EOF) {
		if got := fmt.Sprintf("%x", v.hash.Sum(nil)); got != v.want.Hex {
			return n, fmt.Errorf("its digest is %s:%s, and should be %s: it is damaged", v.want.Algorithm, got, v.want)
		}
	}
	return n, err
}

// descriptors returns what the layout has under a tag: a list of manifests and indexes.
func (l layout) descriptors(tag string) ([]v1.Descriptor, error) {
	text, err := readAll(l.store, indexFile)
	if err != nil {
		return nil, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	var found []v1.Descriptor
	var tags []string
	for _, d := range index.Manifests {
		name := d.Annotations[refName]
		if name != "" {
			tags = append(tags, name)
		}
		if tag == "" || name == tag {
			found = append(found, d)
		}
	}
	if !isOneImage(found) {
		return nil, severalImages(tags)
	}
	if len(found) == 0 && tag != "" {
		return nil, noSuchTag(tag, tags)
	}
	return found, nil
}

// isOneImage tells whether a layout holds one image, maybe for several platforms and with
// attestations.
func isOneImage(found []v1.Descriptor) bool {
	var images []v1.Descriptor
	for _, d := range found {
		if d.MediaType.IsIndex() || isImage(d) {
			images = append(images, d)
		}
	}
	return len(images) < 2 || !slices.ContainsFunc(images, func(d v1.Descriptor) bool {
		return d.Platform == nil || d.Annotations[refName] != images[0].Annotations[refName]
	})
}

func severalImages(tags []string) error {
	if len(tags) == 0 {
		return errors.New("it holds several images without tags: give a folder or file with one")
	}
	return fmt.Errorf("it holds several images: name one by :TAG behind it: %s", strings.Join(tags, ", "))
}

func noSuchTag(tag string, tags []string) error {
	if len(tags) == 0 {
		return fmt.Errorf("it has no image with the tag %s, nor with any other: leave out the tag", tag)
	}
	return fmt.Errorf("it has no image with the tag %s: it has %s", tag, strings.Join(tags, ", "))
}

// root returns what the layout has under a tag. Several manifests are an index.
func (l layout) root(tag string) (manifest, error) {
	found, err := l.descriptors(tag)
	if err != nil {
		return nil, err
	}
	if len(found) == 1 {
		return l.manifest(found[0])
	}
	text, err := marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: found})
	return ociIndex{l, types.OCIImageIndex, &text}, err
}

func (l layout) manifest(d v1.Descriptor) (manifest, error) {
	text, err := l.text(d.Digest)
	switch {
	case err != nil:
		return nil, err
	case d.MediaType.IsIndex():
		return ociIndex{l, d.MediaType, &text}, nil
	case !d.MediaType.IsImage():
		return nil, fmt.Errorf("%s has the type %s, which is no image", d.Digest, d.MediaType)
	}
	core := ociImage{layout: l, mediaType: d.MediaType, raw: text}
	if core.manifest, err = v1.ParseManifest(bytes.NewReader(text)); err != nil {
		return nil, fmt.Errorf("the manifest %s: %w", d.Digest, err)
	}
	return partial.CompressedToImage(core)
}

// ociIndex is an index of a layout. It is a v1.ImageIndex, and can be compared.
type ociIndex struct {
	layout
	mediaType types.MediaType
	raw       *[]byte
}

func (i ociIndex) MediaType() (types.MediaType, error) { return i.mediaType, nil }

func (i ociIndex) RawManifest() ([]byte, error) { return *i.raw, nil }

func (i ociIndex) Digest() (v1.Hash, error) { return partial.Digest(i) }

func (i ociIndex) Size() (int64, error) { return partial.Size(i) }

func (i ociIndex) IndexManifest() (*v1.IndexManifest, error) {
	parsed, err := v1.ParseIndexManifest(bytes.NewReader(*i.raw))
	if err != nil {
		return nil, fmt.Errorf("the index: %w", err)
	}
	return parsed, nil
}

func (i ociIndex) Image(digest v1.Hash) (v1.Image, error) {
	m, err := i.child(digest)
	if image, ok := m.(v1.Image); ok || err != nil {
		return image, err
	}
	return nil, fmt.Errorf("%s is no image", digest)
}

func (i ociIndex) ImageIndex(digest v1.Hash) (v1.ImageIndex, error) {
	m, err := i.child(digest)
	if index, ok := m.(v1.ImageIndex); ok || err != nil {
		return index, err
	}
	return nil, fmt.Errorf("%s is no index", digest)
}

func (i ociIndex) child(digest v1.Hash) (manifest, error) {
	parsed, err := i.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Manifests {
		if d.Digest == digest {
			return i.manifest(d)
		}
	}
	return nil, fmt.Errorf("the index has no entry %s", digest)
}

// ociImage is an image of a layout. It is a partial.CompressedImageCore.
type ociImage struct {
	layout
	mediaType types.MediaType
	raw       []byte
	manifest  *v1.Manifest
}

func (i ociImage) MediaType() (types.MediaType, error) { return i.mediaType, nil }

func (i ociImage) RawManifest() ([]byte, error) { return i.raw, nil }

func (i ociImage) RawConfigFile() ([]byte, error) { return i.text(i.manifest.Config.Digest) }

func (i ociImage) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range i.manifest.Layers {
		if d.Digest == digest {
			return ociLayer{i.layout, d}, nil
		}
	}
	return nil, fmt.Errorf("the manifest has no layer %s", digest)
}

// ociLayer is a layer of a layout. It is a partial.CompressedLayer.
type ociLayer struct {
	layout
	descriptor v1.Descriptor
}

func (l ociLayer) Digest() (v1.Hash, error) { return l.descriptor.Digest, nil }

func (l ociLayer) Size() (int64, error) { return l.descriptor.Size, nil }

func (l ociLayer) MediaType() (types.MediaType, error) { return l.descriptor.MediaType, nil }

func (l ociLayer) Compressed() (io.ReadCloser, error) {
	content, _, err := l.blob(l.descriptor.Digest)
	return content, err
}

package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// dockerManifest is the file that docker save lists images in.
const dockerManifest = "manifest.json"

// openDockerArchive returns the image of a tarball as docker save and podman save write it.
func openDockerArchive(file, tag string) (v1.Image, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(file) })
	if err != nil {
		return nil, err
	}
	wanted, err := chooseTag(manifest, tag)
	if err != nil {
		return nil, err
	}
	image, err := tarball.ImageFromPath(file, wanted)
	if err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	for i, l := range layers {
		layers[i] = archivedLayer{l, info.Size()}
	}
	return &archived{Image: image, layers: layers}, err
}

// chooseTag returns the tag of the image that is meant, or nil if there is one image.
func chooseTag(manifest tarball.Manifest, tag string) (*name.Tag, error) {
	var tags []string
	for _, image := range manifest {
		tags = append(tags, image.RepoTags...)
	}
	switch {
	case len(manifest) == 0:
		return nil, errors.New("it holds no image")
	case tag == "" && len(manifest) == 1:
		return nil, nil
	case tag == "" && len(manifest) > 1:
		return nil, severalImages(tags)
	}
	wanted, err := name.NewTag(tag)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(tags, func(t string) bool {
		other, err := name.NewTag(t)
		return err == nil && other.Name() == wanted.Name()
	}) {
		return nil, noSuchTag(tag, tags)
	}
	return &wanted, nil
}

// archived is an image of a docker archive. Such archives hold no manifest: it is made of what they
// hold, as this program writes manifests. Most have layers that are not compressed, and the library
// compresses them for the manifest, which is asked for only when the image is written.
type archived struct {
	v1.Image
	layers []v1.Layer
}

func (a *archived) Layers() ([]v1.Layer, error) { return a.layers, nil }

func (a *archived) MediaType() (types.MediaType, error) { return types.DockerManifestSchema2, nil }

func (a *archived) RawManifest() ([]byte, error) {
	config, err := a.RawConfigFile()
	if err != nil {
		return nil, err
	}
	digest, size, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		return nil, err
	}
	descriptor, manifest := object{}, object{}
	layers := make([]*v1.Descriptor, len(a.layers))
	for i, l := range a.layers {
		if layers[i], err = partial.Descriptor(l); err != nil {
			return nil, err
		}
	}
	for _, err := range []error{
		descriptor.set("mediaType", types.DockerConfigJSON), descriptor.point(digest.String(), size),
		manifest.set("schemaVersion", 2), manifest.set("mediaType", types.DockerManifestSchema2),
		manifest.set("config", descriptor), manifest.set("layers", layers),
	} {
		if err != nil {
			return nil, err
		}
	}
	return manifest.text()
}

func (a *archived) Manifest() (*v1.Manifest, error) { return partial.Manifest(a) }

func (a *archived) Digest() (v1.Hash, error) { return partial.Digest(a) }

func (a *archived) Size() (int64, error) { return partial.Size(a) }

// archivedLayer is a layer that can be read without that it is compressed first.
type archivedLayer struct {
	v1.Layer
	most int64 // of its size
}

// asItIs returns the layer as it is, and what bounds its size. The library does not check it.
func (l archivedLayer) asItIs() (io.ReadCloser, int64, error) {
	digest, err := l.DiffID()
	if err != nil {
		return nil, 0, err
	}
	hasher, err := v1.Hasher(digest.Algorithm)
	if err != nil {
		return nil, 0, fmt.Errorf("the layer %s: %w", digest, err)
	}
	content, err := l.Layer.Uncompressed()
	if err != nil {
		return nil, 0, err
	}
	return &verified{content, hasher, digest}, l.most, nil
}

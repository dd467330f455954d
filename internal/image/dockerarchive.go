package image

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// dockerManifest is the file that docker save lists images in.
const dockerManifest = "manifest.json"

// openDockerArchive returns the image of a tarball as docker save and podman save write it.
func openDockerArchive(file, tag string) (Image, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Image{}, err
	}
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(file) })
	if err != nil {
		return Image{}, err
	}
	wanted, err := chooseTag(manifest, tag)
	if err != nil {
		return Image{}, err
	}
	image, err := tarball.ImageFromPath(file, wanted)
	if err != nil {
		return Image{}, err
	}
	return newImage(archived{image, info.Size()}, nil)
}

// chooseTag returns the tag of the image that is meant, or nil if there is one image.
func chooseTag(manifest tarball.Manifest, tag string) (*name.Tag, error) {
	var tags []string
	for _, image := range manifest {
		tags = append(tags, image.RepoTags...)
	}
	switch {
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

// archived is an image of a docker archive, whose layers are not compressed: the library would
// compress them to tell their size, and does not check them.
type archived struct {
	v1.Image
	size int64 // of the archive
}

func (a archived) Layers() ([]v1.Layer, error) {
	layers, err := a.Image.Layers()
	for i, l := range layers {
		layers[i] = archivedLayer{l, a.size}
	}
	return layers, err
}

type archivedLayer struct {
	v1.Layer
	size int64
}

func (l archivedLayer) Size() (int64, error) { return l.size, nil }

// Compressed returns the layer as it is.
func (l archivedLayer) Compressed() (io.ReadCloser, error) {
	digest, err := l.DiffID()
	if err != nil {
		return nil, err
	}
	hasher, err := v1.Hasher(digest.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("the layer %s: %w", digest, err)
	}
	content, err := l.Layer.Uncompressed()
	if err != nil {
		return nil, err
	}
	return &verified{content, hasher, digest}, nil
}

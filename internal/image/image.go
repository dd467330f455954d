// Package image opens container images: in registries, in OCI image layouts, in tarballs. It reads
// the files that a container of an image sees, layer by layer, without unpacking them.
//
// Registries, manifests and credentials are go-containerregistry's work. What is here is what that
// library leaves open or gets wrong: the final file system, archives of OCI layouts, waiting as
// registries ask for it, and errors that say what to do.
package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image is an image for one platform.
type Image struct {
	v1.Image
	Platform string            // linux/amd64; "" if it is not known
	Labels   map[string]string // of its configuration

	ctx context.Context // of the client that opened it
}

// newImage returns an image, and for which platform it is: as its index says, else as it says
// itself.
func newImage(image v1.Image, platform *v1.Platform) (Image, error) {
	if err := checkArtifact(image); err != nil {
		return Image{}, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return Image{}, fmt.Errorf("its configuration: %w", err)
	}
	opened := Image{Image: image, Labels: config.Config.Labels}
	if platform == nil {
		platform = config.Platform()
	}
	if platform != nil {
		opened.Platform = platform.String()
	}
	return opened, nil
}

// artifactError is the type of the configuration of what is no image, but looks like one in an index.
type artifactError types.MediaType

func (e artifactError) Error() string {
	return fmt.Sprintf("it is an artifact of the type %s, and no image", string(e))
}

// checkArtifact returns an error if what is opened as an image is an artifact. Docker archives hold
// images only.
func checkArtifact(image v1.Image) error {
	if _, ok := image.(*archived); ok {
		return nil // it would make its manifest for this
	}
	manifest, err := image.Manifest()
	if err != nil {
		return err
	}
	if kind := manifest.Config.MediaType; kind != "" && !kind.IsConfig() {
		return artifactError(kind)
	}
	return nil
}

// isArtifact tells whether what could not be opened is no image.
func isArtifact(err error) bool { return errors.As(err, new(artifactError)) }

var errNoImage = errors.New("it holds no image")

// Bounds of indexes in indexes, so that a small file cannot keep a run busy for hours.
const (
	maxDepth     = 4
	maxManifests = 500 // of a whole tree; one that is named twice counts twice
)

// bounds counts the manifests of a tree.
type bounds struct{ manifests int }

// check counts one manifest, which stands in so many indexes, and returns an error past the bounds.
func (b *bounds) check(depth int) error {
	b.manifests++
	switch {
	case depth > maxDepth:
		return fmt.Errorf("it has indexes within indexes, more than %d deep", maxDepth)
	case b.manifests > maxManifests:
		return fmt.Errorf("its indexes name more than %d manifests", maxManifests)
	}
	return nil
}

// isImage tells whether an entry of an index is an image, and not an artifact or an attestation. The
// library takes the type of an image's configuration for that of an artifact.
func isImage(d v1.Descriptor) bool {
	isArtifact := d.ArtifactType != "" && !types.MediaType(d.ArtifactType).IsConfig()
	return d.MediaType.IsImage() && !isArtifact && !isAttestation(d)
}

// isAttestation tells whether an entry of an index is an attestation of an image, in BuildKit's
// form.
func isAttestation(d v1.Descriptor) bool {
	return d.Annotations["vnd.docker.reference.type"] != "" ||
		d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown"
}

// Client opens images.
type Client struct {
	Registries
	Context context.Context // ends what is going on; nil never does
	files   []*tarFile      // that images are read from
}

func (c *Client) context() context.Context {
	if c.Context == nil {
		return context.Background()
	}
	return c.Context
}

// Open opens the image at an address: one for each platform that it is there for. Images whose
// layers are the same are there once. It may be used until Close is called.
func (c *Client) Open(a Address) ([]Image, error) {
	t, err := c.Tree(a)
	if err != nil {
		return nil, err
	}
	images, err := imagesOf(t.root, nil, 0, &bounds{})
	if err == nil && len(images) == 0 {
		err = errNoImage
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Text, plain(explain(err)))
	}
	for i := range images {
		images[i].ctx = c.context()
	}
	return distinct(images)
}

// Tree opens all that an address names. It may be used until Close is called.
func (c *Client) Tree(a Address) (*Tree, error) {
	t := &Tree{address: a, ctx: c.context()}
	if err := c.open(t); err != nil {
		return nil, fmt.Errorf("%s: %w", a.Text, plain(explain(err)))
	}
	return t, nil
}

func (c *Client) open(t *Tree) (err error) {
	a := t.address
	switch a.transport {
	case docker:
		if t.ref, err = c.reference(a.place); err == nil {
			t.root, err = c.pull(t.ctx, t.ref)
		}
		return err
	case dockerArchive:
		if err = c.checkArchive(a.place); err == nil {
			t.root, err = openDockerArchive(a.place, a.tag)
		}
		return err
	}
	opened, err := c.openLayout(a)
	if err == nil {
		t.root, err = opened.root(a.tag)
	}
	return err
}

func (c *Client) openLayout(a Address) (layout, error) {
	if a.transport == ociFolder {
		root, err := os.OpenRoot(a.place)
		if err != nil {
			return layout{}, err
		}
		return layout{folder{root}}, nil
	}
	archive, err := openTar(a.place)
	if err != nil {
		return layout{}, err
	}
	c.files = append(c.files, archive)
	if !archive.has(layoutFile) {
		return layout{}, fmt.Errorf("it has no file %s: is it a docker-archive?", layoutFile)
	}
	return layout{archive}, nil
}

// checkArchive says why a file is no docker archive.
func (c *Client) checkArchive(file string) error {
	archive, err := openTar(file)
	if err != nil {
		return err
	}
	defer archive.Close()
	if !archive.has(dockerManifest) {
		return fmt.Errorf("it has no file %s: is it an oci-archive?", dockerManifest)
	}
	return nil
}

// Close closes what images were read from, and ends what shows progress.
func (c *Client) Close() {
	if c.progress != nil {
		_ = c.progress.Finish() // it is only shown
	}
	for _, f := range c.files {
		_ = f.Close() // it was only read from
	}
}

// distinct returns the first of all images that have the same layers.
func distinct(images []Image) ([]Image, error) {
	if len(images) == 1 {
		return images, nil
	}
	var first []Image
	seen := map[string]bool{}
	for _, image := range images {
		manifest, err := image.Manifest()
		if err != nil {
			return nil, err
		}
		key := ""
		for _, layer := range manifest.Layers {
			key += layer.Digest.String() + " "
		}
		if !seen[key] {
			first = append(first, image)
		}
		seen[key] = true
	}
	return first, nil
}

// plain says what went wrong without the system call.
func plain(err error) error {
	if pathError, ok := err.(*fs.PathError); ok { // what wraps one says more
		return pathError.Err
	}
	return err
}

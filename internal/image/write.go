package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/renameio/v2"
)

// Write writes all of a tree to an address, and returns the digest that it has there. What was at
// the address is there until all is written. A docker archive holds no manifest: the digest is that
// of the manifest which is made of it when it is opened.
func (c *Client) Write(t *Tree, to Address) (string, error) {
	digest, err := c.write(t, to)
	if err != nil {
		return "", fmt.Errorf("%s: %w", to.Text, plain(explain(err)))
	}
	return digest, nil
}

// CheckDestination says why a tree cannot be written to an address, as far as that shows before.
// read are the files and the addresses of images that the run reads beside it: none of them is
// written over. The error is a *DestinationError.
func (c *Client) CheckDestination(t *Tree, to Address, read []string) error {
	err := c.checkDestination(t, to)
	isRead := func(path string) bool {
		from, ok, _ := ParseAddress(path)
		if !ok {
			from.place = path
		}
		return c.replaces(to, from)
	}
	if i := slices.IndexFunc(read, isRead); err == nil && i >= 0 {
		err = fmt.Errorf("it is %s, which is read: name another place or tag", read[i])
	}
	if err != nil {
		return &DestinationError{fmt.Errorf("%s: %w", to.Text, plain(explain(err)))}
	}
	return nil
}

// DestinationError says why nothing can be written to an address.
type DestinationError struct{ error }

// Unwrap returns the reason.
func (e *DestinationError) Unwrap() error { return e.error }

func (c *Client) checkDestination(t *Tree, to Address) error {
	isSource := c.replaces(to, t.address)
	var err error
	switch {
	case isSource && to.transport == docker:
		err = errors.New("it is the source itself: name another tag, or the source by its digest (@sha256:…)")
	case isSource:
		err = errors.New("it is the source itself: name another place or tag")
	case to.transport == docker:
		_, err = c.destinationTag(to)
	case to.transport == dockerArchive:
		_, _, err = forDockerArchive(t, to)
	case to.transport == ociFolder:
		_, err = listWith(t, to)
	}
	return err
}

// replaces tells whether writing to an address replaces what is read at another one.
func (c *Client) replaces(to, from Address) bool {
	if to.transport == docker || from.transport == docker {
		a, err1 := c.reference(to.place)
		b, err2 := c.reference(from.place)
		return to.transport == from.transport && err1 == nil && err2 == nil && a.Name() == b.Name()
	}
	a, err1 := os.Stat(to.place)
	b, err2 := os.Stat(from.place)
	if err1 != nil || err2 != nil || !os.SameFile(a, b) {
		return false
	}
	return to.transport != ociFolder || from.tag == to.tag || from.tag == "" && c.hasTag(to)
}

func (c *Client) hasTag(a Address) bool {
	opened, err := c.openLayout(a)
	if err != nil {
		return false
	}
	found, err := opened.descriptors(a.tag)
	return err == nil && len(found) > 0
}

func (c *Client) write(t *Tree, to Address) (string, error) {
	err := c.checkDestination(t, to)
	if err != nil {
		return "", err
	}
	switch to.transport {
	case docker:
		err = c.push(t, to)
	case dockerArchive:
		return c.writeDockerArchive(t, to)
	case ociFolder:
		err = c.writeFolder(t, to)
	case ociArchive:
		err = replaceFile(to.place, func(w io.Writer) error { return c.writeArchive(w, t, to.tag) })
	}
	if err != nil {
		return "", err
	}
	return t.Digest()
}

// replaceFile writes a file and puts it in the place of that of its name when it is complete.
func replaceFile(file string, write func(io.Writer) error) error {
	pending, err := renameio.NewPendingFile(file, renameio.WithTempDir(filepath.Dir(file)), renameio.WithPermissions(0o666))
	if err == nil {
		if err = write(pending); err == nil {
			err = pending.CloseAtomicallyReplace()
		}
		_ = pending.Cleanup() // what went wrong before says why
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) && strings.HasPrefix(filepath.Base(pathError.Path), ".") { // a temporary file
		return pathError.Err
	}
	return err
}

// stoppable is a Writer that ends with an error when the work does.
type stoppable struct {
	io.Writer
	err func() error
}

func (w stoppable) Write(p []byte) (int, error) {
	if err := w.err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

// blob is what a layout stores: a layer, a configuration, a manifest or an index.
type blob struct {
	digest v1.Hash
	size   int64
	open   func() (io.ReadCloser, error)
}

// blobsOf returns the blobs of a manifest, each before what names it.
func blobsOf(m manifest) ([]blob, error) {
	var blobs []blob
	switch m := m.(type) {
	case v1.Image:
		layers, err := m.Layers()
		if err != nil {
			return nil, err
		}
		for _, layer := range layers {
			if mediaType, err := layer.MediaType(); err != nil {
				return nil, err
			} else if !mediaType.IsDistributable() {
				continue // it stays where it may be had
			}
			digest, err := layer.Digest()
			if err != nil {
				return nil, err
			}
			size, err := layer.Size()
			if err != nil {
				return nil, err
			}
			blobs = append(blobs, blob{digest, size, layer.Compressed})
		}
		config, err := m.RawConfigFile()
		if err != nil {
			return nil, err
		}
		digest, err := m.ConfigName()
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, blobOf(digest, config))
	case v1.ImageIndex:
		parsed, err := m.IndexManifest()
		if err != nil {
			return nil, err
		}
		for _, d := range parsed.Manifests {
			inner, err := child(m, d)
			if err != nil {
				return nil, err
			}
			found, err := blobsOf(inner)
			if err != nil {
				return nil, err
			}
			blobs = append(blobs, found...)
		}
	}
	text, err := m.RawManifest()
	if err != nil {
		return nil, err
	}
	digest, err := m.Digest()
	return append(blobs, blobOf(digest, text)), err
}

func blobOf(digest v1.Hash, text []byte) blob {
	return blob{digest, int64(len(text)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}
}

// copyTo writes a blob.
func (b blob) copyTo(w io.Writer) error {
	content, err := b.open()
	if err != nil {
		return fmt.Errorf("the source: %w", err)
	}
	defer content.Close()
	n, err := io.Copy(w, content)
	if err == nil && n != b.size {
		err = fmt.Errorf("the blob %s has %d bytes, and should have %d: it is damaged", b.digest, n, b.size)
	}
	return err
}

// forDockerArchive returns the image of a tree, and its name in a docker archive.
func forDockerArchive(t *Tree, to Address) (v1.Image, name.Reference, error) {
	images, err := imagesOf(t.root, nil, 0, &bounds{})
	if err != nil {
		return nil, nil, err
	}
	if len(images) != 1 {
		return nil, nil, fmt.Errorf("a docker-archive holds one image, and there are %d, for several platforms: "+
			"write an oci-archive", len(images))
	}
	image := images[0].Image
	if to.tag != "" {
		tag, err := name.NewTag(to.tag)
		if err != nil {
			err = fmt.Errorf("%q is no tag: write docker-archive:FILE:REPOSITORY:TAG", to.tag)
		}
		return image, tag, err
	}
	none, err := name.NewDigest("image@sha256:" + strings.Repeat("0", 64)) // by a digest it gets no tag
	return image, none, err
}

// writeDockerArchive writes a tarball as docker load reads it.
func (c *Client) writeDockerArchive(t *Tree, to Address) (string, error) {
	image, ref, err := forDockerArchive(t, to)
	if err != nil {
		return "", err
	}
	err = replaceFile(to.place, func(w io.Writer) error { return tarball.Write(ref, image, stoppable{w, c.context().Err}) })
	if err != nil {
		return "", err
	}
	written, err := openDockerArchive(to.place, to.tag)
	if err != nil {
		return "", err
	}
	digest, err := written.Digest()
	return digest.String(), err
}

package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// push pushes a tree: blobs, then manifests, then the tag. Layers that are in the same registry are
// mounted, and never pulled to be pushed.
func (c *Client) push(t *Tree, to Address) error {
	tag, err := c.destinationTag(to)
	if err != nil {
		return err
	}
	if err := c.connect(); err != nil {
		return err
	}
	return c.pusher.Push(c.context(), tag, mounting(t.root, tag.Registry))
}

func (c *Client) destinationTag(to Address) (name.Tag, error) {
	ref, err := c.reference(to.place)
	if err != nil {
		return name.Tag{}, err
	}
	tag, ok := ref.(name.Tag)
	if !ok {
		return name.Tag{}, errors.New(
			"an image cannot be pushed to a digest, since the result has another one: name a tag",
		)
	}
	return tag, nil
}

// mounting returns a manifest whose layers, if they are in this registry, are mounted.
func mounting(m manifest, registry name.Registry) remote.Taggable {
	switch m := m.(type) {
	case v1.Image:
		return mountingImage{m, registry}
	case v1.ImageIndex:
		return mountingIndex{m, registry}
	}
	return m
}

type imageIndex = v1.ImageIndex // embedded by its own name, it would hide its method ImageIndex

// mountingIndex is a v1.ImageIndex.
type mountingIndex struct {
	imageIndex
	registry name.Registry
}

func (i mountingIndex) Image(digest v1.Hash) (v1.Image, error) {
	image, err := i.imageIndex.Image(digest)
	return mountingImage{image, i.registry}, err
}

func (i mountingIndex) ImageIndex(digest v1.Hash) (v1.ImageIndex, error) {
	index, err := i.imageIndex.ImageIndex(digest)
	return mountingIndex{index, i.registry}, err
}

// mountingImage is a v1.Image.
type mountingImage struct {
	v1.Image
	registry name.Registry
}

func (i mountingImage) Layers() ([]v1.Layer, error) {
	layers, err := i.Image.Layers()
	if err != nil {
		return nil, err
	}
	made := make([]v1.Layer, len(layers))
	for n, layer := range layers {
		made[n] = layer
		if l, ok := layer.(*remote.MountableLayer); ok && l.Reference.Context().Registry == i.registry {
			made[n] = &remote.MountableLayer{Layer: mountOnly{l.Layer, l.Reference.Context()}, Reference: l.Reference}
		}
	}
	return made, nil
}

// mountOnly is a layer that is not pulled to be pushed.
type mountOnly struct {
	v1.Layer
	from name.Repository
}

func (l mountOnly) Compressed() (io.ReadCloser, error) {
	digest, err := l.Digest()
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("the registry does not mount the layer %s from %s: log in as somebody who may pull from there, "+
		"or push to the repository of the source", digest, l.from.RepositoryStr())
}

// retrying makes requests again, but for those that upload layers: a registry takes what it got of a
// layer for its beginning, so the library uploads that from its start.
type retrying struct{ again, once http.RoundTripper }

func (r retrying) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPatch {
		return r.once.RoundTrip(request)
	}
	response, err := r.again.RoundTrip(request)
	if err != nil && response != nil { // which http.Client would complain of
		_ = response.Body.Close()
		response = nil
	}
	return response, err
}

// isOfUpload tells whether what failed is the upload of a layer, for a reason that passes.
func isOfUpload(err error) bool {
	var answer *transport.Error
	var failed *url.Error
	switch {
	case errors.As(err, &answer):
		passes := answer.StatusCode >= http.StatusInternalServerError || answer.StatusCode == http.StatusTooManyRequests
		return passes && answer.Request != nil && answer.Request.Method == http.MethodPatch
	case errors.As(err, &failed):
		return failed.Op == "Patch" && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return false
}

// isPush tells whether a registry answers to a request that changes something in it.
func isPush(answer *transport.Error) bool {
	return answer.Request != nil && answer.Request.Method != http.MethodGet && answer.Request.Method != http.MethodHead
}

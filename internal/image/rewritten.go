package image

import (
	"bytes"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// rewritten is an image with a manifest and a configuration of its own. It is a v1.Image. Its layers
// are those of the image that it was made of, as they are: wrapped by the library they would not be
// mounted.
type rewritten struct {
	mediaType        types.MediaType
	manifest, config []byte
	layers           []v1.Layer
}

func (i *rewritten) MediaType() (types.MediaType, error) { return i.mediaType, nil }

func (i *rewritten) RawManifest() ([]byte, error) { return i.manifest, nil }

func (i *rewritten) RawConfigFile() ([]byte, error) { return i.config, nil }

func (i *rewritten) Layers() ([]v1.Layer, error) { return i.layers, nil }

func (i *rewritten) Digest() (v1.Hash, error) { return partial.Digest(i) }

func (i *rewritten) Size() (int64, error) { return partial.Size(i) }

func (i *rewritten) Manifest() (*v1.Manifest, error) { return partial.Manifest(i) }

func (i *rewritten) ConfigFile() (*v1.ConfigFile, error) { return partial.ConfigFile(i) }

func (i *rewritten) ConfigName() (v1.Hash, error) { return partial.ConfigName(i) }

func (i *rewritten) LayerByDigest(digest v1.Hash) (v1.Layer, error) {
	if config, err := i.ConfigName(); err != nil || config == digest {
		layer, err := partial.ConfigLayer(i)
		return layer, err
	}
	return i.layer(digest, v1.Layer.Digest)
}

func (i *rewritten) LayerByDiffID(diffID v1.Hash) (v1.Layer, error) {
	return i.layer(diffID, v1.Layer.DiffID)
}

func (i *rewritten) layer(want v1.Hash, hash func(v1.Layer) (v1.Hash, error)) (v1.Layer, error) {
	for _, layer := range i.layers {
		if got, err := hash(layer); err != nil || got == want {
			return layer, err
		}
	}
	return nil, fmt.Errorf("the image has no layer %s", want)
}

// documents are the manifest and the configuration of an image, to change.
type documents struct {
	manifest, config object
	layers           []v1.Layer
	mediaType        types.MediaType
}

func documentsOf(image v1.Image) (d documents, err error) {
	if d.mediaType, err = image.MediaType(); err != nil {
		return d, err
	}
	if d.layers, err = image.Layers(); err != nil {
		return d, err
	}
	manifest, err := image.RawManifest()
	if err != nil {
		return d, err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return d, err
	}
	if d.manifest, err = parseObject(manifest); err != nil {
		return d, fmt.Errorf("its manifest: %w", err)
	}
	if d.config, err = parseObject(config); err != nil {
		return d, fmt.Errorf("its configuration: %w", err)
	}
	return d, nil
}

// image returns the image that the documents say.
func (d documents) image() (*rewritten, error) {
	config, err := d.config.text()
	if err != nil {
		return nil, err
	}
	digest, size, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		return nil, err
	}
	descriptor := object{}
	if err := d.manifest.get("config", &descriptor); err != nil {
		return nil, fmt.Errorf("its manifest: config: %w", err)
	}
	if err := descriptor.point(digest.String(), size); err != nil {
		return nil, err
	}
	if err := d.manifest.set("config", descriptor); err != nil {
		return nil, err
	}
	manifest, err := d.manifest.text()
	if err != nil {
		return nil, err
	}
	return &rewritten{d.mediaType, manifest, config, d.layers}, nil
}

package main

import (
	"archive/tar"
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// etc has the user that the image runs as. The Dockerfile copies it too.
//
//go:embed etc
var etc embed.FS

// image is one that was written: its tarball, and the digest that it has in every registry.
type image struct {
	tarball string
	digest  v1.Hash
}

// writeImage writes an index of images, one for each program, to the folder of the programs.
func (d dist) writeImage(programs []program) (image, error) {
	index, err := d.index(programs)
	if err != nil {
		return image{}, err
	}
	digest, err := index.Digest()
	if err != nil {
		return image{}, err
	}
	folder := filepath.Join(filepath.Dir(programs[0].file), "inject-related-images.oci")
	if err := os.RemoveAll(folder); err != nil { // it would keep the blobs of another release
		return image{}, err
	}
	named := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add:        index,
		Descriptor: v1.Descriptor{Annotations: map[string]string{ocispec.AnnotationRefName: tagged(d.image)}},
	})
	if _, err := layout.Write(folder, named); err != nil {
		return image{}, err
	}
	data, err := archive(os.DirFS(folder))
	if err != nil {
		return image{}, err
	}
	return image{tarball: folder + ".tar", digest: digest}, os.WriteFile(folder+".tar", data, 0o644)
}

// tagged returns the name of an image with its tag, which engines leave out of names but need here.
func tagged(image string) string {
	if strings.Contains(path.Base(image), ":") {
		return image
	}
	return image + ":latest"
}

func (d dist) index(programs []program) (v1.ImageIndex, error) {
	index := mutate.Annotations(empty.Index, labels(programs[0], d.source)).(v1.ImageIndex)
	for _, p := range programs {
		if p.setting("GOOS") != "linux" {
			return nil, fmt.Errorf("%s is for %s: images are made of programs for Linux", p.file, p.platform())
		}
		img, err := d.platformImage(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.file, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        img,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.setting("GOOS"), Architecture: p.setting("GOARCH")}},
		})
	}
	return index, nil
}

// platformImage is what the Dockerfile builds; a test compares the two.
func (d dist) platformImage(p program) (v1.Image, error) {
	root, err := rootFS(p)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(root)), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	created, _ := p.created()
	img, err := mutate.ConfigFile(
		mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON),
		&v1.ConfigFile{
			OS:           p.setting("GOOS"),
			Architecture: p.setting("GOARCH"),
			Created:      v1.Time{Time: created},
			RootFS:       v1.RootFS{Type: "layers"},
			Config: v1.Config{
				User:       "65534:65534",
				Entrypoint: []string{"/inject-related-images"},
				Labels:     labels(p, d.source),
			},
		},
	)
	if err != nil {
		return nil, err
	}
	return mutate.Append(
		img,
		mutate.Addendum{
			Layer:   layer,
			History: v1.History{Created: v1.Time{Time: created}, CreatedBy: "inject-related-images/internal/dist"},
		},
	)
}

// rootFS returns a tarball of the root of the image.
func rootFS(p program) ([]byte, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	if err := addFS(w, etc); err != nil {
		return nil, err
	}
	header := &tar.Header{Name: "inject-related-images", Mode: 0o755, Size: int64(len(p.data)), ModTime: time.Unix(0, 0)}
	if err := w.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := w.Write(p.data); err != nil {
		return nil, err
	}
	return buffer.Bytes(), w.Close()
}

// archive returns a tarball of all files of fsys.
func archive(fsys fs.FS) ([]byte, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	if err := addFS(w, fsys); err != nil {
		return nil, err
	}
	return buffer.Bytes(), w.Close()
}

// addFS adds the files of fsys to a tarball, like tar.Writer's method of that name, but without
// what is different on every machine: times, owners and the umask.
func addFS(w *tar.Writer, fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if entry.IsDir() {
			return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755, ModTime: time.Unix(0, 0)})
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), ModTime: time.Unix(0, 0)}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}

package input

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// What an image is like: a registry's, whose own files are few among those of a distribution.
const (
	imageLayers   = 12
	imageFileSize = 7_500
	imageDevfiles = 200 // one file in so many is a devfile
)

// WriteImage writes the layers of an image into a folder, and returns the image. It has so many files
// of 7.5 kB, each two hundredth of which is a devfile.
func WriteImage(dir string, files int) (v1.Image, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var layers []v1.Layer
	for n := range imageLayers {
		file := filepath.Join(dir, fmt.Sprintf("layer-%02d.tar.gz", n))
		if err := writeLayer(file, n, files); err != nil {
			return nil, err
		}
		layer, err := tarball.LayerFromFile(file)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	return mutate.AppendLayers(empty.Image, layers...)
}

// writeLayer writes the files n, n+12, … of an image.
func writeLayer(file string, n, files int) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	packed := gzip.NewWriter(out)
	entries := tar.NewWriter(packed)
	covered := newOperator().covered()
	for i := n; i < files; i += imageLayers {
		name, text, err := imageFile(i, covered)
		if err != nil {
			return err
		}
		if err := entries.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
			return err
		}
		if _, err := io.WriteString(entries, text); err != nil {
			return err
		}
	}
	return errors.Join(entries.Close(), packed.Close(), out.Close())
}

func imageFile(i int, covered []reference) (name, text string, err error) {
	if i%imageDevfiles != 0 {
		return fmt.Sprintf("usr/lib/package-%03d/module-%05d.js", i/100, i), program(i), nil
	}
	r := resource{Name: fmt.Sprintf("shop-%05d", i), Number: i}
	r.Images = images(i, covered, func(r reference) string { return r.before })
	text, err = execute("devfile.yaml", r)
	return fmt.Sprintf("var/www/html/devfiles/%s/devfile.yaml", r.Name), text, err
}

// program returns a text that gzip packs to a quarter, as programs are.
func program(number int) string {
	random := rand.New(rand.NewPCG(uint64(number), 0))
	var text strings.Builder
	for text.Len() < imageFileSize {
		fmt.Fprintf(&text, "export const value%d = lookup(\"module/%d\", 0x%x);\n", random.IntN(1000), random.IntN(100), random.Uint64())
	}
	return text.String()[:imageFileSize]
}

package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/rogpeppe/go-internal/testscript"
)

// makeImage makes an image in which each folder is a layer, the lowest first:
// image [-label KEY=VALUE] ADDRESS FOLDER...
func makeImage(ts *testscript.TestScript, neg bool, args []string) {
	labels := map[string]string{}
	if len(args) > 2 && args[0] == "-label" {
		key, value, _ := strings.Cut(args[1], "=")
		labels[key], args = value, args[2:]
	}
	if neg || len(args) < 2 {
		ts.Fatalf("usage: image [-label KEY=VALUE] ADDRESS FOLDER...")
	}
	var layers []v1.Layer
	for _, folder := range args[1:] {
		layer, err := layerOf(ts.MkAbs(folder))
		ts.Check(err)
		layers = append(layers, layer)
	}
	made, err := mutate.AppendLayers(empty.Image, layers...)
	ts.Check(err)
	made, err = mutate.Config(made, v1.Config{Labels: labels})
	ts.Check(err)
	transport, place, _ := strings.Cut(args[0], ":")
	switch transport {
	case "docker":
		ts.Check(crane.Push(made, strings.TrimPrefix(place, "//")))
	case "docker-archive":
		tag, err := name.NewTag("quay.io/acme/image:1")
		ts.Check(err)
		ts.Check(tarball.WriteToFile(ts.MkAbs(place), tag, made))
	case "oci":
		_, err := writeLayout(ts.MkAbs(place), made)
		ts.Check(err)
	case "oci-archive":
		folder, err := writeLayout(filepath.Join(ts.MkAbs("."), ".layout"), made)
		ts.Check(err)
		packed, err := pack(folder)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(place), packed, 0o644))
	default:
		ts.Fatalf("image: %s: no such transport", args[0])
	}
}

func layerOf(folder string) (v1.Layer, error) {
	packed, err := pack(folder)
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil })
}

// pack returns a tarball of a folder.
func pack(folder string) ([]byte, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	err := errors.Join(w.AddFS(os.DirFS(folder)), w.Close())
	return packed.Bytes(), err
}

// writeLayout writes an image into a new folder.
func writeLayout(folder string, made v1.Image) (string, error) {
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	p, err := layout.Write(folder, empty.Index)
	if err != nil {
		return "", err
	}
	return folder, p.AppendImage(made)
}

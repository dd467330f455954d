// Package imagetest makes container images for tests.
package imagetest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Layer makes a layer of entries: NAME=TEXT is a file, NAME/ a folder, NAME->TARGET a symbolic link,
// NAME=>TARGET a hard link.
func Layer(t testing.TB, entries ...string) v1.Layer {
	t.Helper()
	var content bytes.Buffer
	w := tar.NewWriter(&content)
	for _, entry := range entries {
		header, text := header(entry)
		header.Uid, header.Gid = 1000+len(header.Name), 1000 // owners differ, so that tests see where one is lost
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content.Bytes())), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// header returns the header and the text of an entry. What comes first in it tells what it is, since
// a text may hold anything.
func header(entry string) (h *tar.Header, text string) {
	name, rest, _ := strings.Cut(entry, "=")
	switch link, target, isLink := strings.Cut(name, "->"); {
	case isLink:
		return &tar.Header{Typeflag: tar.TypeSymlink, Name: link, Linkname: target, Mode: 0o777}, ""
	case strings.HasPrefix(rest, ">"):
		return &tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: rest[1:], Mode: 0o644}, ""
	case strings.HasSuffix(name, "/"):
		return &tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""
	}
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(rest)), Mode: 0o644}, rest
}

// Image makes an image of layers, the lowest first.
func Image(t testing.TB, layers ...v1.Layer) v1.Image {
	t.Helper()
	made, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// WithLabel gives an image a label.
func WithLabel(t testing.TB, made v1.Image, label, value string) v1.Image {
	t.Helper()
	made, err := mutate.Config(made, v1.Config{Labels: map[string]string{label: value}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// For returns an image for a platform.
func For(t testing.TB, made v1.Image, architecture string) v1.Image {
	t.Helper()
	config, err := made.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config.OS, config.Architecture = "linux", architecture
	if made, err = mutate.ConfigFile(made, config); err != nil {
		t.Fatal(err)
	}
	return made
}

// Index makes an index of images for platforms, as For makes them.
func Index(t testing.TB, images ...v1.Image) v1.ImageIndex {
	t.Helper()
	made := v1.ImageIndex(empty.Index)
	for _, i := range images {
		config, err := i.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		made = mutate.AppendManifests(made, mutate.IndexAddendum{Add: i, Descriptor: v1.Descriptor{Platform: config.Platform()}})
	}
	return made
}

// Layout writes an image or an index into a new folder, and returns its address.
func Layout(t testing.TB, made mutate.Appendable) string {
	t.Helper()
	folder := t.TempDir()
	p, err := layout.Write(folder, empty.Index)
	if err == nil {
		switch made := made.(type) {
		case v1.ImageIndex:
			err = p.AppendIndex(made)
		case v1.Image:
			err = p.AppendImage(made)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return "oci:" + folder
}

// Registry serves a registry on this machine until the test ends, and returns its host.
func Registry(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// Push puts an image or an index into a registry, and returns its address.
func Push(t testing.TB, reference string, made remote.Taggable, options ...remote.Option) string {
	t.Helper()
	tag, err := name.NewTag(reference)
	if err == nil {
		err = remote.Push(tag, made, options...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "docker://" + reference
}

// Pack writes a folder into a tarball as oci-archives are, and returns its file.
func Pack(t testing.TB, folder string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "archive.tar")
	w, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	entries := tar.NewWriter(w)
	if err := errors.Join(entries.AddFS(os.DirFS(folder)), entries.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return file
}

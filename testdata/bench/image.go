package main

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"inject-related-images/testdata/bench/input"
)

// imageOf names the image of so many files.
func imageOf(files int) string { return fmt.Sprintf("an image of %d files", files) }

// prepareImage puts an image into a registry on this machine, and makes the processes that pull it:
// one that writes its files to nowhere, and the program.
func (b *bench) prepareImage(files map[string]string) error {
	csv := filepath.Join(b.dir, "image.csv.yaml")
	if err := input.WriteCSV(csv); err != nil {
		return err
	}
	made, err := input.WriteImage(filepath.Join(b.dir, "layers"), b.image)
	if err != nil {
		return err
	}
	// The registry has its blobs before it is asked to: an upload would take memory, which programs
	// start with. See residentPeak.
	folder, err := layout.Write(filepath.Join(b.dir, "image"), empty.Index)
	if err != nil {
		return err
	}
	if err := folder.AppendImage(made); err != nil {
		return err
	}
	blobs := registry.NewDiskBlobHandler(filepath.Join(string(folder), "blobs"))
	b.registry = httptest.NewServer(registry.New(registry.WithBlobHandler(blobs), registry.Logger(log.New(io.Discard, "", 0))))
	reference := strings.TrimPrefix(b.registry.URL, "http://") + "/bench/devfile-registry:1"
	if err := crane.Push(made, reference); err != nil {
		return err
	}
	on, devfiles := imageOf(b.image), b.image/200
	b.groups[shipped] = []*process{
		{by: "export", on: on, file: files["export"], arguments: []string{reference}, says: " bytes\n"},
		{
			by: program, on: on, file: files[program], arguments: []string{"check", "--csv", csv, "docker://" + reference},
			says: fmt.Sprintf("%d references in %d files: %d stale", input.References*devfiles, devfiles, devfiles), exit: 1,
		},
	}
	return nil
}

package fn

import (
	"context"
	"fmt"
	"os"

	"inject-related-images/internal/config"
	"inject-related-images/internal/files"
	"inject-related-images/internal/image"
)

// images returns what opens images, which is to be closed.
func (s Sources) images(o config.Options) *image.Client {
	return &image.Client{
		Context:    s.Context,
		Registries: image.Registries{CAs: s.CAs, Insecure: o.Insecure, Progress: s.Progress},
	}
}

// imageAt returns the address of the image that a PATH is. ok is false for files and folders. A file
// may be an image's tarball.
func imageAt(path string) (a image.Address, ok bool, err error) {
	if a, ok, err = image.ParseAddress(path); ok || err != nil {
		return a, ok, err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		a, ok = image.ArchiveAt(path)
	}
	return a, ok, nil
}

// lookAtFiles decides the references in c.Paths, and does with their files what the options say. In
// the report, what is in images comes last.
func (c Command) lookAtFiles(e *Engine, o files.Options) (files.Report, error) {
	var paths []string
	var addresses []image.Address
	isImage := make([]bool, len(c.Paths))
	for i, path := range c.Paths {
		a, ok, err := imageAt(path)
		if err != nil {
			return files.Report{}, err
		}
		if isImage[i] = ok; ok {
			addresses = append(addresses, a)
		} else {
			paths = append(paths, path)
		}
	}
	if len(addresses) == 0 {
		return files.Run(c.context(), e.engine, paths, o)
	}
	if o.Mode == files.InPlace || o.Mode == files.Copy {
		return files.Report{}, fmt.Errorf("%s: an image is not written: look at it by check, images or inject --diff",
			addresses[0].Text)
	}
	images := c.sources().images(e.options)
	defer images.Close()
	report := files.RunImages(e.engine, images, addresses, o)
	if err := context.Cause(c.context()); err != nil {
		return files.Report{}, err
	}
	if len(paths) == 0 {
		return report, nil
	}
	inImages := report
	report, err := files.Run(c.context(), e.engine, paths, o)
	if err != nil {
		return files.Report{}, err
	}
	inFolders := report.Files
	report.Add(inImages)
	report.Files = nil
	for _, ok := range isImage {
		from := &inFolders
		if ok {
			from = &inImages.Files
		}
		report.Files, *from = append(report.Files, (*from)[0]), (*from)[1:]
	}
	return report, nil
}

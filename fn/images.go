package fn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"inject-related-images/internal/config"
	"inject-related-images/internal/files"
	"inject-related-images/internal/image"
	"inject-related-images/internal/source"
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
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && source.IsImage(path):
		return a, false, fmt.Errorf("%s: no such file or directory; for an image in a registry write docker://%[1]s", path)
	case err == nil && info.Mode().IsRegular():
		if a, ok = image.ArchiveAt(path); !ok {
			return a, false, source.Refuse(path)
		}
	}
	return a, ok, nil
}

// isNoAddress tells whether a PATH is a file or a folder, and not the address of an image.
func isNoAddress(path string) bool {
	_, ok, _ := image.ParseAddress(path)
	return !ok
}

// imageTo returns the address of an image that Inject is to write, or nil if there is none. It checks
// that an image is written to another one, and files to a folder.
func (c Command) imageTo(output string) (*image.Address, error) {
	to, toImage, err := image.ParseAddress(output)
	if err != nil {
		return nil, fmt.Errorf("--to %w", err)
	}
	for _, path := range c.Paths {
		from, fromImage, err := imageAt(path)
		switch {
		case err != nil:
			return nil, err
		case fromImage && !toImage && output != "":
			return nil, fmt.Errorf("--to %s is no image, and PATH %s is one: write %s", output, path, image.Forms)
		case fromImage && !toImage:
			return nil, fmt.Errorf("%s: an image is not rewritten in place: say where to write it, --to docker://REF", from.Text)
		case toImage && !fromImage:
			return nil, fmt.Errorf("--to %s is an image, and PATH %s is none: give the image to change as PATH",
				output, path)
		case toImage && len(c.Paths) > 1:
			return nil, fmt.Errorf("--to %s is an image, which is made of one image: give one PATH, not %d",
				output, len(c.Paths))
		}
	}
	if !toImage {
		return nil, nil
	}
	return &to, nil
}

// lastLines are the last lines of a report: what was passed over, and what an image was and is.
func lastLines(r files.Report) []string {
	var lines []string
	if passed := passedOver(r.Passed); passed != "" {
		lines = append(lines, passed)
	}
	if r.Respun != nil {
		lines = append(lines, "source: "+r.Respun.Source, "result: "+r.Respun.Result)
	}
	return lines
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
	images := c.sources().images(e.options)
	defer images.Close()
	if c.to != nil && o.Mode == files.InPlace {
		report, err := files.RespinImage(e.engine, images, addresses[0], *c.to, o)
		return report, cmp.Or(context.Cause(c.context()), err)
	}
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

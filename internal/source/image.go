package source

import (
	"errors"
	"fmt"
	"strings"

	"inject-related-images/internal/image"
)

// The labels that say in which folder of its files an image has the manifests of a bundle (OLM's
// bundle format), or a file-based catalog.
const (
	bundleLabel  = "operators.operatorframework.io.bundle.manifests.v1"
	catalogLabel = "operators.operatorframework.io.index.configs.v1"
	// databaseLabel names the file of catalogs as they were.
	databaseLabel = "operators.operatorframework.io.index.database.v1"
)

// image returns the contents of a bundle image or a catalog image. Those of an index hold the same
// for every platform: the first counts.
func (o Opener) image(a image.Address) (contents, error) {
	if o.Images == nil {
		return contents{}, fmt.Errorf("%s: images are not opened here", a.Text)
	}
	images, err := o.Images.Open(a)
	if err != nil {
		return contents{}, err
	}
	folder, err := labelled(images[0].Labels)
	if err != nil {
		return contents{}, fmt.Errorf("%s: %w", a.Text, err)
	}
	names, texts, err := readFolder(images[0], folder)
	if err != nil {
		return contents{}, fmt.Errorf("%s: %w", a.Text, err)
	}
	all := contents{isFolder: true}
	for _, name := range names {
		r := reading{name: a.Show(name), pkg: o.Package, again: hold}
		found, err := r.all(strings.NewReader(texts[name]))
		if err != nil {
			return contents{}, err
		}
		all.documents, all.blobs = append(all.documents, found.documents...), append(all.blobs, found.blobs...)
	}
	return all, nil
}

// readFolder returns the names and texts of files in a folder of an image, which may be behind
// symbolic links: those are known only when the image was read.
func readFolder(opened image.Image, folder string) (names []string, texts map[string]string, err error) {
	for {
		texts = map[string]string{}
		var large []string
		found, err := opened.Read(image.Files{
			Wants: func(name string) bool { return isIn(folder, name) && isText(name) },
			Read:  func(name, text string) { texts[name] = text },
			Large: func(name string, _ int64) { large = append(large, name) },
		})
		if err != nil {
			return nil, nil, err
		}
		target, err := image.ResolveLinks(found.Links, folder)
		switch {
		case err != nil:
			return nil, nil, err
		case target != folder:
			folder = target
		case len(large) > 0:
			return nil, nil, fmt.Errorf("%s is too large to be read: give the folder that it is in", strings.Join(large, ", "))
		case len(found.Names) == 0:
			return nil, nil, fmt.Errorf("its label names the folder %s, in which no file ends with .yaml, .yml or .json", folder)
		default:
			return found.Names, texts, nil
		}
	}
}

// labelled returns the folder that an image says its manifests, or its catalog, are in.
func labelled(labels map[string]string) (string, error) {
	for _, label := range []string{bundleLabel, catalogLabel} {
		if folder := labels[label]; folder != "" {
			return image.CleanName(folder), nil
		}
	}
	if labels[databaseLabel] != "" {
		return "", errors.New("it is a catalog in SQLite: migrate it to a file-based one by opm migrate")
	}
	return "", fmt.Errorf("it is no bundle and no catalog, since it has neither the label %s nor %s: "+
		"give the image of a bundle or a catalog", bundleLabel, catalogLabel)
}

func isIn(folder, name string) bool { return folder == "" || strings.HasPrefix(name, folder+"/") }

package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"inject-related-images/fn"
	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

// TestCorpusInImagesIsAsInFolders puts each part of a registry into an image of its own, as it is
// shipped, and finds there what is found in its folder.
func TestCorpusInImagesIsAsInFolders(t *testing.T) {
	host := imagetest.Registry(t)
	corpus(t, func(t *testing.T, pair string, truth []reference) {
		var folders, images []string
		parts, err := os.ReadDir(filepath.Join(pair, "registry"))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			made := layered(t, "var/www/html/", files(t, filepath.Join(pair, "registry", part.Name())))
			reference := fmt.Sprintf("%s/%s/%s:1", host, strings.ToLower(filepath.Base(pair)), part.Name())
			folders = append(folders, part.Name())
			images = append(images, imagetest.Push(t, reference, made))
		}
		want := findingsOf(t, pair, folders)
		for i := range want {
			part, rest, _ := strings.Cut(want[i].File, "/")
			want[i].File = images[slices.Index(folders, part)] + "!/var/www/html/" + rest
		}
		got := findingsOf(t, pair, images)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-folders +images)\n%s", diff)
		}
		if len(got) != len(truth) {
			t.Errorf("got %d findings for %d references", len(got), len(truth))
		}
	})
}

// TestCorpusInImagesIsInjectedAsInFolders compares the files of respun images with those of folders that are injected.
func TestCorpusInImagesIsInjectedAsInFolders(t *testing.T) {
	host := imagetest.Registry(t)
	corpus(t, func(t *testing.T, pair string, _ []reference) {
		parts, err := os.ReadDir(filepath.Join(pair, "registry"))
		if err != nil {
			t.Fatal(err)
		}
		dir := writable(t, filepath.Join(pair, "registry"))
		if _, err := run(t, pair, dir, inject); err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			before := files(t, filepath.Join(pair, "registry", part.Name()))
			repository := fmt.Sprintf("%s/%s/%s", host, strings.ToLower(filepath.Base(pair)), part.Name())
			source := imagetest.Push(t, repository+":1", layered(t, "var/www/html/", before))
			was := allFiles(t, source)
			command := fn.Command{CSVs: []string{filepath.Join(pair, "csv.yaml")}, Paths: []string{source}, Format: "line", Out: io.Discard, Log: io.Discard}
			err := fn.Inject(command, "docker://"+repository+":2")
			if err != nil && strings.Contains(err.Error(), "no image reference was found") {
				continue // and nothing is written
			}
			if err != nil {
				t.Fatal(err)
			}
			want := maps.Clone(was)
			for name, text := range files(t, filepath.Join(dir, part.Name())) {
				want["var/www/html/"+name] = text
			}
			if diff := cmp.Diff(want, allFiles(t, "docker://"+repository+":2")); diff != "" {
				t.Errorf("%s: (-folder +image)\n%s", part.Name(), diff)
			}
		}
	})
}

// allFiles returns the files of an image, but those that are hard links of others for the test: they change with these.
func allFiles(t *testing.T, address string) map[string]string {
	t.Helper()
	a, _, err := image.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	var client image.Client
	defer client.Close()
	images, err := client.Open(a)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	found, err := images[0].Read(image.Files{
		Wants: func(string) bool { return true },
		Read:  func(name, text string) { texts[name] = text },
	})
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(texts, func(name, _ string) bool {
		return !slices.Contains(found.Names, name) || strings.HasPrefix(name, "srv/store/")
	})
	return texts
}

// findingsOf returns what images finds in PATHs, which are folders of the pair's registry or images.
func findingsOf(t *testing.T, pair string, paths []string) []finding {
	t.Helper()
	t.Chdir(filepath.Join(pair, "registry"))
	findings, err := runOn(t, filepath.Join(pair, "csv.yaml"), paths, fn.Images)
	if err != nil {
		t.Fatalf("images: %v", err)
	}
	return findings
}

// layered puts files into the layers of an image: they are there from the beginning, come later, take
// the place of others, are hard links, or are made again where a folder was removed. What is hidden
// at the end is another registry, with references that no CSV knows.
func layered(t *testing.T, root string, files map[string]string) v1.Image {
	t.Helper()
	const other = "components: [{image: 'quay.io/hidden/x:1'}]"
	var layers [4][]string
	add := func(layer int, entries ...string) { layers[layer] = append(layers[layer], entries...) }
	for i, file := range slices.Sorted(maps.Keys(files)) {
		name, text := root+file, files[file]
		switch i % 6 {
		case 0:
			add(0, name+"="+text)
		case 1:
			add(2, name+"="+text)
		case 2:
			add(0, name+"="+other)
			add(1, name+"="+text)
		case 3:
			add(0, name+"="+other)
			add(2, fmt.Sprintf("srv/store/%d=%s", i, text), fmt.Sprintf("%s=>srv/store/%d", name, i))
		case 4:
			add(1, fmt.Sprintf("%s=>srv/store/%d", name, i), fmt.Sprintf("srv/store/%d=%s", i, text)) // before its target
			add(2, fmt.Sprintf("srv/store/%d=%s", i, other))
		case 5:
			add(0, name+"="+other, name+".removed.yaml="+other)
			add(1, filepath.Dir(name)+"/.wh."+filepath.Base(name)+"=", name+".removed.yaml="+other)
			add(2, name+"="+text)
			add(3, filepath.Dir(name)+"/.wh."+filepath.Base(name)+".removed.yaml=")
		}
	}
	add(0, root+"old/devfiles/a/devfile.yaml="+other, root+"opaque/devfiles/a.yaml="+other, root+"was/a.yaml="+other)
	add(1, root+".wh.old=", root+"opaque/b.yaml="+other, root+"was=a file now")
	add(2, root+"opaque/.wh..wh..opq=", root+"link.yaml->opaque/b.yaml")
	var made []v1.Layer
	for _, entries := range layers {
		made = append(made, imagetest.Layer(t, entries...))
	}
	return imagetest.Image(t, made...)
}

// TestCorpusCSVsAreTheSameInBundleImages compares the catalog of a CSV's file with that of bundle
// images with it.
func TestCorpusCSVsAreTheSameInBundleImages(t *testing.T) {
	host := imagetest.Registry(t)
	corpus(t, func(t *testing.T, pair string, _ []reference) {
		csv, err := os.ReadFile(filepath.Join(pair, "csv.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		bundle := imagetest.WithLabel(t, imagetest.Image(
			t,
			imagetest.Layer(t, "manifests/csv.yaml="+string(csv[:len(csv)/2]), "metadata/annotations.yaml=annotations: {}"),
			imagetest.Layer(t, "manifests/csv.yaml="+string(csv)),
		), "operators.operatorframework.io.bundle.manifests.v1", "manifests/")
		reference := fmt.Sprintf("%s/%s/bundle:1", host, strings.ToLower(filepath.Base(pair)))
		tag, err := name.NewTag(reference)
		if err != nil {
			t.Fatal(err)
		}
		saved := filepath.Join(t.TempDir(), "saved.tar")
		if err := tarball.WriteToFile(saved, tag, bundle); err != nil {
			t.Fatal(err)
		}
		folder := imagetest.Layout(t, bundle)
		packed := imagetest.Pack(t, strings.TrimPrefix(folder, "oci:"))
		want := catalogOf(t, filepath.Join(pair, "csv.yaml"))
		for _, address := range []string{
			imagetest.Push(t, reference, bundle), folder, "oci-archive:" + packed, packed, "docker-archive:" + saved, saved,
		} {
			if diff := cmp.Diff(want, catalogOf(t, address)); diff != "" {
				t.Errorf("%s: (-file +image)\n%s", address, diff)
			}
		}
	})
}

func catalogOf(t *testing.T, csv string) string {
	t.Helper()
	var out bytes.Buffer
	if err := fn.Catalog(fn.Command{CSVs: []string{csv}, Format: "json", Out: &out, Log: io.Discard}); err != nil {
		t.Fatalf("catalog: %v", err)
	}
	if !strings.Contains(out.String(), `"image": "`) {
		t.Fatalf("the catalog of %s is empty: %s", csv, &out)
	}
	return out.String()
}

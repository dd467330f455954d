package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"inject-related-images/fn"
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

// TestCorpusInImagesIsInjectedAsInFolders compares the files of respun images with those of folders
// that are injected: what changes is the text of these files, and nothing else of the image.
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
			before, after := files(t, filepath.Join(pair, "registry", part.Name())), files(t, filepath.Join(dir, part.Name()))
			repository := fmt.Sprintf("%s/%s/%s", host, strings.ToLower(filepath.Base(pair)), part.Name())
			imagetest.Push(t, repository+":1", layered(t, "var/www/html/", before))
			csv := filepath.Join(pair, "csv.yaml")
			err := respinTag(csv, repository, "1", "2")
			if err != nil && strings.Contains(err.Error(), "no image reference was found") {
				continue // and nothing is written
			}
			if err != nil {
				t.Fatal(err)
			}
			source, result := pulled(t, repository+":1"), pulled(t, repository+":2")
			want := contents(t, source)
			for name, text := range after {
				if text != before[name] {
					changed := want["var/www/html/"+name]
					changed.Text = text
					want["var/www/html/"+name] = changed
				}
			}
			if diff := cmp.Diff(want, contents(t, result)); diff != "" {
				t.Errorf("%s: (-folder +image)\n%s", part.Name(), diff)
			}
			checkLayers(t, source, result, !maps.Equal(before, after))
			if err := respinTag(csv, repository, "2", "3"); err != nil {
				t.Fatal(err)
			}
			if got, want := digestOf(t, pulled(t, repository+":3")), digestOf(t, result); got != want {
				t.Errorf("%s: a second inject gives %s, the first gave %s", part.Name(), got, want)
			}
		}
	})
}

// respinTag injects the image at a tag, and pushes the result to another.
func respinTag(csv, repository, from, to string) error {
	source := "docker://" + repository + ":" + from
	command := fn.Command{CSVs: []string{csv}, Paths: []string{source}, Format: "line", Out: io.Discard, Log: io.Discard}
	return fn.Inject(command, "docker://"+repository+":"+to)
}

func pulled(t *testing.T, reference string) v1.Image {
	t.Helper()
	pulled, err := crane.Pull(reference)
	if err != nil {
		t.Fatal(err)
	}
	return pulled
}

func digestOf(t *testing.T, of v1.Image) string {
	t.Helper()
	digest, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// checkLayers checks that the result is a sound image, with the layers of the source, and one more if
// something changed.
func checkLayers(t *testing.T, source, result v1.Image, isChanged bool) {
	t.Helper()
	if err := validate.Image(result); err != nil {
		t.Error(err)
	}
	was, err1 := source.Manifest()
	is, err2 := result.Manifest()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	want := len(was.Layers)
	if isChanged {
		want++
	}
	if len(is.Layers) != want {
		t.Fatalf("the result has %d layers, want %d", len(is.Layers), want)
	}
	if diff := cmp.Diff(was.Layers, is.Layers[:len(was.Layers)]); diff != "" {
		t.Errorf("layers of the source: (-before +after)\n%s", diff)
	}
}

// content is what a name in an image stands for.
type content struct {
	Kind        byte
	Text, Link  string
	Mode        int64
	User, Group int
	Time        time.Time
}

// contents returns what is in an image as the library flattens it, by its names. Names of one file
// are alike: an image may have either as a link to the other. The test's own other names of files, in
// srv/store, have their texts where these are compared.
func contents(t *testing.T, of v1.Image) map[string]content {
	t.Helper()
	flat := mutate.Extract(of)
	defer flat.Close()
	found, links := map[string]content{}, map[string]string{}
	for archive := tar.NewReader(flat); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		text, err2 := io.ReadAll(archive)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeLink {
			links[header.Name] = header.Linkname
			continue
		}
		found[header.Name] = content{header.Typeflag, string(text), header.Linkname, header.Mode, header.Uid, header.Gid, header.ModTime}
	}
	for name, target := range links {
		found[name] = found[target]
	}
	for name, c := range found {
		if strings.HasPrefix(name, "srv/store/") {
			c.Text = ""
			found[name] = c
		}
	}
	return found
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
	add(0, root, root+"old/devfiles/a/devfile.yaml="+other, root+"opaque/devfiles/a.yaml="+other, root+"was/a.yaml="+other)
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

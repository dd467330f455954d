package image_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

type imageIndex = v1.ImageIndex

// rawIndex is an index that is written here.
type rawIndex struct {
	imageIndex
	raw []byte
}

func (i rawIndex) RawManifest() ([]byte, error) { return i.raw, nil }
func (i rawIndex) Size() (int64, error)         { return int64(len(i.raw)), nil }
func (i rawIndex) Digest() (v1.Hash, error) {
	digest, _, err := v1.SHA256(bytes.NewReader(i.raw))
	return digest, err
}

func (i rawIndex) IndexManifest() (*v1.IndexManifest, error) {
	return v1.ParseIndexManifest(bytes.NewReader(i.raw))
}

// rawOf returns the manifest or index at the only entry of a layout.
func rawOf(t testing.TB, at string) map[string]any {
	t.Helper()
	folder := strings.TrimPrefix(at, "oci:")
	var list struct{ Manifests []v1.Descriptor }
	var document map[string]any
	text, err := os.ReadFile(filepath.Join(folder, "index.json"))
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err == nil {
		text, err = os.ReadFile(filepath.Join(folder, "blobs", "sha256", list.Manifests[0].Digest.Hex))
	}
	if err == nil {
		err = json.Unmarshal(text, &document)
	}
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestAnIndexIsPutTogetherAgain(t *testing.T) {
	for _, mediaType := range []types.MediaType{types.OCIImageIndex, types.DockerManifestList} {
		index := mutate.IndexMediaType(indexOf(t, map[string]v1.Image{
			"amd64": imageOf(t, layerOf(t, "a.yaml=old")), "arm64": imageOf(t, layerOf(t, "a.yaml=1")),
		}), mediaType)
		nested := mutate.AppendManifests(index, mutate.IndexAddendum{Add: indexOf(t, map[string]v1.Image{"s390x": imageOf(t, layerOf(t, "b.yaml=old"))})})
		text, err := nested.RawManifest()
		if err != nil {
			t.Fatal(err)
		}
		var document map[string]any
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		document["acme"], document["annotations"] = []any{1.5, "<&>"}, map[string]any{"acme": "index"}
		for n, entry := range document["manifests"].([]any) {
			entry := entry.(map[string]any)
			delete(entry, "artifactType")
			entry["acme"], entry["annotations"] = true, map[string]any{"acme": fmt.Sprint(n)}
		}
		document["manifests"].([]any)[0].(map[string]any)["platform"].(map[string]any)["os.features"] = []any{"x"}
		if text, err = json.MarshalIndent(document, "", "  "); err != nil {
			t.Fatal(err)
		}
		source := rawIndex{nested, text}
		from, to := inLayout(t, source), "oci:"+t.TempDir()
		var client image.Client
		was, is, attestations, err := respin(t, &client, from, to, replacing("old", "new"))
		if err != nil || attestations != 2 || was != digestOf(t, source) || is == was {
			t.Errorf("%s: from %s to %s, %d attestations, %v", mediaType, was, is, attestations, err)
		}
		if got, err := contents(t, to); err != nil || got != "linux/amd64 a.yaml=new, linux/arm64 a.yaml=1, linux/s390x b.yaml=new" {
			t.Errorf("%s: got %s, %v", mediaType, got, err)
		}
		got := rawOf(t, to)
		entries := document["manifests"].([]any)
		document["manifests"] = []any{entries[0], entries[1], entries[3]} // 2 is an attestation
		for i, n := range []int{0, 2} {                                   // what changes
			is, was := got["manifests"].([]any)[n].(map[string]any), document["manifests"].([]any)[n].(map[string]any)
			if is["digest"] == was["digest"] {
				t.Errorf("%s: entry %d is as it was", mediaType, i)
			}
			is["digest"], is["size"] = was["digest"], was["size"]
		}
		if diff := cmp.Diff(document, got); diff != "" {
			t.Errorf("%s: %s", mediaType, diff)
		}
		_, again, attestations, err := respin(t, &client, to, "oci:"+t.TempDir(), replacing("old", "new"))
		if err != nil || again != is || attestations != 0 {
			t.Errorf("%s: again: got %s, want %s; %d attestations, %v", mediaType, again, is, attestations, err)
		}
		_, same, attestations, err := respin(t, &client, from, "oci:"+t.TempDir(), replacing("none", ""))
		if err != nil || same != was || attestations != 0 {
			t.Errorf("%s: nothing changes: got %s, want %s; %d attestations, %v", mediaType, same, was, attestations, err)
		}
	}
}

// TestAnImageIsWrittenFromAnywhereToAnywhere writes it twice from each place to each, and once more what was written.
func TestAnImageIsWrittenFromAnywhereToAnywhere(t *testing.T) {
	source := imagetest.For(t, kinds["OCI"].make(t, packedLayer(t, types.OCILayer, entryOf("a.yaml", "old")), packedLayer(t, types.OCILayer, entryOf("b", "1"))), "amd64")
	s := newStrictRegistry(t)
	saved := filepath.Join(t.TempDir(), "saved.tar")
	if err := tarball.WriteToFile(saved, tag(t, "quay.io/acme/a:1"), source); err != nil {
		t.Fatal(err)
	}
	folder := inLayout(t, source)
	for _, from := range []string{
		s.push(t, "acme/source:1", source), folder, "oci-archive:" + imagetest.Pack(t, strings.TrimPrefix(folder, "oci:")),
		"docker-archive:" + saved, "docker-archive:" + savedByDocker(t, source),
	} {
		places := t.TempDir()
		for n, to := range []string{
			"docker://" + s.host + "/acme/respun:", "oci:" + places + "/folder", "oci:" + places + "/tags:quay.io/acme/a:",
			"oci-archive:" + places + "/oci", "oci-archive:" + places + "/tagged:quay.io/acme/a:2", "docker-archive:" + places + "/docker",
			"docker-archive:" + places + "/named:quay.io/acme/a:2",
		} {
			var digests, texts [3]string
			next := from
			for run := range digests {
				at := to + fmt.Sprint(run)
				if n >= 3 { // an archive
					at = strings.Replace(at, places, fmt.Sprintf("%s/%d", places, run), 1)
					at = strings.TrimSuffix(at, fmt.Sprint(run))
					if err := os.MkdirAll(fmt.Sprintf("%s/%d", places, run), 0o755); err != nil {
						t.Fatal(err)
					}
				}
				_, digests[run] = mustRespin(t, next, at, replacing("old", "new"))
				if got, err := contents(t, at); err != nil || got != "linux/amd64 a.yaml=new" {
					t.Errorf("%s to %s: got %s, %v", from, at, got, err)
				}
				if n >= 3 {
					_, file, _ := strings.Cut(at, ":")
					text, err := os.ReadFile(strings.TrimSuffix(file, ":quay.io/acme/a:2"))
					if err != nil {
						t.Fatal(err)
					}
					texts[run] = string(text)
				}
				if layers := layersOf(t, imageAt(t, at)); len(layers) != 3 {
					t.Errorf("%s to %s: %d layers", from, at, len(layers))
				}
				if run == 1 {
					next = at
				}
			}
			if digests[0] != digests[1] || digests[0] != digests[2] || texts[0] != texts[1] || texts[0] != texts[2] {
				t.Errorf("%s to %s: three runs give %q", from, to, digests)
			}
		}
	}
}

// savedByDocker writes an image as docker save does: its layers are not packed.
func savedByDocker(t testing.TB, made v1.Image) string {
	t.Helper()
	config, err := made.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"config.json": string(config)}
	var names []string
	for n, layer := range layersOf(t, made) {
		content, err := layer.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(content); err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%d/layer.tar", n))
		files[names[n]] = text.String()
	}
	manifest, err := json.Marshal([]map[string]any{{"Config": "config.json", "RepoTags": nil, "Layers": names}})
	if err != nil {
		t.Fatal(err)
	}
	files["manifest.json"] = string(manifest)
	folder := t.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return imagetest.Pack(t, folder)
}

func TestALayoutKeepsItsOtherTags(t *testing.T) {
	folder := "oci:" + t.TempDir()
	for n, text := range []string{"old", "older", "old and new"} {
		mustRespin(t, inLayout(t, imageOf(t, layerOf(t, "a.yaml="+text))), fmt.Sprintf("%s:%d", folder, n%2), replacing("old", "new"))
	}
	for tag, want := range map[string]string{":0": "a.yaml=new and new", ":1": "a.yaml=newer"} {
		if got, err := contents(t, folder+tag); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", tag, got, err, want)
		}
	}
}

// TestALayoutThatFailsIsAsItWas fails in the middle of a layout, and writes it once more.
func TestALayoutThatFailsIsAsItWas(t *testing.T) {
	second, dir := layerOf(t, "b.yaml=1"), t.TempDir()
	from := inLayout(t, imageOf(t, layerOf(t, "a.yaml=old"), second))
	blob := filepath.Join(strings.TrimPrefix(from, "oci:"), "blobs/sha256", digestOf(t, second)[len("sha256:"):])
	tagged, begun := filepath.Join(dir, "tagged"), filepath.Join(dir, "begun")
	mustRespin(t, inLayout(t, imageOf(t, layerOf(t, "a.yaml=other"))), "oci:"+tagged+":1", replacing("old", "new"))
	if err := os.CopyFS(begun, os.DirFS(tagged)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(begun, "index.json")); err != nil { // as of a run that was killed
		t.Fatal(err)
	}
	for _, to := range []string{dir + "/new", dir + "/a/b/new:2", tagged + ":2", begun + ":2"} {
		before := listing(t, dir)
		var client image.Client
		losing := func(opened image.Image) (image.Changes, error) {
			changes, err := replacing("old", "new")(opened)
			return changes, errors.Join(err, os.Rename(blob, blob+".lost"))
		}
		if _, _, _, err := respin(t, &client, from, "oci:"+to, losing); err == nil || !strings.Contains(err.Error(), "the source: the blob ") {
			t.Errorf("%s: got error %v", to, err)
		}
		client.Close()
		if err := os.Rename(blob+".lost", blob); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
			t.Errorf("%s: (-before +after)\n%s", to, diff)
		}
		mustRespin(t, from, "oci:"+to, replacing("old", "new"))
		if got, err := contents(t, "oci:"+to); err != nil || got != "a.yaml=new b.yaml=1" {
			t.Errorf("%s: got %s, %v", to, got, err)
		}
	}
}

// listing returns the names of all that is in a folder.
func listing(t testing.TB, folder string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAPlaceThatDoesNotTakeAnImageIsAnError(t *testing.T) {
	one, two := inLayout(t, imageOf(t, layerOf(t, "a.yaml=old"))), inLayout(t, indexOf(t, map[string]v1.Image{
		"amd64": imageOf(t, layerOf(t, "a.yaml=old")), "arm64": imageOf(t, layerOf(t, "a.yaml=1")),
	}))
	tagged := "oci:" + t.TempDir()
	mustRespin(t, one, tagged+":1", replacing("old", "new"))
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ from, to, want string }{
		{one, one, "it is the source itself: name another place or tag"},
		{tagged + ":1", tagged + ":1", "it is the source itself"},
		{tagged + ":1", tagged, "it holds other images: give each a tag"},
		{tagged + ":1", one + ":1", "it holds other images: give each a tag"},
		{one, "oci:" + full, "the folder holds something, and is no OCI image layout"},
		{one, "oci:" + full + "/file", "not a directory"},
		{one, "oci:" + full + "/file/x", "not a directory"},
		{one, "oci-archive:" + full + "/none/a.tar", "no such file or directory"},
		{one, "oci-archive:" + full, "file exists"},
		{one, "docker-archive:" + full + "/a.tar:NO", `"NO" is no tag: write docker-archive:FILE:REPOSITORY:TAG`},
		{two, "docker-archive:" + full + "/a.tar", "a docker-archive holds one image, and there are 2, for several platforms"},
	} {
		var client image.Client
		_, _, _, err := respin(t, &client, test.from, test.to, replacing("old", "new"))
		if err == nil || !strings.HasPrefix(err.Error(), test.to+": ") || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s to %s: got error %v, want %s", test.from, test.to, err, test.want)
		}
		client.Close()
	}
	left, err := os.ReadDir(full)
	if err != nil || len(left) != 1 {
		t.Errorf("something is left: %v, %v", left, err)
	}
}

func TestAnIndexWithSomethingElseIsAnError(t *testing.T) {
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: imageOf(t, layerOf(t, "a.yaml=old"))})
	text, err := index.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"manifests":[`), []byte(`"manifests":[{"mediaType":"text/x","size":1,"digest":"sha256:`+strings.Repeat("0", 64)+`"},`), 1)
	var client image.Client
	s := newStrictRegistry(t)
	to := "docker://" + s.host + "/acme/a:1"
	_, _, _, err = respin(t, &client, inLayout(t, index), to, replacing("old", "new"))
	if err != nil {
		t.Fatal(err)
	}
	folder := strings.TrimPrefix(inLayout(t, index), "oci:")
	if err := os.WriteFile(filepath.Join(folder, "index.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, _, err = respin(t, &client, "oci:"+folder, to, replacing("old", "new"))
	if err == nil || !strings.Contains(err.Error(), "the index has an entry of the type text/x, which is no image") {
		t.Errorf("got error %v", err)
	}
}

package image_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/go-containerregistry/pkg/compression"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"inject-related-images/internal/image"
)

// replacing is an Edit that replaces a text in all files that end with .yaml.
func replacing(old, with string) image.Edit {
	return func(i image.Image) (image.Changes, error) {
		texts := map[string]string{}
		found, err := i.Read(image.Files{
			Wants: func(name string) bool { return strings.HasSuffix(name, ".yaml") },
			Read: func(name, text string) {
				if changed := strings.ReplaceAll(text, old, with); changed != text {
					texts[name] = changed
				}
			},
			Large: func(string, int64) {},
		})
		return image.Changes{Found: found, Texts: texts}, err
	}
}

func address(t testing.TB, s string) image.Address {
	t.Helper()
	a, ok, err := image.ParseAddress(s)
	if !ok || err != nil {
		t.Fatalf("%s: %v, %v", s, ok, err)
	}
	return a
}

// respin respins an image, writes it, and returns the old digest, the new one, and how many
// attestations were left out.
func respin(t testing.TB, client *image.Client, from, to string, edit image.Edit) (was, is string, attestations int, err error) {
	t.Helper()
	tree, err := client.Tree(address(t, from))
	if err != nil {
		return "", "", 0, err
	}
	if was, err = tree.Digest(); err != nil {
		return "", "", 0, err
	}
	made, attestations, err := tree.Respin(edit)
	if err != nil {
		return was, "", 0, err
	}
	is, err = client.Write(made, address(t, to))
	return was, is, attestations, err
}

// mustRespin respins an image that is there, and returns both digests.
func mustRespin(t testing.TB, from, to string, edit image.Edit) (was, is string) {
	t.Helper()
	var client image.Client
	defer client.Close()
	was, is, _, err := respin(t, &client, from, to, edit)
	if err != nil {
		t.Fatalf("%s to %s: %v", from, to, err)
	}
	return was, is
}

// entry is an entry of a tarball.
type entry struct {
	tar.Header
	text string
}

func packedLayer(t testing.TB, mediaType types.MediaType, entries ...entry) v1.Layer {
	t.Helper()
	var content bytes.Buffer
	w := tar.NewWriter(&content)
	for _, e := range entries {
		if e.Typeflag == 0 {
			e.Typeflag = tar.TypeReg
		}
		e.Size = int64(len(e.text))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	packing := compression.GZip
	if strings.HasSuffix(string(mediaType), "zstd") {
		packing = compression.ZStd
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil },
		tarball.WithMediaType(mediaType), tarball.WithCompression(packing),
	)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// unpacked returns the entries of a layer.
func unpacked(t testing.TB, layer v1.Layer) []entry {
	t.Helper()
	content, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	var entries []entry
	r := tar.NewReader(content)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries
		} else if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{*header, string(text)})
	}
}

// kind is a kind of image.
type kind struct{ manifest, config, layer types.MediaType }

var kinds = map[string]kind{
	"Docker":           {types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer},
	"Docker with zstd": {types.DockerManifestSchema2, types.DockerConfigJSON, "application/vnd.docker.image.rootfs.diff.tar.zstd"},
	"OCI":              {types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer},
	"OCI with zstd":    {types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayerZStd},
}

var created = time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)

// make makes an image of layers, each with an entry of history, and one more entry on top.
func (k kind) make(t testing.TB, layers ...v1.Layer) v1.Image {
	t.Helper()
	made := mutate.ConfigMediaType(mutate.MediaType(empty.Image, k.manifest), k.config)
	var err error
	for _, layer := range layers {
		if made, err = mutate.Append(made, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: "COPY . ."}}); err != nil {
			t.Fatal(err)
		}
	}
	config, err := made.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", "amd64", v1.Time{Time: created}
	config.Config.Labels = map[string]string{"vendor": "acme & <co>", "org.opencontainers.image.base.name": "quay.io/acme/older:1"}
	config.Config.Cmd = []string{"serve"}
	config.History = append(config.History, v1.History{CreatedBy: "CMD serve", EmptyLayer: true})
	if made, err = mutate.ConfigFile(made, config); err != nil {
		t.Fatal(err)
	}
	return made
}

// inLayout writes an image or an index into a layout, and returns its address.
func inLayout(t testing.TB, what mutate.Appendable) string {
	t.Helper()
	folder := t.TempDir()
	p, err := layout.Write(folder, empty.Index)
	if err == nil {
		switch what := what.(type) {
		case v1.Image:
			err = p.AppendImage(what)
		case v1.ImageIndex:
			err = p.AppendIndex(what)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return "oci:" + folder
}

// imageAt opens the only image at an address.
func imageAt(t testing.TB, at string) image.Image {
	t.Helper()
	var client image.Client
	images, err := client.Open(address(t, at))
	if err != nil || len(images) != 1 {
		t.Fatalf("%s: %d images, %v", at, len(images), err)
	}
	return images[0]
}

func layersOf(t testing.TB, made v1.Image) []v1.Layer {
	t.Helper()
	layers, err := made.Layers()
	if err != nil {
		t.Fatal(err)
	}
	return layers
}

func digestOf(t testing.TB, what interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	digest, err := what.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

func TestALayerKeepsWhatFilesHaveBesideTheirText(t *testing.T) {
	file := tar.Header{
		Name: "./srv/index.yaml", Mode: 0o4640, Uid: 1001, Gid: 3000000, Uname: "che", Gname: "ché",
		ModTime: created, AccessTime: created.Add(time.Hour), Format: tar.FormatPAX,
		PAXRecords: map[string]string{"SCHILY.xattr.user.acme": "a\x00b", "SCHILY.xattr.security.capability": "\x01\x00", "ACME.note": "x"},
	}
	folder := tar.Header{
		Name: "srv/", Typeflag: tar.TypeDir, Mode: 0o2770, Uid: 7, Gid: 8, ModTime: created, Format: tar.FormatPAX,
		PAXRecords: map[string]string{"SCHILY.xattr.user.folder": "1"},
	}
	below := folder
	below.Mode, below.PAXRecords = 0o700, nil
	root := tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o555, ModTime: created, Format: tar.FormatPAX}
	k := kinds["OCI"]
	made := k.make(
		t,
		packedLayer(t, k.layer, entry{root, ""}, entry{below, ""}, entry{file, "image: old"}),
		packedLayer(t, k.layer, entry{folder, ""}),
	)
	to := "oci:" + t.TempDir()
	mustRespin(t, inLayout(t, made), to, replacing("old", "newer"))
	layers := layersOf(t, imageAt(t, to))
	got := unpacked(t, layers[len(layers)-1])
	file.Name = "srv/index.yaml"
	want := []entry{{root, ""}, {folder, ""}, {file, "image: newer"}}
	if len(got) != len(want) {
		t.Fatalf("got %d entries, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		for _, header := range []*tar.Header{&got[i].Header, &want[i].Header} { // what the format adds for itself
			//lint:ignore SA1019 the reader says it twice
			header.Xattrs, header.Size = nil, 0
			header.PAXRecords = maps.Clone(header.PAXRecords)
			maps.DeleteFunc(header.PAXRecords, func(key, _ string) bool { return key == strings.ToLower(key) })
			if len(header.PAXRecords) == 0 {
				header.PAXRecords = nil
			}
			header.ModTime, header.AccessTime = header.ModTime.UTC(), header.AccessTime.UTC()
			if header.Typeflag == 0 {
				header.Typeflag = tar.TypeReg
			}
			if header.Format = 0; header.AccessTime.IsZero() {
				header.AccessTime = time.Time{}
			}
		}
		if diff := cmp.Diff(want[i], got[i], cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("entry %d: %s", i, diff)
		}
	}
}

func TestALayerHasTheFilesThatChange(t *testing.T) {
	for name, test := range map[string]struct {
		layers [][]string // the lowest first
		want   string     // the layer on top
	}{
		"one file":                          {[][]string{{"a.yaml=old", "b.yaml=1"}}, "a.yaml=new"},
		"folders that have entries":         {[][]string{{"d/", "d/e/f/", "d/e/f/a.yaml=old", "g/"}}, "d/ d/e/f/ d/e/f/a.yaml=new"},
		"a folder whose entry is hidden":    {[][]string{{"d/", "d/x=1"}, {".wh.d="}, {"d/a.yaml=old"}}, "d/a.yaml=new"},
		"a folder that is opaque":           {[][]string{{"d/", "d/x=1"}, {"d/.wh..wh..opq=", "d/a.yaml=old"}}, "d/ d/a.yaml=new"},
		"a folder in an opaque one":         {[][]string{{"d/", "d/e/", "d/e/x=1"}, {"d/.wh..wh..opq=", "d/e/a.yaml=old"}}, "d/ d/e/a.yaml=new"},
		"the order of a walk":               {[][]string{{"d-e/a.yaml=old", "d/b.yaml=old", "d/", "d-e/"}}, "d/ d/b.yaml=new d-e/ d-e/a.yaml=new"},
		"hard links":                        {[][]string{{"b.yaml=old", "c=>b.yaml", "d/", "d/a=>c", "e=1"}}, "b.yaml=new c=>b.yaml d/ d/a=>b.yaml"},
		"a hard link before its file":       {[][]string{{"a.txt=>b.yaml", "b.yaml=old"}}, "a.txt=new b.yaml=>a.txt"},
		"a hard link to what is not wanted": {[][]string{{"a=old", "b.yaml=>a", "c.yaml=>a"}}, "a=new b.yaml=>a c.yaml=>a"},
		"a hard link that is replaced":      {[][]string{{"a.yaml=old", "b=>a.yaml"}, {"b=1"}}, "a.yaml=new"},
		"a hard link that is hidden":        {[][]string{{"a.yaml=old", "b=>a.yaml"}, {".wh.b="}}, "a.yaml=new"},
		"a hard link to what was before":    {[][]string{{"a.yaml=1", "b=>a.yaml", "a.yaml=old"}}, "a.yaml=new"},
		"a hard link in another layer":      {[][]string{{"a.yaml=old", "b.yaml=>a.yaml"}, {"a.yaml=older"}}, "a.yaml=newer b.yaml=new"},
	} {
		var layers []v1.Layer
		for _, entries := range test.layers {
			layers = append(layers, layerOf(t, entries...))
		}
		to := "oci:" + t.TempDir()
		mustRespin(t, inLayout(t, imageOf(t, layers...)), to, replacing("old", "new"))
		layers = layersOf(t, imageAt(t, to))
		var got []string
		for _, e := range unpacked(t, layers[len(layers)-1]) {
			switch e.Typeflag {
			case tar.TypeDir:
				got = append(got, e.Name)
			case tar.TypeLink:
				got = append(got, e.Name+"=>"+e.Linkname)
			default:
				got = append(got, e.Name+"="+e.text)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

// TestLinkedFilesThatDifferArePartedByTheLayer has an Edit that gives two names of a file two texts.
func TestLinkedFilesThatDifferArePartedByTheLayer(t *testing.T) {
	edit := func(i image.Image) (image.Changes, error) {
		c, err := replacing("old", "new")(i)
		c.Texts["b.yaml"] = "other"
		return c, err
	}
	to := "oci:" + t.TempDir()
	mustRespin(t, inLayout(t, imageOf(t, layerOf(t, "a.yaml=old", "b.yaml=>a.yaml", "c=>a.yaml"))), to, edit)
	if files, _, err := read(imageAt(t, to)); err != nil || !slices.Equal(files, []string{"a.yaml=new", "b.yaml=other"}) {
		t.Errorf("got %q, %v", files, err)
	}
}

// TestEachKindOfImageStaysOfItsKind respins it for release 1, that for release 2, and that again.
func TestEachKindOfImageStaysOfItsKind(t *testing.T) {
	for name, k := range kinds {
		source := k.make(t, packedLayer(t, k.layer, entry{tar.Header{Name: "a.yaml", Mode: 0o644}, "image: v0"}),
			packedLayer(t, k.layer, entry{tar.Header{Name: "b.txt", Mode: 0o644}, "b"}))
		from, first, second := inLayout(t, source), "oci:"+t.TempDir(), "oci:"+t.TempDir()
		was, one := mustRespin(t, from, first, replacing("v0", "v1"))
		if was != digestOf(t, source) || was == one {
			t.Errorf("%s: from %s to %s", name, was, one)
		}
		check(t, name, k, source, imageAt(t, first), "image: v1")

		if _, again := mustRespin(t, from, "oci:"+t.TempDir(), replacing("v0", "v1")); again != one {
			t.Errorf("%s: two runs give %s and %s", name, one, again)
		}
		if _, again := mustRespin(t, first, "oci:"+t.TempDir(), replacing("v0", "v1")); again != one {
			t.Errorf("%s: a run on its result gives %s, and gave %s", name, again, one)
		}
		if _, copied := mustRespin(t, from, "oci:"+t.TempDir(), replacing("none", "")); copied != was {
			t.Errorf("%s: where nothing changes: got %s, want %s", name, copied, was)
		}
		_, two := mustRespin(t, first, second, replacing("v1", "v2"))
		check(t, name, k, source, imageAt(t, second), "image: v2")
		if _, direct := mustRespin(t, from, "oci:"+t.TempDir(), replacing("v0", "v2")); direct != two {
			t.Errorf("%s: release 2 after 1 gives %s, and alone %s", name, two, direct)
		}
		if _, copied := mustRespin(t, second, "oci:"+t.TempDir(), replacing("none", "")); copied != two {
			t.Errorf("%s: where nothing changes in the result: got %s, want %s", name, copied, two)
		}
	}
}

// TestTheNextLayerHasWhatTheOneBeforeHad changes one file after the other, by two respins.
func TestTheNextLayerHasWhatTheOneBeforeHad(t *testing.T) {
	source := imageOf(t, layerOf(t, "v3/", "v3/a.yaml=old", "v3/b.yaml=>v3/a.yaml", "v3/c.yaml=other", "d.yaml=same"))
	first, second := "oci:"+t.TempDir(), "oci:"+t.TempDir()
	mustRespin(t, inLayout(t, source), first, replacing("old", "new"))
	mustRespin(t, first, second, replacing("other", "another"))
	files, _, err := read(imageAt(t, second))
	want := []string{"d.yaml=same", "v3/a.yaml=new", "v3/b.yaml=new", "v3/c.yaml=another"}
	if slices.Sort(files); err != nil || !slices.Equal(files, want) {
		t.Errorf("got %q, %v, want %q", files, err, want)
	}
	if layers := layersOf(t, imageAt(t, second)); len(layers) != 2 {
		t.Errorf("got %d layers, want that of the source and one more", len(layers))
	}
}

// check compares an image with its source: it has one layer more, and says so.
func check(t *testing.T, name string, k kind, source, made v1.Image, text string) {
	t.Helper()
	manifest, err := made.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	config, err := made.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	was, err := source.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	wasConfig, err := source.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want, wantConfig := was.DeepCopy(), wasConfig.DeepCopy()
	top := layersOf(t, made)[len(was.Layers)]
	size, err := top.Size()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := top.Digest()
	if err != nil {
		t.Fatal(err)
	}
	diffID, err := top.DiffID()
	if err != nil {
		t.Fatal(err)
	}
	want.Config.Digest, want.Config.Size = manifest.Config.Digest, manifest.Config.Size
	want.Layers = append(want.Layers, v1.Descriptor{MediaType: k.layer, Size: size, Digest: digest})
	wantConfig.RootFS.DiffIDs = append(wantConfig.RootFS.DiffIDs, diffID)
	wantConfig.History = append(wantConfig.History, v1.History{Created: v1.Time{Time: created}, CreatedBy: "inject-related-images inject"})
	wantConfig.Config.Labels["org.opencontainers.image.base.digest"] = digestOf(t, source)
	delete(wantConfig.Config.Labels, "org.opencontainers.image.base.name") // a layout has no name that others know
	if k.manifest == types.OCIManifestSchema1 {
		want.Annotations = map[string]string{"org.opencontainers.image.base.digest": digestOf(t, source)}
	}
	if diff := cmp.Diff(want, manifest, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: the manifest: %s", name, diff)
	}
	if diff := cmp.Diff(wantConfig, config, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: the configuration: %s", name, diff)
	}
	content, err := top.Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	magic := make([]byte, 2)
	if _, err := io.ReadFull(content, magic); err != nil {
		t.Fatal(err)
	}
	if isZstd := string(magic) == "\x28\xb5"; isZstd != strings.HasSuffix(string(k.layer), "zstd") {
		t.Errorf("%s: a layer begins with %x", name, magic)
	}
	if entries := unpacked(t, top); len(entries) != 1 || entries[0].text != text {
		t.Errorf("%s: got the layer %+v, want %s", name, entries, text)
	}
}

// rawImage is an image with a manifest and a configuration as they are written here.
type rawImage struct {
	v1.Image
	manifest, config []byte
}

func (i rawImage) RawManifest() ([]byte, error)   { return i.manifest, nil }
func (i rawImage) RawConfigFile() ([]byte, error) { return i.config, nil }
func (i rawImage) Digest() (v1.Hash, error) {
	digest, _, err := v1.SHA256(bytes.NewReader(i.manifest))
	return digest, err
}
func (i rawImage) Size() (int64, error) { return int64(len(i.manifest)), nil }
func (i rawImage) ConfigName() (v1.Hash, error) {
	digest, _, err := v1.SHA256(bytes.NewReader(i.config))
	return digest, err
}

func (i rawImage) Manifest() (*v1.Manifest, error) {
	return v1.ParseManifest(bytes.NewReader(i.manifest))
}

func (i rawImage) ConfigFile() (*v1.ConfigFile, error) {
	return v1.ParseConfigFile(bytes.NewReader(i.config))
}

// withJSON changes the manifest and the configuration of an image, as JSON.
func withJSON(t testing.TB, made v1.Image, change func(manifest, config map[string]any)) v1.Image {
	t.Helper()
	var manifest, config map[string]any
	parse := func(text []byte, err error, into any) {
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := made.RawManifest()
	parse(text, err, &manifest)
	text, err = made.RawConfigFile()
	parse(text, err, &config)
	change(manifest, config)
	out := rawImage{Image: made}
	if out.config, err = json.MarshalIndent(config, "", "\t"); err != nil {
		t.Fatal(err)
	}
	digest, size, err := v1.SHA256(bytes.NewReader(out.config))
	if err != nil {
		t.Fatal(err)
	}
	descriptor := manifest["config"].(map[string]any)
	descriptor["digest"], descriptor["size"] = digest.String(), size
	if out.manifest, err = json.MarshalIndent(manifest, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return out
}

// documentsAt returns the manifest and the configuration of the image at an address.
func documentsAt(t testing.TB, at string) (manifest, config map[string]any) {
	t.Helper()
	made := imageAt(t, at)
	for into, get := range map[*map[string]any]func() ([]byte, error){&manifest: made.RawManifest, &config: made.RawConfigFile} {
		text, err := get()
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return manifest, config
}

func TestWhatIsNotKnownIsKept(t *testing.T) {
	subject := map[string]any{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + strings.Repeat("0", 64), "size": 7.0}
	source := withJSON(t, kinds["OCI"].make(t, layerOf(t, "a.yaml=old")), func(manifest, config map[string]any) {
		manifest["subject"], manifest["acme"] = subject, []any{"<&>"}
		manifest["annotations"] = map[string]any{"acme": "1"}
		manifest["config"].(map[string]any)["acme"] = true
		config["acme"], config["config"].(map[string]any)["OnBuild"] = map[string]any{"x": 1e3}, nil
		config["rootfs"].(map[string]any)["acme"] = "y"
	})
	from, to := inLayout(t, source), "oci:"+t.TempDir()
	mustRespin(t, from, to, replacing("old", "new"))
	was, wasConfig := documentsAt(t, from)
	is, isConfig := documentsAt(t, to)
	for _, document := range []map[string]any{was, is} {
		delete(document, "layers")
		delete(document["config"].(map[string]any), "digest")
		delete(document["config"].(map[string]any), "size")
		delete(document["annotations"].(map[string]any), "org.opencontainers.image.base.digest")
	}
	for _, document := range []map[string]any{wasConfig, isConfig} {
		delete(document, "history")
		delete(document["rootfs"].(map[string]any), "diff_ids")
		delete(document["config"].(map[string]any), "Labels")
	}
	if diff := cmp.Diff([]any{was, wasConfig}, []any{is, isConfig}); diff != "" {
		t.Error(diff)
	}
}

func TestHistoryHasAnEntryForEachLayer(t *testing.T) {
	for name, test := range map[string]struct{ history, want string }{
		"none":           {``, `{} {} inject`},
		"null":           {`null`, `{} {} inject`},
		"of one layer":   {`[{"created_by":"x"}]`, `{} x inject`},
		"of both layers": {`[{"created_by":"x"},{"created_by":"y","empty_layer":true},{"created_by":"z"}]`, `x y z inject`},
	} {
		source := withJSON(t, imageOf(t, layerOf(t, "a.yaml=old"), layerOf(t, "b=1")), func(_, config map[string]any) {
			delete(config, "history")
			delete(config, "created")
			if test.history != "" {
				config["history"] = json.RawMessage(test.history)
			}
		})
		to, next := "oci:"+t.TempDir(), "oci:"+t.TempDir()
		mustRespin(t, inLayout(t, source), to, replacing("old", "new"))
		mustRespin(t, to, next, replacing("old", "newer"))
		for _, at := range []string{to, next} {
			_, config := documentsAt(t, at)
			var got []string
			for _, entry := range config["history"].([]any) {
				by, _ := entry.(map[string]any)["created_by"].(string)
				switch {
				case by == "inject-related-images inject":
					by = "inject"
				case by == "":
					by = "{}"
				}
				got = append(got, by)
				if _, ok := entry.(map[string]any)["created"]; ok {
					t.Errorf("%s: an entry has a time, and the source none", name)
				}
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("%s: got %s, want %s", name, got, test.want)
			}
		}
	}
}

// TestALayerBelowAnotherIsNotReplaced has an image that was made of one that was respun.
func TestALayerBelowAnotherIsNotReplaced(t *testing.T) {
	first, second := "oci:"+t.TempDir(), "oci:"+t.TempDir()
	mustRespin(t, inLayout(t, imageOf(t, layerOf(t, "a.yaml=old"))), first, replacing("old", "new"))
	child, err := mutate.Append(imageAt(t, first).Image, mutate.Addendum{Layer: layerOf(t, "b=1"), History: v1.History{CreatedBy: "COPY b b"}})
	if err != nil {
		t.Fatal(err)
	}
	mustRespin(t, inLayout(t, child), second, replacing("new", "newer"))
	made := imageAt(t, second)
	if got := made.Labels["org.opencontainers.image.base.digest"]; len(layersOf(t, made)) != 4 || got != digestOf(t, child) {
		t.Errorf("got %d layers, based on %s", len(layersOf(t, made)), got)
	}
}

func TestAnEditThatFailsIsAnError(t *testing.T) {
	var client image.Client
	from := inLayout(t, imageOf(t, layerOf(t, "a.yaml=old")))
	for want, edit := range map[string]image.Edit{
		"file does not exist": func(image.Image) (image.Changes, error) { return image.Changes{}, fs.ErrNotExist },
		"b.yaml was not read in the image, and cannot be changed": func(image.Image) (image.Changes, error) {
			return image.Changes{Texts: map[string]string{"b.yaml": "1"}}, nil
		},
	} {
		to := filepath.Join(t.TempDir(), "new")
		if _, _, _, err := respin(t, &client, from, "oci:"+to, edit); err == nil || err.Error() != from+": "+want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// entryOf is a plain file.
func entryOf(name, text string) entry { return entry{tar.Header{Name: name, Mode: 0o644}, text} }

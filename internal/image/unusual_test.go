package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"

	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

// tarOf returns a tarball of headers; each file has the text 1.
func tarOf(t testing.TB, headers ...*tar.Header) []byte {
	t.Helper()
	var content bytes.Buffer
	w := tar.NewWriter(&content)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = 1
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := io.WriteString(w, "1"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// retyped changes the first header of a tarball: package tar writes no files of these types.
func retyped(content []byte, kind byte) []byte {
	header := content[:512]
	header[156] = kind
	if kind == tar.TypeGNUSparse { // one piece of one byte, and the size of all
		copy(header[386:], "00000000000\x0000000000001\x00")
		copy(header[483:], "00000000001\x00")
	}
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return content
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// readLayer reads an image whose only layer is a blob.
func readLayer(t testing.TB, blob []byte, kind types.MediaType) (string, error) {
	t.Helper()
	files, _, err := read(opened(t, imageOf(t, static.NewLayer(blob, kind))))
	return strings.Join(files, " "), err
}

func TestFilesAreThoseOfEveryKindOfTar(t *testing.T) {
	long := strings.Repeat("long/", 60) + "a.yaml"
	file := func(name string, format tar.Format) *tar.Header {
		return &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Format: format}
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"a long name, PAX":  {tarOf(t, file(long, tar.FormatPAX)), long + "=1"},
		"a long name, GNU":  {tarOf(t, file(long, tar.FormatGNU)), long + "=1"},
		"a sparse file":     {retyped(tarOf(t, file("a.yaml", tar.FormatGNU)), tar.TypeGNUSparse), "a.yaml=1"},
		"a contiguous file": {retyped(tarOf(t, file("a.yaml", tar.FormatUSTAR)), tar.TypeCont), "a.yaml=1"},
		"an old file":       {retyped(tarOf(t, file("a.yaml", tar.FormatUSTAR)), 0), "a.yaml=1"},
		"an old folder": {
			append(retyped(tarOf(t, &tar.Header{Typeflag: tar.TypeDir, Name: "a/", Mode: 0o755}), tar.TypeReg)[:512], tarOf(t, file("a/b.yaml", tar.FormatUSTAR))...),
			"a/b.yaml=1",
		},
		"a device, and a pipe": {tarOf(t, &tar.Header{Typeflag: tar.TypeChar, Name: "a.yaml"}, &tar.Header{Typeflag: tar.TypeFifo, Name: "b.yaml"}), ""},
		"nothing":              {nil, ""},
	} {
		if got, err := readLayer(t, test.content, types.DockerUncompressedLayer); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestALayerIsUnpackedByItsContent(t *testing.T) {
	content := tarOf(t, &tar.Header{Typeflag: tar.TypeReg, Name: "a.yaml"})
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []types.MediaType{types.OCILayer, types.OCIUncompressedLayer, types.OCILayerZStd, types.DockerLayer, types.DockerForeignLayer, "application/x"} {
		for name, blob := range map[string][]byte{
			"tar": content, "gzip": gzipped(t, content), "zstd": w.EncodeAll(content, nil),
			"gzip in pieces": append(gzipped(t, content[:700]), gzipped(t, content[700:])...),
		} {
			if got, err := readLayer(t, blob, kind); err != nil || got != "a.yaml=1" {
				t.Errorf("%s as %s: got %q, %v", name, kind, got, err)
			}
		}
		if _, err := readLayer(t, []byte(`{"a": "statement"}`), kind); err == nil || !strings.Contains(err.Error(), fmt.Sprintf(
			"layer 1 of 1: it is no tar archive packed by gzip or zstd, or a damaged one (its type is %s): ", kind)) {
			t.Errorf("got error %v, want that it is no archive", err)
		}
	}
}

// TestTooMuchIsAnError has what small layers unpack to.
func TestTooMuchIsAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("it unpacks a gigabyte")
	}
	zeros := gzipped(t, make([]byte, 64<<20))
	bomb := append(gzipped(t, tarOf(t, &tar.Header{Typeflag: tar.TypeReg, Name: "a"})[:512]), bytes.Repeat(zeros, 17)...)
	header := tarOf(t, &tar.Header{Typeflag: tar.TypeDir, Name: "a"})[:512]
	header2000 := gzipped(t, bytes.Repeat(header, 2000))
	for name, test := range map[string]struct {
		blob []byte
		want string
	}{
		"a bomb":            {bomb, fmt.Sprintf("layer 1 of 1: it unpacks to more than 100 times its %d bytes: it is left alone", len(bomb))},
		"a million entries": {bytes.Repeat(header2000, 500), "layer 1 of 1: the image has more than 500000 entries in its layers, which is the limit"},
	} {
		if _, err := readLayer(t, test.blob, types.DockerLayer); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}

// TestWhatIsNoImageIsPassedOver has artifacts, of which the index says it or not.
func TestWhatIsNoImageIsPassedOver(t *testing.T) {
	one := imagetest.For(t, imageOf(t, layerOf(t, "a.yaml=1")), "amd64")
	statement := imageOf(t, static.NewLayer([]byte(`{}`), "application/vnd.in-toto+json"))
	artifact := mutate.ConfigMediaType(statement, "application/vnd.oci.empty.v1+json")
	reference := imagetest.Registry(t) + "/acme/a:"
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: artifact}, mutate.IndexAddendum{Add: one},
		mutate.IndexAddendum{Add: statement, Descriptor: v1.Descriptor{Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}}})
	for _, address := range []string{imagetest.Push(t, reference+"index", index), imagetest.Layout(t, index)} {
		if got, err := contents(t, address); err != nil || got != "linux/amd64 a.yaml=1" {
			t.Errorf("%s: got %q, %v", address, got, err)
		}
	}
	const want = ": it is an artifact of the type application/vnd.oci.empty.v1+json, and no image"
	for _, address := range []string{imagetest.Push(t, reference+"artifact", artifact), imagetest.Layout(t, artifact)} {
		if _, err := contents(t, address); err == nil || err.Error() != address+want {
			t.Errorf("%s: got error %v, want %s", address, err, want)
		}
	}
}

// TestIndexesAreBounded has indexes in indexes, in which the same image stands in many ways.
func TestIndexesAreBounded(t *testing.T) {
	within := func(inner remote.Taggable, depth, width int) remote.Taggable {
		for range depth {
			inner = mutate.AppendManifests(empty.Index, slices.Repeat([]mutate.IndexAddendum{{Add: inner.(mutate.Appendable)}}, width)...)
		}
		return inner
	}
	host, one := imagetest.Registry(t), imagetest.For(t, imageOf(t, layerOf(t, "a.yaml=old")), "amd64")
	for _, test := range []struct {
		source remote.Taggable
		want   string // an error, or nothing
	}{
		{within(one, 4, 3), ""},
		{within(one, 5, 1), ": it has indexes within indexes, more than 4 deep"},
		{within(empty.Index, 3, 8), ": its indexes name more than 500 manifests"},
	} {
		from := imagetest.Push(t, host+"/acme/a:1", test.source)
		var client image.Client
		defer client.Close()
		_, errRead := contents(t, from)
		_, _, _, errRespin := respin(t, &client, from, "oci:"+t.TempDir(), replacing("old", "new"))
		for _, err := range []error{errRead, errRespin} {
			if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != from+test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		}
	}
}

// TestALayoutOfPlatformsIsOneImage has manifests in a layout's own index.
func TestALayoutOfPlatformsIsOneImage(t *testing.T) {
	for name, test := range map[string]struct {
		platforms []*v1.Platform
		want      string
	}{
		"platforms": {[]*v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}, "linux/amd64 0.yaml=1, linux/arm64 1.yaml=1"},
		"images":    {[]*v1.Platform{nil, nil}, "it holds several images without tags: give a folder or file with one"},
	} {
		folder := t.TempDir()
		p, err := layout.Write(folder, empty.Index)
		if err != nil {
			t.Fatal(err)
		}
		for i, platform := range test.platforms {
			options := []layout.Option{}
			if platform != nil {
				options = append(options, layout.WithPlatform(*platform))
			}
			if err := p.AppendImage(imageOf(t, layerOf(t, fmt.Sprintf("%d.yaml=1", i))), options...); err != nil {
				t.Fatal(err)
			}
		}
		got, err := contents(t, "oci:"+folder)
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "oci:"+folder+": ")
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestPlatformsAreToldByTheirLayers has configurations that say nothing of them.
func TestPlatformsAreToldByTheirLayers(t *testing.T) {
	var images []v1.Image
	for _, text := range []string{"1", "2"} {
		made := imagetest.For(t, imageOf(t, layerOf(t, "a.yaml="+text)), "arch"+text)
		config, err := made.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		config.RootFS.DiffIDs = nil
		if made, err = mutate.ConfigFile(made, config); err != nil {
			t.Fatal(err)
		}
		images = append(images, made)
	}
	address := imagetest.Push(t, imagetest.Registry(t)+"/acme/a:1", imagetest.Index(t, images...))
	if got, err := contents(t, address); err != nil || got != "linux/arch1 a.yaml=1, linux/arch2 a.yaml=2" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestADockerArchiveThatIsCutOffIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "saved.tar")
	if err := tarball.WriteToFile(file, tag(t, "quay.io/acme/a:1"), imageOf(t, layerOf(t, "a.yaml=1"))); err != nil {
		t.Fatal(err)
	}
	if got, err := contents(t, "docker-archive:"+file); err != nil || got != "a.yaml=1" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := os.Truncate(file, 1300); err != nil {
		t.Fatal(err)
	}
	_, err := contents(t, "docker-archive:"+file)
	if err == nil || !strings.Contains(err.Error(), "it is no tar archive, or it is cut off") {
		t.Errorf("got error %v, want that it is cut off", err)
	}
}

// TestWhatDoesNotPassIsNotAskedAgain counts connections.
func TestWhatDoesNotPassIsNotAskedAgain(t *testing.T) {
	defer image.Hurry(100*time.Millisecond, time.Minute)()
	var silent atomic.Int64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			silent.Add(1)
			defer connection.Close()
		}
	}()
	plain := httptest.NewServer(http.NotFoundHandler()) // does not speak TLS, and is no registry
	defer plain.Close()
	for host, want := range map[string]string{
		listener.Addr().String():                 "the registry does not answer within 100ms: try again later",
		strings.TrimPrefix(plain.URL, "http://"): "the registry has no such image",
		"127.0.0.1:1":                            "the registry cannot be reached: ",
	} {
		start := time.Now()
		if _, err := open(t.Context(), new(image.Client), host+"/acme/a:1"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", host, err, want)
		}
		if time.Since(start) > 30*time.Second {
			t.Errorf("%s: it was asked again", host)
		}
	}
	if n := silent.Load(); n > 2 { // by HTTPS and by HTTP
		t.Errorf("whoever says nothing was asked %d times", n)
	}
}

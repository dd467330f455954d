package image_test

import (
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

// contents opens an address and returns, of each platform, its name and files.
func contents(t testing.TB, address string) (string, error) {
	t.Helper()
	a, ok, err := image.ParseAddress(address)
	if !ok || err != nil {
		return "", fmt.Errorf("%v, %w", ok, err)
	}
	var client image.Client
	defer client.Close()
	images, err := client.Open(a)
	if err != nil {
		return "", err
	}
	var all []string
	for _, i := range images {
		files, _, err := read(i)
		if err != nil {
			return "", err
		}
		all = append(all, strings.TrimSpace(i.Platform+" "+strings.Join(files, " ")))
	}
	return strings.Join(all, ", "), nil
}

// withTag gives an image a tag in an OCI layout.
func withTag(tag string) layout.Option {
	return layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": tag})
}

// indexOf makes an index of images for some architectures, and of an attestation.
func indexOf(t testing.TB, images map[string]v1.Image) v1.ImageIndex {
	t.Helper()
	var made []v1.Image
	for _, architecture := range slices.Sorted(maps.Keys(images)) {
		made = append(made, imagetest.For(t, images[architecture], architecture))
	}
	return mutate.AppendManifests(imagetest.Index(t, made...), mutate.IndexAddendum{
		Add:        imageOf(t, layerOf(t, "attestation.yaml=x")),
		Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}},
	})
}

func TestAnImageIsTheSameWhereverItIs(t *testing.T) {
	one := imagetest.For(t, imageOf(t, layerOf(t, "a.yaml=1", "b.yaml=1"), layerOf(t, "b.yaml=2")), "amd64")
	other := imagetest.For(t, imageOf(t, layerOf(t, "o.yaml=1")), "amd64")
	host := imagetest.Registry(t)
	imagetest.Push(t, host+"/acme/one:1", one)
	folder, single := t.TempDir(), t.TempDir()
	p, err := layout.Write(folder, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	q, err := layout.Write(single, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		p.AppendImage(one, withTag("quay.io/acme/one:1")), p.AppendImage(other, withTag("2")), q.AppendImage(one),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	docker, several := filepath.Join(t.TempDir(), "one.tar"), filepath.Join(t.TempDir(), "several.tar")
	tagOne, tagOther := tag(t, "quay.io/acme/one:1"), tag(t, "quay.io/acme/other:1")
	if err := tarball.WriteToFile(docker, tagOne, one); err != nil {
		t.Fatal(err)
	}
	if err := tarball.MultiWriteToFile(several, map[name.Tag]v1.Image{tagOne: one, tagOther: other}); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"docker://" + host + "/acme/one:1",
		"oci:" + single, "oci:" + folder + ":quay.io/acme/one:1",
		"oci-archive:" + imagetest.Pack(t, single), "oci-archive:" + imagetest.Pack(t, folder) + ":quay.io/acme/one:1",
		"docker-archive:" + docker, "docker-archive:" + docker + ":quay.io/acme/one:1", "docker-archive:" + several + ":quay.io/acme/one:1",
	} {
		if got, err := contents(t, address); err != nil || got != "linux/amd64 a.yaml=1 b.yaml=2" {
			t.Errorf("%s: got %q, %v", address, got, err)
		}
	}
	for address, want := range map[string]string{
		"oci:" + folder:                               "it holds several images: name one by :TAG behind it: quay.io/acme/one:1, 2",
		"oci:" + folder + ":3":                        "it has no image with the tag 3: it has quay.io/acme/one:1, 2",
		"oci:" + single + ":3":                        "it has no image with the tag 3, nor with any other: leave out the tag",
		"docker-archive:" + several:                   "it holds several images: name one by :TAG behind it",
		"oci-archive:" + docker:                       "it has no file oci-layout: is it a docker-archive?",
		"docker-archive:" + imagetest.Pack(t, single): "it has no file manifest.json: is it an oci-archive?",
		"oci:" + t.TempDir():                          "no such file or directory",
		"oci-archive:image_test.go":                   "archive/tar: invalid tar header",
		"docker-archive:none":                         "no such file or directory",
	} {
		if _, err := contents(t, address); err == nil || !strings.HasPrefix(err.Error(), address) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", address, err, want)
		}
	}
	for file, want := range map[string]string{docker: "docker-archive", imagetest.Pack(t, folder): "oci-archive", "image_test.go": "", folder: ""} {
		if a, ok := image.ArchiveAt(file); ok != (want != "") || ok && a.Transport() != want {
			t.Errorf("%s: got %+v, %v, want %q", file, a, ok, want)
		}
	}
}

func tag(t testing.TB, s string) name.Tag {
	t.Helper()
	found, err := name.NewTag(s)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEachPlatformOfAnIndexIsThereOnce(t *testing.T) {
	same, different := imageOf(t, layerOf(t, "a.yaml=1")), imageOf(t, layerOf(t, "a.yaml=2"))
	index := indexOf(t, map[string]v1.Image{"amd64": same, "arm64": different, "s390x": same})
	host := imagetest.Registry(t)
	imagetest.Push(t, host+"/acme/index:1", index)
	imagetest.Push(t, host+"/acme/nested:1", mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index}))
	inFolder := imagetest.Layout(t, index)
	for _, address := range []string{
		"docker://" + host + "/acme/index:1", "docker://" + host + "/acme/nested:1",
		inFolder, "oci-archive:" + imagetest.Pack(t, strings.TrimPrefix(inFolder, "oci:")),
	} {
		if got, err := contents(t, address); err != nil || got != "linux/amd64 a.yaml=1, linux/arm64 a.yaml=2" {
			t.Errorf("%s: got %q, %v", address, got, err)
		}
	}
}

func TestABlobThatIsDamagedIsAnError(t *testing.T) {
	made := imageOf(t, layerOf(t, "a.yaml=1"), layerOf(t, "b.yaml=1"))
	layers, err := made.Layers()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := layers[1].Digest()
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]struct {
		do   func(file string) error
		want string
	}{
		"another layer": {func(file string) error {
			lower, err := layers[0].Digest()
			if err != nil {
				return err
			}
			content, err := os.ReadFile(filepath.Join(filepath.Dir(file), lower.Hex))
			if err != nil {
				return err
			}
			return os.WriteFile(file, content, 0o644)
		}, "layer 2 of 2: its digest is sha256:"},
		"cut off": {func(file string) error { return os.Truncate(file, 40) }, "layer 2 of 2: "},
		"missing": {os.Remove, "layer 2 of 2: the blob " + digest.String() + " is missing"},
		"no gzip": {func(file string) error { return os.WriteFile(file, []byte("\x1f\x8bxx"), 0o644) }, "layer 2 of 2: "},
	} {
		folder := strings.TrimPrefix(imagetest.Layout(t, made), "oci:")
		err := os.Chmod(filepath.Join(folder, "blobs", "sha256", digest.Hex), 0o644)
		if err == nil {
			err = damage.do(filepath.Join(folder, "blobs", "sha256", digest.Hex))
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := contents(t, "oci:"+folder); err == nil || !strings.Contains(err.Error(), damage.want) {
			t.Errorf("%s: got %q, %v, want an error with %s", name, got, err, damage.want)
		}
	}
}

// TestARegistryThatFailsIsAnError has one clear error for each way to fail, and none for what passes.
func TestARegistryThatFailsIsAnError(t *testing.T) {
	defer image.Hurry(200*time.Millisecond, time.Millisecond)()
	working := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	var failures atomic.Int32
	for name, test := range map[string]struct {
		handler http.HandlerFunc // of requests for blobs and manifests
		want    string           // "" if it works
	}{
		"401":        {answer(401), "the registry wants credentials"},
		"403":        {answer(403), "the registry forbids"},
		"404":        {answer(404), "the registry has no such image"},
		"429 always": {answer(429), "the registry answers 429 Too Many Requests"},
		"500 always": {answer(500), "the registry answers 500 Internal Server Error"},
		"503, but once": {func(w http.ResponseWriter, r *http.Request) {
			if failures.Add(1) == 1 {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(503)
				return
			}
			working.ServeHTTP(w, r)
		}, ""},
		"nothing": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "the registry does not answer"},
		"a page":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "docker://"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/manifests/") {
				test.handler(w, r)
				return
			}
			working.ServeHTTP(w, r)
		}))
		reference := strings.TrimPrefix(server.URL, "http://") + "/acme/a:1"
		imagetest.Push(t, reference, imageOf(t, layerOf(t, "a.yaml=1")))
		got, err := contents(t, "docker://"+reference)
		switch {
		case test.want == "" && (err != nil || got != "a.yaml=1"):
			t.Errorf("%s: got %q, %v", name, got, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: got %q, %v, want an error with %s", name, got, err, test.want)
		}
		server.CloseClientConnections()
		server.Close()
	}
}

// TestABlobThatStopsHalfwayIsAnError cuts off the body of a layer.
func TestABlobThatStopsHalfwayIsAnError(t *testing.T) {
	defer image.Hurry(200*time.Millisecond, time.Millisecond)()
	working := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	for name, stop := range map[string]func(w http.ResponseWriter, r *http.Request){
		"cut off": func(http.ResponseWriter, *http.Request) {},
		"stalled": func(w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			<-r.Context().Done()
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorder := httptest.NewRecorder()
			working.ServeHTTP(recorder, r)
			body := recorder.Body.Bytes()
			for key, values := range recorder.Header() {
				w.Header()[key] = values
			}
			half := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") && len(body) > 1000
			if half {
				w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			}
			w.WriteHeader(recorder.Code)
			if !half {
				_, _ = w.Write(body)
				return
			}
			_, _ = w.Write(body[:len(body)/2])
			stop(w, r)
		}))
		reference := strings.TrimPrefix(server.URL, "http://") + "/acme/a:1"
		noise := strings.Repeat("0123456789abcdef", 8)
		entries := make([]string, 400)
		for i := range entries {
			entries[i] = fmt.Sprintf("f%d.yaml=%d%s", i*7919, i*104729, noise)
		}
		imagetest.Push(t, reference, imageOf(t, layerOf(t, entries...)))
		if got, err := contents(t, "docker://"+reference); err == nil || !strings.Contains(err.Error(), "layer 1 of 1: "+map[string]string{
			"cut off": "it is cut off: try again later", "stalled": "the registry does not answer within 200ms: try again later",
		}[name]) {
			t.Errorf("%s: got %q, %v, want an error", name, got, err)
		}
		server.CloseClientConnections()
		server.Close()
	}
}

func TestAWrongAddressIsAnError(t *testing.T) {
	for _, address := range []string{
		"docker://", "oci:", "oci-archive::x", "containers-storage:x", "docker-daemon:x:1", "dir:none",
		"docker:/host/x:1", "docker:x",
	} {
		if _, ok, err := image.ParseAddress(address); !ok || err == nil {
			t.Errorf("%s: got %v, %v, want an error", address, ok, err)
		}
	}
	for _, file := range []string{"docker", "a/b.yaml", "oci", "-", "https://x/y"} {
		if _, ok, _ := image.ParseAddress(file); ok {
			t.Errorf("%s: it is no address", file)
		}
	}
	if got, err := contents(t, "docker://Not An Image"); err == nil || !strings.Contains(err.Error(), `"Not An Image" is no image reference`) {
		t.Errorf("got %q, %v", got, err)
	}
}

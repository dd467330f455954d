package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

// strictRegistry has blobs of its own in each repository, as real ones have and the library's has
// not, and counts.
type strictRegistry struct {
	*httptest.Server
	host  string
	fails atomic.Pointer[failure] // or nil

	lock     sync.Mutex
	blobs    map[string]bool // REPOSITORY@DIGEST
	uploaded int64           // bytes
	pulled   []string        // blobs
	mounted  int
	log      []string // of what was written: blobs as blob, manifests by their tags or as manifest
}

// failure answers a request, or does not.
type failure func(w http.ResponseWriter, r *http.Request) (answered bool)

// failWith has requests answered by f, or with nil by the registry.
func (s *strictRegistry) failWith(f failure) { s.fails.Store(&f) }

func newStrictRegistry(t testing.TB) *strictRegistry {
	t.Helper()
	s := &strictRegistry{blobs: map[string]bool{}}
	backend := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fails := s.fails.Load(); fails == nil || *fails == nil || !(*fails)(w, r) {
			s.serve(backend, w, r)
		}
	}))
	t.Cleanup(s.Close)
	s.host = strings.TrimPrefix(s.URL, "http://")
	return s
}

func (s *strictRegistry) serve(backend http.Handler, w http.ResponseWriter, r *http.Request) {
	repository, rest, isBlob := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/blobs/")
	if s.count(w, r, repository, rest, isBlob) {
		backend.ServeHTTP(w, r)
	}
}

// count notes a request, and answers it if the library's registry would do so in another way.
func (s *strictRegistry) count(w http.ResponseWriter, r *http.Request, repository, rest string, isBlob bool) (isOpen bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch {
	case isBlob && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		if !s.blobs[repository+"@"+rest] {
			w.WriteHeader(http.StatusNotFound)
			return false
		}
		if r.Method == http.MethodGet {
			s.pulled = append(s.pulled, rest)
		}
	case isBlob && r.Method == http.MethodPost:
		query := r.URL.Query()
		if s.blobs[query.Get("from")+"@"+query.Get("mount")] {
			s.blobs[repository+"@"+query.Get("mount")] = true
			s.mounted++
			w.WriteHeader(http.StatusCreated)
			return false
		}
		r.URL.RawQuery = ""
	case isBlob && r.Method == http.MethodPatch:
		s.uploaded += r.ContentLength
	case isBlob && r.Method == http.MethodPut:
		s.blobs[repository+"@"+r.URL.Query().Get("digest")] = true
		s.log = append(s.log, "blob")
	case r.Method == http.MethodPut:
		_, tag, _ := strings.Cut(r.URL.Path, "/manifests/")
		if strings.HasPrefix(tag, "sha256:") {
			tag = "manifest"
		}
		s.log = append(s.log, tag)
	}
	return true
}

// clear forgets what was counted.
func (s *strictRegistry) clear() { s.uploaded, s.pulled, s.mounted, s.log = 0, nil, 0, nil }

// push puts an image or an index into the registry, by the library.
func (s *strictRegistry) push(t testing.TB, reference string, what remote.Taggable) string {
	t.Helper()
	imagetest.Push(t, s.host+"/"+reference, what)
	s.clear()
	return "docker://" + s.host + "/" + reference
}

// digestAt returns the digest that a tag has, or "".
func digestAt(t testing.TB, at string) string {
	t.Helper()
	ref, err := name.ParseReference(strings.TrimPrefix(at, "docker://"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := remote.Head(ref)
	if err != nil {
		return ""
	}
	return d.Digest.String()
}

// validated pulls what an address has in a registry, and checks it as crane validate does.
func validated(t testing.TB, at string) {
	t.Helper()
	ref, err := name.ParseReference(strings.TrimPrefix(at, "docker://"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := remote.Get(ref)
	if err != nil {
		t.Fatal(err)
	}
	if d.MediaType.IsIndex() {
		index, err := d.ImageIndex()
		if err == nil {
			err = validate.Index(index)
		}
		if err != nil {
			t.Errorf("%s: %v", at, err)
		}
		return
	}
	made, err := d.Image()
	if err == nil {
		err = validate.Image(made)
	}
	if err != nil {
		t.Errorf("%s: %v", at, err)
	}
}

// noise is text that does not pack.
func noise(size int, seed uint64) string {
	text := make([]byte, size)
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // it is a test
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	return string(text)
}

func TestLayersOfTheSourceAreMounted(t *testing.T) {
	const size = 15 << 20
	for name, k := range kinds {
		if strings.Contains(name, "zstd") && testing.Short() {
			continue
		}
		s := newStrictRegistry(t)
		source := k.make(
			t,
			packedLayer(t, k.layer, entry{tar.Header{Name: "a", Mode: 0o644}, noise(size, 1)}, entry{tar.Header{Name: "a.yaml", Mode: 0o644}, "old"}),
			packedLayer(t, k.layer, entry{tar.Header{Name: "b", Mode: 0o644}, noise(size, 2)}),
		)
		from := s.push(t, "acme/source:1", source)
		to := "docker://" + s.host + "/acme/respun:2"
		was, is := mustRespin(t, from, to, replacing("old", "new"))
		if s.uploaded > 4<<10 || s.mounted != 2 {
			t.Errorf("%s: %d bytes were pushed, and %d layers mounted", name, s.uploaded, s.mounted)
		}
		if len(s.pulled) != 3 { // a configuration and two layers, to be read
			t.Errorf("%s: pulled %q", name, s.pulled)
		}
		if got := strings.Join(s.log, " "); got != "blob blob 2" {
			t.Errorf("%s: written in the order %s", name, got)
		}
		if digestAt(t, from) != was || digestAt(t, to) != is {
			t.Errorf("%s: got %s and %s, want %s and %s", name, digestAt(t, from), digestAt(t, to), was, is)
		}
		made := imageAt(t, to)
		if got := made.Labels["org.opencontainers.image.base.name"]; got != s.host+"/acme/source:1" {
			t.Errorf("%s: based on %s", name, got)
		}
		if files, _, err := read(made); err != nil || !slices.Equal(files, []string{"a.yaml=new"}) {
			t.Errorf("%s: got %q, %v", name, files, err)
		}
		if !strings.Contains(name, "zstd") { // the library's check knows gzip only
			validated(t, to)
		}
		s.clear()
		_, next := mustRespin(t, to, "docker://"+s.host+"/acme/respun:3", replacing("old", "newer"))
		if made := imageAt(t, "docker://"+s.host+"/acme/respun@"+next); made.Labels["org.opencontainers.image.base.digest"] != was ||
			made.Labels["org.opencontainers.image.base.name"] != s.host+"/acme/source:1" || len(layersOf(t, made)) != 3 || s.uploaded > 4<<10 {
			t.Errorf("%s: the next release is based on %v, and %d bytes were pushed", name, made.Labels, s.uploaded)
		}
		s.clear()
		if _, again := mustRespin(t, to, "docker://"+s.host+"/acme/other:2", replacing("old", "new")); again != is || s.uploaded > 4<<10 {
			t.Errorf("%s: nothing changes: got %s, want %s; %d bytes were pushed", name, again, is, s.uploaded)
		}
	}
}

func TestAnIndexIsPushedBehindItsImages(t *testing.T) {
	s, other := newStrictRegistry(t), newStrictRegistry(t)
	from := s.push(t, "acme/index:1", indexOf(t, map[string]v1.Image{
		"amd64": imageOf(t, layerOf(t, "a.yaml=old")), "arm64": imageOf(t, layerOf(t, "a.yaml=1")), "s390x": imageOf(t, layerOf(t, "a.yaml=old", "b=1")),
	}))
	for _, to := range []string{"docker://" + s.host + "/acme/index:2", "docker://" + s.host + "/acme/new:2", "docker://" + other.host + "/acme/new:2"} {
		s.clear()
		var client image.Client
		was, is, attestations, err := respin(t, &client, from, to, replacing("old", "new"))
		if err != nil {
			t.Fatal(err)
		}
		if attestations != 1 || digestAt(t, to) != is || is == was {
			t.Errorf("%s: %d attestations, %s and then %s", to, attestations, was, is)
		}
		written := append(slices.Clone(s.log), other.log...)
		if n := slices.Index(written, "2"); n != len(written)-1 {
			t.Errorf("%s: written in the order %q", to, written)
		}
		validated(t, to)
		if got, err := contents(t, to); err != nil || got != "linux/amd64 a.yaml=new, linux/arm64 a.yaml=1, linux/s390x a.yaml=new" {
			t.Errorf("%s: got %s, %v", to, got, err)
		}
		if _, again := mustRespin(t, to, strings.TrimSuffix(to, "2")+"3", replacing("old", "new")); again != is {
			t.Errorf("%s: a run on the result gives %s, want %s", to, again, is)
		}
	}
}

func TestADestinationThatRefusesIsAnError(t *testing.T) {
	defer image.Hurry(200*time.Millisecond, time.Millisecond)()
	answer := func(status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			return true
		}
	}
	var patches atomic.Int32
	for name, test := range map[string]struct {
		method, path string
		fails        func(http.ResponseWriter, *http.Request) bool
		want         string // "" if it works
	}{
		"without permission":   {http.MethodPost, "/blobs/", answer(403), "the registry forbids a push with these credentials"},
		"without credentials":  {http.MethodPost, "/blobs/", answer(401), "the registry wants credentials, or refuses those that it got"},
		"without a repository": {http.MethodPost, "/blobs/", answer(404), "the registry has no such repository to push to"},
		"no mounts": {http.MethodPost, "/blobs/", func(_ http.ResponseWriter, r *http.Request) bool {
			r.URL.RawQuery = ""
			return false
		}, "from acme/source: log in as somebody who may pull from there, or push to the repository of the source"},
		"read-only": {http.MethodPost, "/blobs/", answer(405), "the registry answers 405 Method Not Allowed"},
		"no upload": {http.MethodPatch, "/blobs/", answer(503), "the registry answers 503 Service Unavailable, also after 5 tries"},
		"an upload that hangs": {http.MethodPatch, "/blobs/", func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return true
		}, "the registry does not answer"},
		"an upload, the second": {http.MethodPatch, "/blobs/", func(w http.ResponseWriter, r *http.Request) bool { return patches.Add(1) == 1 && answer(503)(w, r) }, ""},
		"no blob":               {http.MethodPut, "/blobs/", answer(500), "the registry answers 500 Internal Server Error"},
		"no manifest":           {http.MethodPut, "/manifests/sha256:", answer(400), "the registry answers 400 Bad Request"},
		"no tag":                {http.MethodPut, "/manifests/2", answer(500), "the registry answers 500 Internal Server Error"},
	} {
		s := newStrictRegistry(t)
		from := s.push(t, "acme/source:1", indexOf(t, map[string]v1.Image{"amd64": imageOf(t, layerOf(t, "a.yaml=old"))}))
		to := s.push(t, "acme/respun:2", imageOf(t, layerOf(t, "before=1")))
		before := digestAt(t, to)
		s.failWith(func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == test.method && strings.Contains(r.URL.Path, test.path) && test.fails(w, r)
		})
		var client image.Client
		_, _, _, err := respin(t, &client, from, to, replacing("old", "new"))
		s.failWith(nil)
		switch {
		case test.want == "":
			if err != nil || digestAt(t, to) == before {
				t.Errorf("%s: got %v", name, err)
			}
		case err == nil || !strings.HasPrefix(err.Error(), to+": ") || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		case digestAt(t, to) != before:
			t.Errorf("%s: the tag is another", name)
		}
		s.CloseClientConnections()
	}
}

func TestTheSourceIsNotOverwritten(t *testing.T) {
	s := newStrictRegistry(t)
	from := s.push(t, "acme/source:latest", imageOf(t, layerOf(t, "a.yaml=old")))
	digest := digestAt(t, from)
	byDigest := "docker://" + s.host + "/acme/source@" + digest
	for _, test := range []struct{ from, to, want string }{
		{from, from, "it is the source itself: name another tag, or the source by its digest"},
		{from, strings.TrimSuffix(from, ":latest"), "it is the source itself"},
		{from, byDigest, "an image cannot be pushed to a digest"},
		{from, "docker://NO", `"NO" is no image reference`},
		{byDigest, from, ""},
	} {
		var client image.Client
		_, _, _, err := respin(t, &client, test.from, test.to, replacing("old", "new"))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s to %s: got error %v, want %s", test.from, test.to, err, test.want)
		}
		if isSame := digestAt(t, from) == digest; isSame != (test.want != "") {
			t.Errorf("%s to %s: the source is the same: %v", test.from, test.to, isSame)
		}
	}
}

// TestAnUploadMayTakeLong uploads slowly what comes from another registry, while the registry says nothing: for 4 s,
// where an answer is waited for 2.5 s. Of that, the 32 MiB that the system may hold back take 1.3 s.
func TestAnUploadMayTakeLong(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs a machine that is not slowed down")
	}
	defer image.Hurry(2500*time.Millisecond, time.Millisecond)()
	s, other := newStrictRegistry(t), newStrictRegistry(t)
	large := packedLayer(t, kinds["Docker"].layer, entry{tar.Header{Name: "a"}, noise(96<<20, 1)})
	from := s.push(t, "acme/source:1", imageOf(t, large, layerOf(t, "a.yaml=old")))
	other.failWith(func(_ http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(slow{r.Body}) // not by the registry, which answers nothing else meanwhile
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return false
	})
	to := "docker://" + other.host + "/acme/a:1"
	mustRespin(t, from, to, replacing("old", "new"))
	validated(t, to)
}

// slow is a body that comes by 24 MiB a second.
type slow struct{ io.ReadCloser }

func (s slow) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p[:min(len(p), 1<<20)])
	time.Sleep(time.Duration(n) * time.Second / (24 << 20))
	return n, err
}

func TestAPushEndsWithItsContext(t *testing.T) {
	s := newStrictRegistry(t)
	from := s.push(t, "acme/source:1", imageOf(t, layerOf(t, "a.yaml=old")))
	ctx, cancel := context.WithCancel(t.Context())
	s.failWith(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			io.Copy(io.Discard, r.Body) // before its end, the server does not see that the client is gone
			cancel()
		}
		if ctx.Err() == nil {
			return false
		}
		<-r.Context().Done() // an answer could be faster than the cancelling
		return true
	})
	client := image.Client{Context: ctx}
	to := "docker://" + s.host + "/acme/respun:2"
	if _, _, _, err := respin(t, &client, from, to, replacing("old", "new")); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got error %v", err)
	}
	s.failWith(nil)
	if got := digestAt(t, to); got != "" {
		t.Errorf("the tag is there: %s", got)
	}
}

func TestAPushHasCredentials(t *testing.T) {
	s := newStrictRegistry(t)
	from := s.push(t, "acme/source:1", imageOf(t, layerOf(t, "a.yaml=old")))
	locked := httptest.NewServer(behindPassword(s.Config.Handler))
	defer locked.Close()
	host := strings.TrimPrefix(locked.URL, "http://")
	from, to := strings.Replace(from, s.host, host, 1), fmt.Sprintf("docker://%s/acme/respun:2", host)
	file := t.TempDir() + "/auth.json"
	writeAuth(t, file, host, "user:secret")
	t.Setenv("REGISTRY_AUTH_FILE", file)
	if _, is := mustRespin(t, from, to, replacing("old", "new")); digestAt(t, strings.Replace(to, host, s.host, 1)) != is {
		t.Errorf("%s is not there", is)
	}
}

package image_test

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"inject-related-images/internal/image"
	"inject-related-images/internal/imagetest"
)

// open opens an image in a registry by a client.
func open(ctx context.Context, client *image.Client, reference string) ([]image.Image, error) {
	a, _, err := image.ParseAddress("docker://" + reference)
	if err != nil {
		return nil, err
	}
	client.Context = ctx
	return client.Open(a)
}

// behindPassword serves a registry to whoever says "user:secret".
func behindPassword(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "user" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="acme"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// writeAuth writes credentials as podman login and docker login do.
func writeAuth(t *testing.T, file, key, credentials string) {
	t.Helper()
	text := fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, key, base64.StdEncoding.EncodeToString([]byte(credentials)))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCredentialsAreWherePodmanAndDockerKeepThem(t *testing.T) {
	backend := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	open1 := httptest.NewServer(backend)
	defer open1.Close()
	imagetest.Push(t, strings.TrimPrefix(open1.URL, "http://")+"/acme/a:1", imageOf(t, layerOf(t, "a.yaml=1")))
	server := httptest.NewServer(behindPassword(backend))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for name, test := range map[string]struct {
		file      string // below the home folder
		variable  string // that names the file, or ""
		key, auth string
		ok        bool
	}{
		"podman":                {".config/containers/auth.json", "", host, "user:secret", true},
		"podman's, by its part": {".config/containers/auth.json", "", host + "/acme", "user:secret", true},
		"podman at run time":    {"run/containers/auth.json", "", host, "user:secret", true},
		"docker":                {".docker/config.json", "", host, "user:secret", true},
		"by the environment":    {"x.json", "REGISTRY_AUTH_FILE", host + "/acme/a", "user:secret", true},
		"of another registry":   {".docker/config.json", "", "quay.io", "user:secret", false},
		"wrong":                 {".docker/config.json", "", host, "user:wrong", false},
		"none":                  {"nowhere", "", host, "user:secret", false},
	} {
		home := t.TempDir()
		t.Setenv("HOME", home)
		t.Setenv("DOCKER_CONFIG", filepath.Join(home, ".docker")) // docker's code reads HOME once
		t.Setenv("XDG_CONFIG_HOME", "")
		t.Setenv("XDG_RUNTIME_DIR", filepath.Join(home, "run"))
		t.Setenv("REGISTRY_AUTH_FILE", "")
		writeAuth(t, filepath.Join(home, test.file), test.key, test.auth)
		if test.variable != "" {
			writeAuth(t, filepath.Join(home, ".docker/config.json"), host, "user:wrong")
			t.Setenv(test.variable, filepath.Join(home, test.file))
		}
		var client image.Client
		_, err := open(t.Context(), &client, host+"/acme/a:1")
		switch {
		case test.ok && err != nil:
			t.Errorf("%s: %v", name, err)
		case !test.ok && (err == nil || !strings.Contains(err.Error(), "the registry wants credentials")):
			t.Errorf("%s: got error %v, want one of credentials", name, err)
		}
	}
	t.Setenv("REGISTRY_AUTH_FILE", "none")
	if _, err := open(t.Context(), new(image.Client), host+"/acme/a:1"); err == nil || !strings.Contains(err.Error(), "credentials: none: no such file") {
		t.Errorf("got error %v, want one of the file", err)
	}
}

func TestARegistryIsTrustedByTheCertificateOfItsAuthority(t *testing.T) {
	server := httptest.NewTLSServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	reference := strings.TrimPrefix(server.URL, "https://") + "/acme/a:1"
	imagetest.Push(t, reference, imageOf(t, layerOf(t, "a.yaml=1")), remote.WithTransport(server.Client().Transport))
	ca := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, certificate, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		cas  []string
		want string
	}{
		{[]string{ca}, ""},
		{nil, "the registry's certificate is not trusted: x509: "},
		{[]string{ca, "registry_test.go"}, "ca: registry_test.go: it has no certificate in PEM"},
		{[]string{"none"}, "ca: none: no such file or directory"},
	} {
		client := image.Client{Registries: image.Registries{CAs: test.cas}}
		_, err := open(t.Context(), &client, reference)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("ca %q: got error %v, want %q", test.cas, err, test.want)
		}
	}
}

// TestEachLayerIsPulledOnce counts requests, and looks at what is shown of them.
func TestEachLayerIsPulledOnce(t *testing.T) {
	backend := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var lock sync.Mutex
	pulls := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/sha256:") {
			lock.Lock()
			pulls[r.URL.Path]++
			lock.Unlock()
		}
		backend.ServeHTTP(w, r)
	}))
	defer server.Close()
	reference := strings.TrimPrefix(server.URL, "http://") + "/acme/a:1"
	linked := layerOf(t, "a=1", "b.yaml=>a")
	imagetest.Push(t, reference, imageOf(t, layerOf(t, "a.yaml=1"), linked, layerOf(t, "c.yaml=1")))
	var shown strings.Builder
	client := image.Client{Registries: image.Registries{Progress: &shown}}
	images, err := open(t.Context(), &client, reference)
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := read(images[0])
	client.Close()
	if got := strings.Join(files, " "); err != nil || got != "a.yaml=1 b.yaml=1 c.yaml=1" {
		t.Errorf("got %s, %v", got, err)
	}
	digest, err := linked.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for blob, n := range pulls {
		if want := 1 + strings.Count(blob, digest.Hex); n != want {
			t.Errorf("%s: pulled %d times, want %d", blob, n, want)
		}
	}
	if !strings.Contains(shown.String(), "from registries") {
		t.Errorf("shown: %q", shown.String())
	}
}

func TestARegistryThatIsNotThereIsAnError(t *testing.T) {
	defer image.Hurry(time.Second, time.Millisecond)()
	for _, host := range []string{"127.0.0.1:1", "registry.invalid"} {
		if _, err := open(t.Context(), new(image.Client), host+"/acme/a:1"); err == nil || !strings.Contains(err.Error(), "the registry cannot be reached: dial tcp") {
			t.Errorf("%s: got error %v", host, err)
		}
	}
}

func TestAReadingEndsWithItsContext(t *testing.T) {
	defer image.Hurry(time.Minute, time.Minute)()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := open(ctx, new(image.Client), strings.TrimPrefix(server.URL, "http://")+"/acme/a:1"); err == nil {
		t.Error("got no error")
	}
	if ctx.Err() == nil {
		t.Error("the registry was not waited for")
	}
}

// TestTokensAndRedirects has a registry that wants tokens, and whose blobs are on another host, which
// must not get them.
func TestTokensAndRedirects(t *testing.T) {
	backend := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	unprotected := httptest.NewServer(backend)
	defer unprotected.Close()
	imagetest.Push(t, strings.TrimPrefix(unprotected.URL, "http://")+"/acme/a:1", imageOf(t, layerOf(t, "a.yaml=1")))
	blobs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s: another host gets the credentials", r.URL)
		}
		backend.ServeHTTP(w, r)
	}))
	defer blobs.Close()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/token" && user == "user" && password == "secret" && r.FormValue("scope") == "repository:acme/a:pull":
			fmt.Fprint(w, `{"token": "pass"}`)
		case r.URL.Path == "/token":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Header.Get("Authorization") != "Bearer pass":
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="acme"`, server.URL))
			w.WriteHeader(http.StatusUnauthorized)
		case strings.Contains(r.URL.Path, "/blobs/"):
			http.Redirect(w, r, blobs.URL+r.URL.Path, http.StatusTemporaryRedirect)
		default:
			backend.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	file := filepath.Join(t.TempDir(), "auth.json")
	t.Setenv("REGISTRY_AUTH_FILE", file)
	writeAuth(t, file, host, "user:secret")
	if got, err := contents(t, "docker://"+host+"/acme/a:1"); err != nil || got != "a.yaml=1" {
		t.Errorf("got %q, %v", got, err)
	}
	writeAuth(t, file, host, "user:wrong")
	if _, err := contents(t, "docker://"+host+"/acme/a:1"); err == nil || !strings.Contains(err.Error(), "the registry wants credentials") {
		t.Errorf("got error %v, want one of credentials", err)
	}
}

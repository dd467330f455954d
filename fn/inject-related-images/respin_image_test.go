package main

import (
	"archive/tar"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/compression"
	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"inject-related-images/internal/imagetest"
)

// checkingItself is an image whose program checks the registry in it. Only the user of the image may
// read the files.
const checkingItself = `FROM scratch
COPY bin /bin/
COPY 2.16.0 /2.16.0/
COPY --chown=1001:0 html /var/www/html
USER 1001
ENTRYPOINT ["/bin/inject-related-images", "check", "-o", "line", "--csv", "/2.16.0", "/var/www/html"]
`

// TestRespunImagesRun respins images that podman and skopeo make, by one release and by the next, in a
// registry that wants TLS and a password. Other tools accept the results, and podman runs them.
func TestRespunImagesRun(t *testing.T) {
	for _, name := range []string{"podman", "skopeo", "crane"} {
		need(t, name)
	}
	host, certificates := realRegistry(t)
	dir := t.TempDir()
	t.Setenv("REGISTRY_AUTH_FILE", filepath.Join(dir, "auth.json"))
	t.Setenv("SSL_CERT_FILE", filepath.Join(certificates, "ca.crt")) // for crane, which has no option
	run := func(args ...string) string { t.Helper(); return tool(t, dir, args...) }
	copyTree(t, filepath.Join(repository(t), "examples/respin-image"), dir)
	html := filepath.Join(dir, "plugin-registry/var/www/html")
	if err := errors.Join(
		os.Rename(html, filepath.Join(dir, "html")),
		os.Chmod(filepath.Join(dir, "html/v3/plugins/acme"), 0o700),
		os.Chmod(filepath.Join(dir, "html/v3/plugins/acme/java/meta.yaml"), 0o600),
		os.WriteFile(filepath.Join(dir, "Containerfile"), []byte(checkingItself), 0o644),
	); err != nil {
		t.Fatal(err)
	}
	run("env", "CGO_ENABLED=0", "go", "-C", repository(t), "build", "-o", filepath.Join(dir, "bin/inject-related-images"), "./fn/inject-related-images")

	podman := podmanCommand(t)
	with := func(args ...string) string { t.Helper(); return run(append(podman, args...)...) }
	with("login", "--cert-dir", certificates, "-u", "user", "-p", "secret", host)
	with("build", "-q", "--layers", "-f", "Containerfile", "-t", "built", ".")
	source := func(tag string) string { return host + "/acme/registry:" + tag }
	with("push", "-q", "--cert-dir", certificates, "--format", "oci", "built", source("oci"))
	with("push", "-q", "--cert-dir", certificates, "--format", "v2s2", "built", source("docker"))
	with("save", "-q", "--format", "oci-dir", "-o", "layout", "built")
	run("skopeo", "copy", "-q", "--dest-compress-format", "zstd", "oci:layout", "oci:zstd:v1")
	run("skopeo", "copy", "-q", "--dest-cert-dir", certificates, "oci:zstd:v1", "docker://"+source("zstd"))

	for kind, validate := range map[string][]string{
		"oci":    {"crane", "validate", "--remote"},
		"docker": {"crane", "validate", "--remote"},
		"zstd":   {"crane", "validate", "--fast", "--remote"}, // crane unpacks what it validates by gzip only
	} {
		first, second := source(kind+"-2.15.0"), host+"/other/registry:"+kind+"-2.16.0"
		inject := []string{"inject-related-images", "inject", "--ca", filepath.Join(certificates, "ca.crt"), "--root", "/var/www/html"}
		run(append(inject, "--csv", "2.15.0", "docker://"+source(kind), "--to", "docker://"+first)...)
		run(append(inject, "--csv", "2.16.0", "--previous", "2.15.0", "docker://"+first, "--to", "docker://"+second)...)
		was := layersBySkopeo(t, certificates, source(kind))
		for _, result := range []string{first, second} {
			run(append(validate, result)...)
			is := layersBySkopeo(t, certificates, result)
			if len(is) != len(was)+1 || !slices.Equal(was, is[:len(was)]) {
				t.Errorf("%s has the layers %q, want those of the source, %q, and one more", result, is, was)
			}
		}
		with("pull", "-q", "--cert-dir", certificates, second)
		out := with("run", "--rm", "--network", "none", second)
		if !strings.Contains(out, "1 reference in 1 file: 1 current\n") {
			t.Errorf("%s finds in itself:\n%s", second, out)
		}
	}
}

// layersBySkopeo returns the digests of an image's layers.
func layersBySkopeo(t *testing.T, certificates, reference string) []string {
	t.Helper()
	var image struct{ Layers []string }
	inspected := tool(t, ".", "skopeo", "inspect", "--cert-dir", certificates, "docker://"+reference)
	if err := json.Unmarshal([]byte(inspected), &image); err != nil || len(image.Layers) == 0 {
		t.Fatalf("%v\n%s", err, inspected)
	}
	return image.Layers
}

// zeros is a file without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestARespinPushesOnlyWhatChanges respins an image of 300 MB to another repository of its registry.
func TestARespinPushesOnlyWhatChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves 300 MB")
	}
	const size = 300 << 20
	host, certificates := realRegistry(t)
	host, pushed := counted(t, host, certificates)
	large, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			archive := tar.NewWriter(w)
			err := archive.WriteHeader(&tar.Header{Name: "usr/bin/large", Mode: 0o755, Size: size})
			if err == nil {
				_, err = io.CopyN(archive, zeros{}, size)
			}
			w.CloseWithError(errors.Join(err, archive.Close()))
		}()
		return r, nil
	}, tarball.WithCompression(compression.GZip), tarball.WithCompressionLevel(0)) // it is as large when packed
	if err != nil {
		t.Fatal(err)
	}
	made := imagetest.Image(t, large, imagetest.Layer(t, "var/www/html/devfiles/a/devfile.yaml="+devfileOf+"quay.io/acme/udi:2.15\n"))
	if err := crane.Push(made, host+"/acme/registry:1", crane.WithAuth(&authn.Basic{Username: "user", Password: "secret"})); err != nil {
		t.Fatal(err)
	}
	if n := pushed.Swap(0); n < size {
		t.Fatalf("the source is %d bytes only", n)
	}
	login := filepath.Join(t.TempDir(), "auth.json")
	text := fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, host, base64.StdEncoding.EncodeToString([]byte("user:secret")))
	if err := os.WriteFile(login, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("inject-related-images", "inject", "--csv", filepath.Join(repository(t), "examples/registry/bundle"),
		"docker://"+host+"/acme/registry:1", "--to", "docker://"+host+"/other/registry:1")
	cmd.Env = append(os.Environ(), "REGISTRY_AUTH_FILE="+login)
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("1 reference in 1 file: 1 injected\n")) {
		t.Fatalf("%v\n%s", err, out)
	}
	memory := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss // in KiB on Linux
	t.Logf("it pushed %d bytes, and needed %d KiB of memory", pushed.Load(), memory)
	if pushed.Load() == 0 || pushed.Load() >= 2<<20 {
		t.Errorf("it pushed %d bytes, want less than 2 MiB", pushed.Load())
	}
	if memory > 96<<10 {
		t.Errorf("it needed %d KiB of memory, want 96 MiB at most", memory)
	}
}

// counted serves a registry by plain HTTP under another host, and counts the bytes that are sent to it.
func counted(t *testing.T, of, certificates string) (host string, sent *atomic.Int64) {
	t.Helper()
	ca, err := os.ReadFile(filepath.Join(certificates, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ca)
	sent = &atomic.Int64{}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "https", Host: of})
			r.SetXForwarded() // the registry says in its answers where to upload
			if r.Out.Body != nil {
				r.Out.Body = &countedBody{r.Out.Body, sent}
			}
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}},
	})
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), sent
}

type countedBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realRegistry serves Debian's docker-registry on this machine, by TLS, to user with the password
// secret. It returns the registry's host, and the folder with its certificate, ca.crt.
func realRegistry(t *testing.T) (host, certificates string) {
	t.Helper()
	need(t, "docker-registry")
	dir := t.TempDir()
	of := httptest.NewTLSServer(nil) // it has a certificate for this machine
	of.Close()
	key, err := x509.MarshalPKCS8PrivateKey(of.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host = listener.Addr().String()
	listener.Close() // the port is free now
	for name, content := range map[string][]byte{
		"ca.crt":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: of.Certificate().Raw}),
		"key":      pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"htpasswd": []byte("user:$2a$04$OdL3ZrTCnwh/wny5Ef.Fv.hb/oGLFUjnDf6i8yPS3Ng5ViqVpwYlG\n"), // htpasswd -Bbn user secret
		"config.yml": fmt.Appendf(nil, `version: 0.1
log: {accesslog: {disabled: true}, level: error}
storage: {filesystem: {rootdirectory: %[1]s/data}}
http: {addr: %[2]s, tls: {certificate: %[1]s/ca.crt, key: %[1]s/key}}
auth: {htpasswd: {realm: acme, path: %[1]s/htpasswd}}
compatibility: {schema1: {enabled: true}}
`, dir, host),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := exec.Command("docker-registry", "serve", filepath.Join(dir, "config.yml"))
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for range 100 {
		connection, err := net.Dial("tcp", host)
		if err == nil {
			connection.Close()
			certificates = filepath.Join(dir, "certificates")
			if err := os.Mkdir(certificates, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(dir, "ca.crt"), filepath.Join(certificates, "ca.crt")); err != nil {
				t.Fatal(err)
			}
			return host, certificates
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("docker-registry does not listen: %s", &said)
	return "", ""
}

// tool runs a tool in dir and returns what it prints.
func tool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

const devfileOf = "schemaVersion: 2.2.0\ncomponents:\n  - name: tools\n    container:\n      image: "

// podmanCommand returns the command line of podman with storage of its own.
func podmanCommand(t *testing.T) []string {
	t.Helper()
	storage, err := os.MkdirTemp("", "") // podman wants a short name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(storage) })
	return []string{"podman", "--root", storage + "/root", "--runroot", storage + "/run", "--storage-driver", "vfs"}
}

// buildWithPodman builds a devfile registry and the bundle that it was made for, with storage of
// their own, and returns the command line of podman.
func buildWithPodman(t *testing.T, dir string) []string {
	t.Helper()
	for name, text := range map[string]string{
		"lower/var/www/html/devfiles/a/devfile.yaml": devfileOf + "quay.io/acme/udi:2.14\n",
		"lower/var/www/html/devfiles/b/devfile.yaml": devfileOf + "quay.io/acme/udi:2.15\n",
		"upper/var/www/html/devfiles/a/devfile.yaml": devfileOf + "quay.io/acme/udi:2.15 # mended\n",
		"registry": "FROM scratch\nCOPY lower /\nCOPY upper /\n",
		"bundle":   "FROM scratch\nLABEL operators.operatorframework.io.bundle.manifests.v1=manifests/\nCOPY manifests /manifests/\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	copyTree(t, filepath.Join(repository(t), "examples/registry/bundle"), dir)
	podman := podmanCommand(t)
	for file, name := range map[string]string{"registry": "quay.io/acme/devfile-registry:v1", "bundle": "quay.io/acme/bundle:v1"} {
		tool(t, dir, append(podman, "build", "--layers", "-q", "-f", file, "-t", name, ".")...)
	}
	return podman
}

// TestImagesOfRealToolsInARealRegistry has images that podman builds and saves, and that skopeo packs
// in other ways, in files and in a registry that wants TLS and a password.
func TestImagesOfRealToolsInARealRegistry(t *testing.T) {
	need(t, "podman")
	need(t, "skopeo")
	host, certificates := realRegistry(t)
	dir := t.TempDir()
	t.Setenv("REGISTRY_AUTH_FILE", filepath.Join(dir, "auth.json"))
	podman := buildWithPodman(t, dir)
	run := func(args ...string) { t.Helper(); tool(t, dir, args...) }
	with := func(args ...string) { t.Helper(); tool(t, dir, append(podman, args...)...) }
	with("login", "--cert-dir", certificates, "-u", "user", "-p", "secret", host)
	for _, image := range []string{"bundle", "devfile-registry"} {
		with("push", "-q", "--cert-dir", certificates, "quay.io/acme/"+image+":v1", host+"/acme/"+image+":v1")
	}
	const built = "quay.io/acme/devfile-registry:v1"
	with("save", "-q", "--format", "docker-archive", "-o", "docker.tar", built)
	with("save", "-q", "-m", "-o", "both.tar", built, "quay.io/acme/bundle:v1")
	with("save", "-q", "--format", "oci-archive", "-o", "oci.tar", built)
	with("save", "-q", "--format", "oci-dir", "-o", "layout", built)
	run("skopeo", "copy", "-q", "oci-archive:oci.tar", "oci:tagged:v1")
	run("skopeo", "copy", "-q", "--dest-compress-format", "zstd", "oci:tagged:v1", "oci:zstd:v1")
	run("skopeo", "copy", "-q", "--dest-cert-dir", certificates, "oci:zstd:v1", "docker://"+host+"/acme/devfile-registry:zstd")
	run("skopeo", "copy", "-q", "--dest-cert-dir", certificates, "--format", "v2s1", "oci:tagged:v1", "docker://"+host+"/acme/devfile-registry:schema1")

	ca := filepath.Join(certificates, "ca.crt")
	check := func(arguments ...string) (string, int) {
		cmd := exec.Command("inject-related-images", append([]string{"check", "-o", "line", "--ca", ca}, arguments...)...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	bundle := "docker://" + host + "/acme/bundle:v1"
	for _, address := range []string{
		"docker://" + host + "/acme/devfile-registry:v1", "docker://" + host + "/acme/devfile-registry:zstd",
		"docker.tar", "docker-archive:docker.tar:" + built, "docker-archive:both.tar:" + built,
		"oci.tar", "oci-archive:oci.tar:" + built, "oci:layout", "oci:tagged:v1", "oci:zstd:v1",
	} {
		got, code := check("--csv", bundle, address)
		if code != 1 || !strings.HasSuffix(got, "2 references in 2 files: 2 stale\nerror: 2 of 2 references are not what the CSV says: run inject\n") {
			t.Errorf("%s: exit code %d:\n%s", address, code, got)
		}
		for _, devfile := range []string{"a", "b"} {
			if want := address + "!/var/www/html/devfiles/" + devfile + "/devfile.yaml:5:14: stale: quay.io/acme/udi:2.15 -> quay.io/acme/udi@sha256:"; !strings.Contains(got, want) {
				t.Errorf("%s: got\n%s\nwant %s", address, got, want)
			}
		}
	}
	for address, want := range map[string]string{
		"docker://" + host + "/acme/devfile-registry:schema1": "it has a manifest of Docker's schema 1",
		"docker://" + host + "/acme/devfile-registry:none":    "the registry has no such image: check repository and tag",
		"both.tar": "it holds several images: name one by :TAG behind it: ",
	} {
		if got, code := check("--csv", bundle, address); code != 3 || !strings.Contains(got, "error: "+address+": "+want) {
			t.Errorf("%s: exit code %d:\n%s", address, code, got)
		}
	}
	t.Setenv("REGISTRY_AUTH_FILE", filepath.Join(dir, "registry"))
	if got, code := check("--csv", bundle, "docker.tar"); code != 3 || !strings.Contains(got, "error: csv: "+bundle+": credentials: "+dir+"/registry: ") {
		t.Errorf("without credentials: exit code %d:\n%s", code, got)
	}
}

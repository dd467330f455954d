package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// built returns the image that make image has built, and the program in it.
func built(t *testing.T) (engine string, image v1.Image, p program) {
	t.Helper()
	name := os.Getenv("IMAGE")
	if name == "" {
		t.Skip("IMAGE is not set: make test-container runs the tests of containers")
	}
	engine, err := exec.LookPath(os.Getenv("ENGINE"))
	if err != nil {
		t.Fatalf("ENGINE: %v: set it to docker or podman, as make test-container does", err)
	}
	saved := filepath.Join(t.TempDir(), "saved.tar")
	run(t, ".", nil, engine, "save", "-o", saved, name)
	image, err = tarball.ImageFromPath(saved, nil)
	if err != nil {
		t.Fatal(err)
	}
	entries := root(t, image)
	i := slices.IndexFunc(entries, func(e entry) bool { return e.Name == "inject-related-images" })
	if i < 0 {
		t.Fatalf("%s has no program", name)
	}
	file := filepath.Join(t.TempDir(), entries[i].Name)
	if err := os.WriteFile(file, []byte(entries[i].Content), 0o755); err != nil {
		t.Fatal(err)
	}
	p, err = readProgram(file)
	if err != nil {
		t.Fatal(err)
	}
	return engine, image, p
}

func TestContainerImagesOfTheDockerfileAndOfTheLayoutAreTheSame(t *testing.T) {
	_, want, p := built(t)
	wantConfig, err := want.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	got, err := dist{source: wantConfig.Config.Labels["org.opencontainers.image.source"]}.platformImage(p)
	if err != nil {
		t.Fatal(err)
	}
	gotConfig, err := got.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	// What engines add by themselves: their own name, a PATH for the shell that is not there, the root as the working folder.
	delete(wantConfig.Config.Labels, "io.buildah.version")
	wantConfig.Config.Env = nil
	wantConfig.Config.WorkingDir = strings.TrimSuffix(wantConfig.Config.WorkingDir, "/")
	if diff := cmp.Diff(wantConfig.Config, gotConfig.Config); diff != "" {
		t.Errorf("configuration (-Dockerfile +layout):\n%s", diff)
	}
	if diff := cmp.Diff(root(t, want), root(t, got)); diff != "" {
		t.Errorf("files (-Dockerfile +layout):\n%s", diff)
	}
}

// TestContainerOfTheLayoutRuns pushes the layout as a release does, and pulls it; podman also loads its tarball, which docker can
// with its containerd store only.
func TestContainerOfTheLayoutRuns(t *testing.T) {
	engine, _, p := built(t)
	other := "linux-s390x"
	if runtime.GOARCH == "s390x" {
		other = "linux-amd64"
	}
	foreign, err := readProgram(build(t, clone(t), t.TempDir(), other)[0])
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("inject-related-images-%d", os.Getpid())
	img, err := dist{image: name}.writeImage([]program{p, foreign})
	if err != nil {
		t.Fatal(err)
	}
	registry := serveRegistry(t) + "/" + name + ":layout"
	run(t, ".", nil, "crane", "push", strings.TrimSuffix(img.tarball, ".tar"), registry)
	digest, err := exec.Command("crane", "digest", registry).Output()
	if err != nil || strings.TrimSpace(string(digest)) != img.digest.String() {
		t.Errorf("the registry has digest %s, %v, want %s", digest, err, img.digest)
	}
	pull := []string{"pull", registry}
	if filepath.Base(engine) == "podman" {
		pull = []string{"pull", "--tls-verify=false", registry}
		run(t, ".", nil, engine, "load", "-i", img.tarball)
		checkVersion(t, engine, "localhost/"+name+":latest", p)
	}
	run(t, ".", nil, engine, pull...)
	checkVersion(t, engine, registry, p)
}

// checkVersion runs an image, and removes it.
func checkVersion(t *testing.T, engine, image string, p program) {
	t.Helper()
	out, err := exec.Command(engine, "run", "--rm", "--read-only", "--cap-drop=ALL", "--network", "none", image, "version").CombinedOutput()
	if want := "inject-related-images " + p.version() + " " + p.info.GoVersion + "\n"; err != nil || string(out) != want {
		t.Errorf("%s version: got %v and %q, want %q", image, err, out, want)
	}
	run(t, ".", nil, engine, "rmi", image)
}

// serveRegistry starts a registry, and returns its address.
func serveRegistry(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("crane", "registry", "serve", "--address", "localhost:0")
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(log)
	var seen bytes.Buffer
	for lines.Scan() {
		fmt.Fprintln(&seen, lines.Text())
		if _, port, ok := strings.Cut(lines.Text(), "serving on port "); ok {
			return "localhost:" + port
		}
	}
	t.Fatalf("crane registry serve did not say where it serves:\n%s", &seen)
	return ""
}

package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var (
	linux = []string{"linux-amd64", "linux-arm64", "linux-s390x", "linux-ppc64le"}
	all   = append(slices.Clone(linux), "darwin-arm64")
)

// clone makes a git repository with a small program, in the state of its release v1.2.3.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module inject-related-images\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range []string{"init -q", "add .", "-c user.name=a -c user.email=a@example.com commit -q -m first", "tag v1.2.3"} {
		run(t, dir, []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z"}, "git", strings.Fields(args)...)
	}
	return dir
}

// build builds the program in dir as the Makefile does, for each of the platforms.
func build(t *testing.T, dir, to string, platforms ...string) (files []string) {
	t.Helper()
	for _, platform := range platforms {
		system, architecture, _ := strings.Cut(platform, "-")
		file := filepath.Join(to, "inject-related-images-"+platform)
		run(t, dir, []string{"CGO_ENABLED=0", "GOOS=" + system, "GOARCH=" + architecture}, "go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w", "-o", file, ".")
		files = append(files, file)
	}
	return files
}

func run(t *testing.T, dir string, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// release makes a release of the small program in folder, and returns its files.
func release(t *testing.T, folder string) map[string]string {
	t.Helper()
	d := dist{image: "inject-related-images", source: "https://git.example.com/acme/inject-related-images"}
	var log bytes.Buffer
	if err := d.run("release", build(t, clone(t), folder, all...), io.Discard, &log); err != nil || log.Len() > 0 {
		t.Fatalf("release: %v, want none and no warning\n%s", err, &log)
	}
	return contents(t, folder)
}

func TestTheSameCommitGivesTheSameRelease(t *testing.T) {
	once := release(t, t.TempDir())
	folder := t.TempDir() // with what an earlier release has left
	if err := os.CopyFS(filepath.Join(folder, "inject-related-images.oci/blobs/sha256"), os.DirFS("etc")); err != nil {
		t.Fatal(err)
	}
	again := release(t, folder)
	for name := range once {
		if once[name] != again[name] {
			t.Errorf("%s is another file in a second release of the same commit", name)
		}
	}
	if len(once) != len(again) {
		t.Errorf("got %d files, and %d in a second release", len(once), len(again))
	}
}

// contents returns all files below a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(folder, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEveryFileOfAReleaseHasABillAndAChecksum(t *testing.T) {
	files := release(t, t.TempDir())
	got := map[string]string{}
	for line := range strings.Lines(files["SHA256SUMS"]) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		got[name] = sum
	}
	want := map[string]string{}
	for _, platform := range all {
		name := "inject-related-images-" + platform
		want[name], want[name+".cdx.json"] = sum([]byte(files[name])), sum([]byte(files[name+".cdx.json"]))
	}
	const image = "inject-related-images.oci.tar"
	want[image], want[image+".cdx.json"] = sum([]byte(files[image])), sum([]byte(files[image+".cdx.json"]))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SHA256SUMS (-want +got):\n%s", diff)
	}
}

func TestABillSaysWhatIsInTheFile(t *testing.T) {
	files := release(t, t.TempDir())
	for _, test := range []struct {
		name     string
		programs []string
		parents  int // components that consist of others
	}{
		{"inject-related-images-darwin-arm64", []string{"darwin-arm64"}, 1},
		{"inject-related-images.oci.tar", linux, 1 + len(linux)},
	} {
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(strings.NewReader(files[test.name+".cdx.json"]), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Fatal(err)
		}
		subject := bom.Metadata.Component
		if subject.Version != "v1.2.3" || bom.Metadata.Timestamp != "2026-01-02T03:04:05Z" || (*subject.Hashes)[0].Value != sum([]byte(files[test.name])) {
			t.Errorf("%s: the bill is of version %s, %s, %v, want those of the file", test.name, subject.Version, bom.Metadata.Timestamp, *subject.Hashes)
		}
		known, hashes := map[string]bool{}, map[string]bool{}
		for _, component := range append(*bom.Components, *subject) {
			if known[component.BOMRef] {
				t.Errorf("%s: component %s is there twice", test.name, component.BOMRef)
			}
			known[component.BOMRef] = true
			if component.Hashes != nil {
				hashes[(*component.Hashes)[0].Value] = true
			}
		}
		for _, platform := range test.programs {
			if !hashes[sum([]byte(files["inject-related-images-"+platform]))] {
				t.Errorf("%s: the bill lacks the program for %s", test.name, platform)
			}
		}
		if len(*bom.Dependencies) != test.parents {
			t.Errorf("%s: %d components consist of others, want %d", test.name, len(*bom.Dependencies), test.parents)
		}
		for _, dependency := range *bom.Dependencies {
			for _, ref := range append(*dependency.Dependencies, dependency.Ref) {
				if !known[ref] {
					t.Errorf("%s: dependency %s is no component", test.name, ref)
				}
			}
		}
	}
}

func TestTheImageIsForEveryPlatform(t *testing.T) {
	folder := t.TempDir()
	files := release(t, folder)
	named, err := layout.ImageIndexFromPath(filepath.Join(folder, "inject-related-images.oci"))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := named.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 1 || manifest.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != "inject-related-images:latest" {
		t.Fatalf("got manifests %+v, want one, inject-related-images:latest", manifest.Manifests)
	}
	index, err := named.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	platforms, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, descriptor := range platforms.Manifests {
		platform := descriptor.Platform.OS + "-" + descriptor.Platform.Architecture
		got = append(got, platform)
		img, err := index.Image(descriptor.Digest)
		if err != nil {
			t.Fatal(err)
		}
		checkImage(t, img, *descriptor.Platform, files["inject-related-images-"+platform])
	}
	if diff := cmp.Diff(linux, got); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
}

// checkImage compares what is in an image with what the Dockerfile asks for.
func checkImage(t *testing.T, img v1.Image, platform v1.Platform, program string) {
	t.Helper()
	if kind, err := img.MediaType(); err != nil || kind != types.OCIManifestSchema1 {
		t.Errorf("%v: got media type %s, %v, want OCI's", platform, kind, err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.OS != platform.OS || config.Architecture != platform.Architecture {
		t.Errorf("%v: got the configuration of %s/%s", platform, config.OS, config.Architecture)
	}
	for name, want := range map[string]string{"version": "v1.2.3", "created": "2026-01-02T03:04:05Z", "source": "https://git.example.com/acme/inject-related-images"} {
		if got := config.Config.Labels["org.opencontainers.image."+name]; got != want {
			t.Errorf("%v: label %s is %q, want %q", platform, name, got, want)
		}
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%v: got %d layers, %v, want one", platform, len(layers), err)
	}
	want := []entry{
		{"etc", 0o755, ""},
		{"etc/group", 0o644, "nobody:x:65534:\n"},
		{"etc/passwd", 0o644, "nobody:x:65534:65534:nobody:/:/sbin/nologin\n"},
		{"inject-related-images", 0o755, program},
	}
	if diff := cmp.Diff(want, root(t, img)); diff != "" {
		t.Errorf("%v: files (-want +got):\n%s", platform, diff)
	}
}

// entry is what is in an image; everything is root's.
type entry struct {
	Name    string
	Mode    int64
	Content string
}

// root returns what is in an image.
func root(t *testing.T, img v1.Image) (entries []entry) {
	t.Helper()
	r := mutate.Extract(img)
	defer r.Close()
	for reader := tar.NewReader(r); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 0 || header.Gid != 0 {
			t.Errorf("%s belongs to %d:%d, want root", header.Name, header.Uid, header.Gid)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{header.Name, header.Mode & 0o7777, string(content)})
	}
}

func TestTheNameOfAnImageHasATag(t *testing.T) {
	for name, want := range map[string]string{
		"inject-related-images":            "inject-related-images:latest",
		"localhost:5000/acme/image":        "localhost:5000/acme/image:latest",
		"localhost:5000/acme/image:v1.2.3": "localhost:5000/acme/image:v1.2.3",
	} {
		if got := tagged(name); got != want {
			t.Errorf("tagged(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAProgramWithoutGitIsWarnedOf(t *testing.T) {
	dir := clone(t)
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	var labels, log bytes.Buffer
	if err := (dist{}).run("labels", build(t, dir, t.TempDir(), "linux-amd64"), &labels, &log); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "has no version but (devel)") || !strings.Contains(labels.String(), "--label=org.opencontainers.image.version=(devel)\n") {
		t.Errorf("got labels\n%s\nand messages\n%s\nwant version (devel), and a warning of it", &labels, &log)
	}
}

func TestProgramsThatAreNoRelease(t *testing.T) {
	dir := clone(t)
	amd64 := build(t, dir, t.TempDir(), "linux-amd64")[0]
	elsewhere := build(t, dir, t.TempDir(), "linux-arm64")[0]
	darwin := build(t, dir, filepath.Dir(amd64), "darwin-arm64")[0]
	dynamic := filepath.Join(filepath.Dir(amd64), "dynamic")
	run(t, dir, []string{"CGO_ENABLED=1"}, "go", "build", "-o", dynamic, ".")
	run(t, dir, nil, "git", "tag", "-d", "v1.2.3")
	old := build(t, dir, filepath.Dir(amd64), "linux-s390x")[0]
	text := filepath.Join(dir, "main.go")
	for _, test := range []struct {
		command string
		files   []string
		want    string
	}{
		{"image", []string{text}, "give a program that go build has written"},
		{"image", []string{dynamic}, "build it with CGO_ENABLED=0"},
		{"image", []string{amd64, amd64}, "give one program for each platform"},
		{"image", []string{amd64, elsewhere}, "put them in one"},
		{"release", []string{amd64, old}, "has version v1.2.3 and"},
		{"image", []string{amd64, darwin}, "images are made of programs for Linux"},
		{"release", []string{darwin}, "no program is for Linux"},
		{"images", []string{amd64}, `there is no command "images"`},
	} {
		err := dist{}.run(test.command, test.files, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: got error %v, want %q", test.command, test.files, err, test.want)
		}
	}
}

// TestTheProgramIsTheSameFromEveryFolder builds what is released from two copies of its source, and compares its bill with what
// Go itself lists.
func TestTheProgramIsTheSameFromEveryFolder(t *testing.T) {
	if testing.Short() {
		t.Skip("it links the program twice")
	}
	program := buildCopy(t)
	p, err := readProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(buildCopy(t))
	if err != nil {
		t.Fatal(err)
	}
	if sum(p.data) != sum(again) {
		t.Errorf("two builds of one source are %s and %s, want the same", sum(p.data), sum(again))
	}
	out, err := exec.Command("go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"stdlib " + strings.TrimPrefix(p.info.GoVersion, "go")}
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); fields[0] == "dep" {
			want = append(want, fields[1]+" "+fields[2])
		}
	}
	var got []string
	for _, component := range *programBOM(p).Components {
		got = append(got, component.Name+" "+component.Version)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modules in the bill (-go version +bill):\n%s", diff)
	}
}

// buildCopy builds the program from a copy of its source.
func buildCopy(t *testing.T) (program string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"fn", "internal"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run(t, dir, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", "program", "./fn/inject-related-images")
	return filepath.Join(dir, "program")
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"inject-related-images/testdata/bench/input"
)

// TestReferencesDoWhatTheyAreMeasuredFor builds the references and runs them on a list and a folder.
func TestReferencesDoWhatTheyAreMeasuredFor(t *testing.T) {
	files, err := build(options{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	source, registry := list(t, 60, input.Kustomize), folder(t, 30, false)
	kustomization := filepath.Join(t.TempDir(), "kustomization.yaml")
	if err := input.WriteKustomization(kustomization); err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, name string, arguments ...string) string {
		t.Helper()
		command := exec.Command(files[name], arguments...)
		command.Stdin = strings.NewReader(source)
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return string(output)
	}

	t.Run("hello prints a line", func(t *testing.T) {
		if got := run(t, "hello"); got != "hello\n" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("copy copies", func(t *testing.T) {
		if got := run(t, "copy"); got != source {
			t.Errorf("got %d bytes that are not the %d of the input", len(got), len(source))
		}
	})
	t.Run("nodes has read the mapping of the ResourceList", func(t *testing.T) {
		if got := run(t, "nodes"); got != "8\n" {
			t.Errorf("got %q, want the keys and values of apiVersion, kind, items and functionConfig", got)
		}
	})
	t.Run("nodes has read the mappings of a folder", func(t *testing.T) {
		releases := t.TempDir()
		if err := input.WriteReleases(releases, 3); err != nil {
			t.Fatal(err)
		}
		if got := run(t, "nodes", filepath.Join(releases, "previous")); got != "24\n" {
			t.Errorf("got %q, want the keys and values of apiVersion, kind, metadata and spec, three times", got)
		}
	})
	t.Run("kyaml writes the same values", func(t *testing.T) {
		before, after := values(t, source).(map[string]any), values(t, run(t, "kyaml")).(map[string]any)
		withoutAnnotations(before["items"].([]any))
		withoutAnnotations(after["items"].([]any))
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("(-input +output)\n%s", diff)
		}
	})
	t.Run("images changes the images of the kustomization and nothing else", func(t *testing.T) {
		testImages(t, kustomization, source, run(t, "images", kustomization))
	})
	t.Run("export writes all files of an image", func(t *testing.T) {
		b := bench{options: options{dir: t.TempDir(), image: 400}, groups: map[string][]*process{}}
		if err := b.prepareImage(files); err != nil {
			t.Fatal(err)
		}
		defer b.registry.Close()
		var size int
		got := run(t, "export", b.groups[shipped][0].arguments...)
		if _, err := fmt.Sscanf(got, "%d bytes\n", &size); err != nil || size < 398*7_500 || size > 400*9_000 {
			t.Errorf("got %q, %v, want about 400 × 8,000", got, err)
		}
	})
	t.Run("read reads all files, and replaces them by the same", func(t *testing.T) {
		before := contents(t, registry)
		size := 0
		for _, content := range before {
			size += len(content)
		}
		want := fmt.Sprintf("30 files, %d bytes\n", size)
		if got := run(t, "read", registry); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := run(t, "read", "-replace", registry); got != want {
			t.Errorf("with -replace got %q, want %q", got, want)
		}
		if diff := cmp.Diff(before, contents(t, registry)); diff != "" {
			t.Errorf("(-before +after)\n%s", diff)
		}
	})
}

// testImages compares the items of list with the documents of output.
func testImages(t *testing.T, kustomization, list, output string) {
	t.Helper()
	var k struct {
		Images []struct {
			Name, Digest string
			NewName      string `yaml:"newName"`
		}
	}
	source, err := os.ReadFile(kustomization)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(source, &k); err != nil || len(k.Images) == 0 {
		t.Fatalf("it has %d images: %v", len(k.Images), err)
	}
	digests := map[string]string{}
	for _, image := range k.Images {
		digests[image.Name] = image.NewName + "@" + image.Digest
	}
	items := values(t, list).(map[string]any)["items"].([]any)
	changed := 0
	for _, item := range items {
		if item.(map[string]any)["kind"] != "Deployment" {
			continue
		}
		pod := item.(map[string]any)["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
		for _, container := range append(pod["containers"].([]any), pod["initContainers"].([]any)...) {
			c := container.(map[string]any)
			name, _, _ := strings.Cut(c["image"].(string), ":")
			if digests[name] != "" {
				c["image"] = digests[name]
				changed++
			}
		}
	}
	if changed != 40 {
		t.Errorf("%d images of Deployments are in the kustomization, want one of each of the 40", changed)
	}
	var got []any
	for decoder := yaml.NewDecoder(strings.NewReader(output)); ; {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, document)
	}
	if diff := cmp.Diff(withoutAnnotations(items), withoutAnnotations(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// withoutAnnotations takes away what kustomize and kyaml keep for themselves.
func withoutAnnotations(objects []any) []any {
	for _, object := range objects {
		delete(object.(map[string]any)["metadata"].(map[string]any), "annotations")
	}
	return objects
}

func values(t *testing.T, source string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(source), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

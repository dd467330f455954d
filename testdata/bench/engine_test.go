package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"inject-related-images/fn"
	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/source"
	"inject-related-images/internal/yamltext"
	"inject-related-images/testdata/bench/input"
)

// BenchmarkFunction is the KRM function beside the references of the whole processes, in one process: benchstat -col /by shows ratios.
func BenchmarkFunction(b *testing.B) {
	bys := []struct {
		name string
		do   func(source string) error
	}{
		{"nodes", func(source string) error {
			var document yaml.Node
			return yaml.Unmarshal([]byte(source), &document)
		}},
		{"function", func(source string) error {
			return fn.Function(strings.NewReader(source), io.Discard, io.Discard, fn.Options{})
		}},
		{"kyaml", func(source string) error {
			nothing := framework.ResourceListProcessorFunc(func(*framework.ResourceList) error { return nil })
			return framework.Execute(nothing, &kio.ByteReadWriter{Reader: strings.NewReader(source), Writer: io.Discard, KeepReaderAnnotations: true})
		}},
		{"copy", func(source string) error {
			_, err := io.Copy(&bytes.Buffer{}, strings.NewReader(source))
			return err
		}},
	}
	for _, size := range []struct {
		resources int
		from      string
		writer    input.Orchestrator
	}{{1, "kustomize", input.Kustomize}, {100, "kustomize", input.Kustomize}, {1_000, "kustomize", input.Kustomize}, {1_000, "kpt", input.Kpt}} {
		source := list(b, size.resources, size.writer)
		for _, by := range bys {
			b.Run(fmt.Sprintf("resources=%d/from=%s/by=%s", size.resources, size.from, by.name), func(b *testing.B) {
				b.SetBytes(int64(len(source)))
				b.ReportAllocs()
				for b.Loop() {
					if err := by.do(source); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkParse(b *testing.B) {
	source := list(b, 1_000, input.Kustomize)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := yamltext.Parse(source, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// catalogOf reads a CSV.
func catalogOf(tb testing.TB, file string) *catalog.Catalog {
	tb.Helper()
	releases, err := source.Opener{}.CSVs(file)
	if err == nil {
		err = releases[0].Read(catalog.DefaultNames)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return catalog.New(releases[0].Entries, "")
}

// BenchmarkCSV reads a CSV, from its file to a catalog.
func BenchmarkCSV(b *testing.B) {
	file := csv(b)
	b.ReportAllocs()
	for b.Loop() {
		catalogOf(b, file)
	}
}

// BenchmarkLookup decides a reference that the CSV has by its tag, and one that it does not know at all.
func BenchmarkLookup(b *testing.B) {
	c := catalogOf(b, csv(b))
	for _, image := range []string{"quay.io/acme/sidecar-nginx:next", "docker.io/bitnami/redis:7.2"} {
		known := strings.HasPrefix(image, "quay.io/")
		ref, err := imageref.Parse(image)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("known=%t", known), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found := c.ByTag(ref, catalog.UnknownRegistry).Entry != nil; found != known {
					b.Fatalf("%s: found %t", image, found)
				}
			}
		})
	}
}

// BenchmarkFolder is inject where no file changes, and check where all would.
func BenchmarkFolder(b *testing.B) {
	csv := csv(b)
	for _, run := range []struct {
		name    string
		current bool
		do      func(csv, registry string) error
	}{{"inject", true, inject}, {"check", false, check}} {
		registry := folder(b, 1_000, run.current)
		b.Run(run.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := run.do(csv, registry); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

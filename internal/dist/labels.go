package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	title       = "inject-related-images"
	description = "KRM function and command that injects the images of an operator's CSV " +
		"into registries and Kubernetes resources"
	license = "Apache-2.0"
)

// labels are those of the OCI image specification. The first three are in the Dockerfile as well,
// for who builds with that alone.
func labels(p program, source string) map[string]string {
	all := map[string]string{
		ocispec.AnnotationTitle:       title,
		ocispec.AnnotationDescription: description,
		ocispec.AnnotationLicenses:    license,
		ocispec.AnnotationVersion:     p.version(),
		ocispec.AnnotationRevision:    p.setting("vcs.revision"),
		ocispec.AnnotationSource:      source,
	}
	if created, ok := p.created(); ok {
		all[ocispec.AnnotationCreated] = created.Format(time.RFC3339)
	}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// printLabels prints those that the Dockerfile cannot know; none of them has a space in it.
func (d dist) printLabels(out io.Writer, p program) {
	all := labels(p, d.source)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if value := all[name]; value != description {
			fmt.Fprintf(out, "--label=%s=%s\n", name, value)
		}
	}
}

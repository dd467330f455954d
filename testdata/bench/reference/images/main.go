// Command images runs kustomize's own images transformer on the items of the ResourceList on stdin,
// and prints them as YAML.
//
//	images KUSTOMIZATION
//
// The images are those of the kustomization. Each is looked for in all items by the two filters
// that the transformer is made of, as kustomize build does it.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"sigs.k8s.io/kustomize/api/filters/imagetag"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio"
)

// fields are the places of images in kustomize's default configuration, which its API does not
// export.
var fields = []types.FieldSpec{
	{Path: "spec/containers[]/image", CreateIfNotPresent: true},
	{Path: "spec/initContainers[]/image", CreateIfNotPresent: true},
	{Path: "spec/volumes[]/image/reference", CreateIfNotPresent: true},
	{Path: "spec/template/spec/containers[]/image", CreateIfNotPresent: true},
	{Path: "spec/template/spec/initContainers[]/image", CreateIfNotPresent: true},
	{Path: "spec/template/spec/volumes[]/image/reference", CreateIfNotPresent: true},
	{Path: "spec/jobTemplate/spec/template/spec/volumes[]/image/reference", CreateIfNotPresent: true},
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: images KUSTOMIZATION <RESOURCELIST")
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(file string, in io.Reader, out io.Writer) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var kustomization types.Kustomization
	if err := kustomization.Unmarshal(source); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	nodes, err := (&kio.ByteReader{Reader: in, OmitReaderAnnotations: true}).Read()
	if err != nil {
		return err
	}
	resources, err := resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory()).NewResMapFromRNodeSlice(nodes)
	if err != nil {
		return err
	}
	for _, image := range kustomization.Images {
		if err := resources.ApplyFilter(imagetag.LegacyFilter{ImageTag: image}); err != nil {
			return err
		}
		if err := resources.ApplyFilter(imagetag.Filter{ImageTag: image, FsSlice: fields}); err != nil {
			return err
		}
	}
	text, err := resources.AsYaml()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

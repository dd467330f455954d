package main

import (
	"bytes"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// bomSuffix is what CycloneDX wants files of its JSON format to end with.
const bomSuffix = ".cdx.json"

// writeBOM writes the bill of materials of a file beside it.
func writeBOM(file string, bom *cdx.BOM) error {
	var buffer bytes.Buffer
	encoder := cdx.NewBOMEncoder(&buffer, cdx.BOMFileFormatJSON).SetPretty(true)
	if err := encoder.EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(file+bomSuffix, buffer.Bytes(), 0o644)
}

// programBOM lists the modules that are linked into a program, and Go's standard library. It has no
// serial number: that would be another in every run.
func programBOM(p program) *cdx.BOM {
	subject := programComponent(p)
	modules, refs := modulesOf(p)
	return newBOM(p, subject, modules, []cdx.Dependency{{Ref: subject.BOMRef, Dependencies: &refs}})
}

// imageBOM lists the programs of an image and their modules.
func imageBOM(img image, programs []program) (*cdx.BOM, error) {
	data, err := os.ReadFile(img.tarball)
	if err != nil {
		return nil, err
	}
	subject := newComponent(cdx.ComponentTypeContainer, programs[0].version(), data)
	subject.PackageURL = "pkg:oci/" + title + "@" + url.QueryEscape(img.digest.String())
	subject.BOMRef = subject.PackageURL
	var components []cdx.Component
	var contents []string
	dependencies := []cdx.Dependency{{Ref: subject.BOMRef, Dependencies: &contents}}
	for _, p := range programs {
		component := programComponent(p)
		modules, refs := modulesOf(p)
		components = append(append(components, component), modules...)
		contents = append(contents, component.BOMRef)
		dependencies = append(dependencies, cdx.Dependency{Ref: component.BOMRef, Dependencies: &refs})
	}
	slices.SortStableFunc(components, func(a, b cdx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	components = slices.CompactFunc(components, func(a, b cdx.Component) bool { return a.BOMRef == b.BOMRef })
	return newBOM(programs[0], subject, components, dependencies), nil
}

func newBOM(p program, subject cdx.Component, components []cdx.Component, dependencies []cdx.Dependency) *cdx.BOM {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &subject}
	if created, ok := p.created(); ok {
		bom.Metadata.Timestamp = created.Format(time.RFC3339)
	}
	bom.Components = &components
	bom.Dependencies = &dependencies
	return bom
}

func programComponent(p program) cdx.Component {
	component := newComponent(cdx.ComponentTypeApplication, p.version(), p.data)
	component.PackageURL = packageURL(
		p.info.Main.Path,
		p.version(),
	) + "?goarch=" + p.setting(
		"GOARCH",
	) + "&goos=" + p.setting(
		"GOOS",
	)
	component.BOMRef = component.PackageURL
	return component
}

func newComponent(kind cdx.ComponentType, version string, data []byte) cdx.Component {
	return cdx.Component{
		Type:        kind,
		Name:        title,
		Version:     version,
		Description: description,
		Hashes:      &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum(data)}},
		Licenses:    &cdx.Licenses{{License: &cdx.License{ID: license}}},
	}
}

// modulesOf returns what is linked into a program, and the names by which a bill refers to it.
func modulesOf(p program) (modules []cdx.Component, refs []string) {
	// "stdlib", without Go's own prefix, is the name by which scanners find its vulnerabilities.
	add := func(path, version string) {
		ref := packageURL(path, version)
		modules = append(
			modules,
			cdx.Component{Type: cdx.ComponentTypeLibrary, BOMRef: ref, PackageURL: ref, Name: path, Version: version},
		)
		refs = append(refs, ref)
	}
	add("stdlib", strings.TrimPrefix(p.info.GoVersion, "go"))
	for _, m := range p.info.Deps {
		add(m.Path, m.Version)
	}
	return modules, refs
}

func packageURL(path, version string) string {
	return "pkg:golang/" + path + "@" + url.QueryEscape(version)
}

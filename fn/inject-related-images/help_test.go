package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"inject-related-images/fn"
)

// TestTheHelpIsTheREADMEAndReadsNothing is what kpt fn doc relies on.
func TestTheHelpIsTheREADMEAndReadsNothing(t *testing.T) {
	var out, log bytes.Buffer
	root := newCommand(stdio{in: iotest.ErrReader(errors.New("stdin was read")), out: &out, log: &log})
	root.SetArgs([]string{"--help"})
	if err := root.Execute(); err != nil {
		t.Errorf("--help: got %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("--help printed to stderr:\n%s", &log)
	}
	for _, section := range []string{"Short", "Long", "Examples"} {
		want := help(section)
		if len(want) < 100 {
			t.Errorf("section %s of the README: got %q", section, want)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("--help has not the section %s of the README\ngot:\n%s\nwant:\n%s", section, &out, want)
		}
		if strings.Contains(want, "```") || strings.Contains(want, "\n#") || strings.Contains(want, "<!--") {
			t.Errorf("section %s has markup that a terminal does not show:\n%s", section, want)
		}
	}
	if !strings.Contains(help("Long"), "\n  apiVersion: ") || !strings.Contains(help("Long"), "\nFunctionConfig:\n") {
		t.Errorf("code is not indented, or headings have no colon:\n%s", help("Long"))
	}
}

// TestTheHelpOfEachCommandSaysWhatItDoesAndFits wants examples, statuses and exit codes in 100 columns.
func TestTheHelpOfEachCommandSaysWhatItDoesAndFits(t *testing.T) {
	for _, command := range []string{"", "inject", "check", "images", "catalog", "version", "completion"} {
		var out, log bytes.Buffer
		root := newCommand(stdio{out: &out, log: &log})
		root.SetArgs(strings.Fields(command + " --help"))
		if err := root.Execute(); err != nil || log.Len() > 0 {
			t.Fatalf("%s --help: got %v and on stderr %q", command, err, &log)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 {
				t.Errorf("%s --help: a line of %d columns: %s", command, n, line)
			}
		}
		if command == "version" || command == "completion" {
			continue
		}
		wanted := []string{"Usage:\n", "Examples:\n", "Exit codes:\n", "\nFlags:\n"}
		if command != "" && command != "catalog" {
			wanted = append(wanted, "Statuses:\n", "\n  3  something could not be read, parsed or written")
			for _, status := range fn.Statuses() {
				wanted = append(wanted, "\n  "+status+" ")
			}
		}
		for _, want := range wanted {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s --help: got no %q in\n%s", command, want, &out)
			}
		}
	}
}

// TestCommandsTakeTheOptionsThatTheyUse compares their flags with the table of options.
func TestCommandsTakeTheOptionsThatTheyUse(t *testing.T) {
	root := newCommand(stdio{})
	for _, command := range append(root.Commands(), root) {
		name := command.Name()
		switch {
		case name == "version":
			continue
		case command == root:
			name = ""
		}
		for _, o := range fn.AllOptions() {
			if has := command.Flags().Lookup(o.Name) != nil; has != o.IsOf(name) {
				t.Errorf("command %q: it has --%s: %t, want %t", name, o.Name, has, o.IsOf(name))
			}
		}
	}
	for command, options := range map[string]string{"": "arch,fail-on,mode", "catalog": "arch,prefix,previous", "inject": "mirrors,mode,result-file"} {
		for _, name := range strings.Split(options, ",") {
			if c, _, err := root.Find(strings.Fields(command)); err != nil || c.Flags().Lookup(name) == nil {
				t.Errorf("command %q has no --%s", command, name)
			}
		}
	}
}

// TestTheREADMEsFunctionConfigInjects runs the function with the functionConfig that the README shows.
func TestTheREADMEsFunctionConfigInjects(t *testing.T) {
	_, config, ok := strings.Cut(help("Long"), "  apiVersion: inject-related-images/")
	config, _, ok2 := strings.Cut(config, "\n\n")
	if !ok || !ok2 {
		t.Fatalf("there is no functionConfig in\n%s", help("Long"))
	}
	csv, err := os.ReadFile(filepath.Join(repository(t), "examples/kpt/package/csv.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" +
		"- " + strings.ReplaceAll(strings.TrimSpace(string(csv)), "\n", "\n  ") + "\n" +
		"- {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{image: quay.io/acme/udi:2.15}]}}\n" +
		"functionConfig:\n  apiVersion: inject-related-images/" + config + "\n"
	var out, log bytes.Buffer
	if err := fn.Function(strings.NewReader(list), &out, &log, fn.Options{}); err != nil {
		t.Fatalf("%v\n%s\nof\n%s", err, &log, list)
	}
	if want := "{image: quay.io/acme/udi:2.15@sha256:"; !strings.Contains(out.String(), want) {
		t.Errorf("got no %q in\n%s", want, &out)
	}
}

// metadata has the fields of the catalog's metadata-schema.json, which allows no others.
type metadata struct {
	Image              string   `yaml:"image"`
	Description        string   `yaml:"description"`
	Tags               []string `yaml:"tags"`
	SourceURL          string   `yaml:"sourceURL"`
	ExamplePackageURLs []string `yaml:"examplePackageURLs"`
	License            string   `yaml:"license"`
	Hidden             bool     `yaml:"hidden"`
}

// TestTheMetadataIsAsTheCatalogWantsIt has the rules of kptdev/krm-functions-catalog: its metadata-schema.json, the page about it,
// and what its generator of pages skips.
func TestTheMetadataIsAsTheCatalogWantsIt(t *testing.T) {
	file, err := os.Open("metadata.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var got metadata
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if want := "ghcr.io/kptdev/krm-functions-catalog/inject-related-images"; got.Image != want {
		t.Errorf("image: got %q, want %q: the catalog's name, without a tag", got.Image, want)
	}
	if want := strings.ReplaceAll(help("Short"), "\n", " "); got.Description != want {
		t.Errorf("description: got %q, want that of the README, %q", got.Description, want)
	}
	allowed := []string{"mutator", "validator", "generator", "viewer", "test", "testing", "timing", "name prefix", "name suffix"}
	if len(got.Tags) == 0 || slices.ContainsFunc(got.Tags, func(tag string) bool { return !slices.Contains(allowed, tag) }) {
		t.Errorf("tags: got %q, want some of %q", got.Tags, allowed)
	}
	if got.License != "Apache-2.0" {
		t.Errorf("license: got %q, want that of LICENSE", got.License)
	}
	if !strings.HasPrefix(readme, "# inject-related-images\n") {
		t.Errorf("README.md does not begin with the name of the function: the catalog has no page for it then")
	}
}

package fn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"inject-related-images/fn"
)

// exampleCSV has one image, quay.io/acme/udi:2.15.
const exampleCSV = `apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: acme.v2.15.0}
spec:
  install:
    spec:
      deployments:
      - name: acme-operator
        spec:
          template:
            spec:
              containers:
              - name: operator
                env:
                - name: RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK
                  value: quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222
`

// exampleList is what an orchestrator sends to the function.
var exampleList = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: ide}
  spec:
    containers:
    - image: quay.io/acme/udi:2.15 # with Maven
functionConfig:
  ` + strings.ReplaceAll(strings.TrimSpace(exampleCSV), "\n", "\n  ") + "\n"

// A devfile gets the image of the CSV.
func Example() {
	engine, err := fn.New(exampleCSV, fn.Options{})
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := engine.Inject("devfiles/java/devfile.yaml", `schemaVersion: 2.2.0
components:
- name: tools
  container: {image: "quay.io/acme/udi:2.15"} # with Maven
`)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(outcome.Text)
	for _, f := range outcome.Findings {
		fmt.Printf("%s:%d:%d: %s: %s by %s\n", f.File, f.Line, f.Column, f.Status, f.Image, f.Entry)
	}
	// Output:
	// schemaVersion: 2.2.0
	// components:
	// - name: tools
	//   container: {image: "quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222"} # with Maven
	// devfiles/java/devfile.yaml:4:23: injected: quay.io/acme/udi:2.15 by RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK
}

// A digest of an earlier release names its variable, if the CSV of that release is at hand.
func ExampleNew() {
	previous := strings.NewReplacer("2.15.0", "2.14.0", "2222", "1111").Replace(exampleCSV)
	engine, err := fn.New(exampleCSV, fn.Options{}, previous)
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := engine.Inject("pod.yaml", "image: quay.io/acme/udi@sha256:"+strings.Repeat("1", 64))
	fmt.Println(outcome.Text, outcome.Findings[0].Rule, outcome.Findings[0].Previous, err)
	// Output:
	// image: quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222 previous acme.v2.14.0 <nil>
}

func ExampleLoad() {
	engine, err := fn.Load(fn.Sources{CSVs: []string{"../examples/registry/bundle"}}, fn.Options{KeepTag: true})
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := engine.Inject("devfiles/go/devfile.yaml", "image: quay.io/acme/udi:2.15")
	fmt.Println(outcome.Text, err)
	// Output:
	// image: quay.io/acme/udi:2.15@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb <nil>
}

// What the CSV does not decide stays as it is, and the finding says why.
func ExampleEngine_Inject() {
	engine, err := fn.New(exampleCSV, fn.Options{})
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := engine.Inject("pod.yaml", "image: quay.io/acme/udi:next")
	if err != nil {
		log.Fatal(err)
	}
	finding, err := json.MarshalIndent(outcome.Findings[0], "", "  ")
	fmt.Printf("%s %v\n%s\n", finding, err, outcome.Text)
	// Output:
	// {
	//   "file": "pod.yaml",
	//   "document": 0,
	//   "path": "image",
	//   "line": 1,
	//   "column": 8,
	//   "image": "quay.io/acme/udi:next",
	//   "status": "uncovered",
	//   "proposed": "",
	//   "entry": "",
	//   "rule": "",
	//   "candidates": [
	//     "quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222"
	//   ],
	//   "message": "the CSV does not know the tag next; it has one image of this repository, which only match-repository would take",
	//   "csv": ""
	// } <nil>
	// image: quay.io/acme/udi:next
}

func ExampleEngine_Fails() {
	engine, err := fn.New(exampleCSV, fn.Options{Check: true, FailOn: []string{"uncovered", "-stale"}})
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := engine.Inject("images.yaml", `image: quay.io/acme/udi:2.15
---
image: quay.io/acme/udi:next
`)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range outcome.Findings {
		fmt.Println(f.Image, f.Status, engine.Fails(f))
	}
	// Output:
	// quay.io/acme/udi:2.15 stale false
	// quay.io/acme/udi:next uncovered true
}

func ExampleEngine_Warnings() {
	engine, err := fn.New(strings.Replace(exampleCSV, "GIXDCNIK", "GIXDCNI1", 1), fn.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(engine.Warnings(), "\n"))
	// Output:
	// RELATED_IMAGE_udi_devfile_registry_image_GIXDCNI1: "GIXDCNI1" is not the base32 of a tag: no reference can be known by it (csv acme.v2.15.0: deployment acme-operator: container operator)
}

func ExampleFunction() {
	if err := fn.Function(strings.NewReader(exampleList), os.Stdout, os.Stderr, fn.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// apiVersion: config.kubernetes.io/v1
	// kind: ResourceList
	// items:
	// - apiVersion: v1
	//   kind: Pod
	//   metadata: {name: ide}
	//   spec:
	//     containers:
	//     - image: quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222 # with Maven
	// functionConfig:
	//   apiVersion: operators.coreos.com/v1alpha1
	//   kind: ClusterServiceVersion
	//   metadata: {name: acme.v2.15.0}
	//   spec:
	//     install:
	//       spec:
	//         deployments:
	//         - name: acme-operator
	//           spec:
	//             template:
	//               spec:
	//                 containers:
	//                 - name: operator
	//                   env:
	//                   - name: RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK
	//                     value: quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222
	// results:
	// - message: "1 reference in 1 resource: 1 injected"
	//   severity: info
	// - message: "quay.io/acme/udi:2.15 is now quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222, by RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK"
	//   severity: info
	//   resourceRef:
	//     apiVersion: "v1"
	//     kind: "Pod"
	//     name: "ide"
	//   field:
	//     path: "spec.containers[0].image"
	//     currentValue: "quay.io/acme/udi:2.15"
	//     proposedValue: "quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222"
}

func ExampleProcessor_Process() {
	source := &kio.ByteReadWriter{Reader: strings.NewReader(exampleList), Writer: io.Discard}
	composed := framework.ResourceListProcessorFunc(func(rl *framework.ResourceList) error {
		err := fn.Processor{}.Process(rl)
		image, _ := rl.Items[0].GetString("spec.containers[0].image")
		fmt.Println(image)
		fmt.Println(rl.Results[0])
		return err
	})
	fmt.Println(framework.Execute(composed, source))
	// Output:
	// quay.io/acme/udi@sha256:2222222222222222222222222222222222222222222222222222222222222222
	// [info]: 1 reference in 1 resource: 1 injected
	// <nil>
}

// command returns what the commands for folders are given in examples.
func command(paths ...string) fn.Command {
	return fn.Command{
		CSVs: []string{"../examples/registry/bundle"}, Paths: paths,
		Format: "line", Quiet: true, Out: os.Stdout, Log: os.Stderr,
	}
}

func ExampleInject() {
	copies, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(copies)
	err = fn.Inject(command("../examples/registry/samples"), copies)
	fmt.Println(fn.ExitCode(err))
	// Output:
	// 2 references in 1 file: 1 injected, 1 drifted
	// 0
}

func ExampleDiff() {
	diff := command("../examples/registry/samples")
	diff.Log = io.Discard
	err := fn.Diff(diff)
	fmt.Println(fn.ExitCode(err))
	// Output:
	// --- a/../examples/registry/samples/python-devfile.yaml
	// +++ b/../examples/registry/samples/python-devfile.yaml
	// @@ -4,7 +4,7 @@
	//  components:
	//    - name: py
	//      container:
	// -      image: quay.io/acme/udi:latest
	// +      image: quay.io/acme/udi@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb
	//    - name: pinned-by-hand
	//      container:
	//        image: quay.io/acme/udi@sha256:7952b01ac0750574df0dc03620954942ec61c2b7b658c1d391fcd31a4bb5ccd7
	// 0
}

func ExampleCheck() {
	err := fn.Check(command("../examples/registry/samples"))
	fmt.Println(fn.ExitCode(err))
	// Output:
	// 2 references in 1 file: 1 stale, 1 drifted
	// 1
}

func ExampleImages() {
	images := command("../examples/registry/samples")
	images.Format, images.Quiet = "list", false
	err := fn.Images(images)
	fmt.Println(fn.ExitCode(err))
	// Output:
	// quay.io/acme/udi:latest
	// quay.io/acme/udi@sha256:7952b01ac0750574df0dc03620954942ec61c2b7b658c1d391fcd31a4bb5ccd7
	// 0
}

func ExampleCatalog() {
	catalog := command()
	catalog.CSVs = []string{"../examples/check/bundle"}
	err := fn.Catalog(catalog)
	fmt.Println(fn.ExitCode(err))
	// Output:
	// RELATED_IMAGE_sidecar_java_plugin_registry_image_GE3QU___ registry quay.io/acme/sidecar-java:17 (plugin registry) quay.io/acme/sidecar-java@sha256:bf4f8c2b990d9ee31417be1a3b02fa88feee58cc958895bc99efda8d35daefed
	// RELATED_IMAGE_udi_devfile_registry_image_GIXDCNIK registry quay.io/acme/udi:2.15 (devfile registry) quay.io/acme/udi@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb
	// RELATED_IMAGE_editor_definition_acme_code_latest_injector editor editor acme_code_latest_injector quay.io/acme/code@sha256:5aa1734bbeade3a1aef42001f7af44521484adc25023b45a69d107b548109425
	// RELATED_IMAGE_editor_definition_acme_code_latest_runtime editor editor acme_code_latest_runtime quay.io/acme/udi@sha256:03cead9794ae2e4e48749f81e40ccc3387c1b5f00d6c4f837e667e084e6e91bb
	// deployment workspaces-operator: container workspaces-operator: image container quay.io/acme/workspaces-operator@sha256:1bf31f9b01aa1559e0f3d4bb85c2353a17945883c59922eaa0ad081b291642db
	// 0
}

func ExampleFormats() {
	fmt.Println(fn.Formats())
	// Output:
	// [table line json yaml]
}

func ExampleFindingsFormats() {
	fmt.Println(fn.FindingsFormats())
	// Output:
	// [table line json yaml list]
}

func ExampleDefaultFormat() {
	fmt.Println(fn.DefaultFormat(true), fn.DefaultFormat(false))
	// Output:
	// table line
}

func ExampleStatuses() {
	fmt.Println(fn.Statuses())
	// Output:
	// [stale injected current drifted ambiguous uncovered unreachable invalid]
}

func ExampleResultKeys() {
	fmt.Println(fn.ResultKeys())
	// Output:
	// [references stale injected current drifted ambiguous uncovered unreachable invalid digest url]
}

func ExampleParseResultFile() {
	result, err := fn.ParseResultFile("stale=/tekton/results/stale")
	fmt.Println(result.Key, result.File, err)
	_, err = fn.ParseResultFile("old=/tekton/results/stale")
	fmt.Println(err)
	// Output:
	// stale /tekton/results/stale <nil>
	// "old=/tekton/results/stale": there is no KEY "old", only references, stale, injected, current, drifted, ambiguous, uncovered, unreachable, invalid, digest, url
}

// A wrong value is an error where the options are used.
func ExampleOptions() {
	for _, options := range []fn.Options{
		{Arch: "sparc"},
		{Fields: []fn.Field{{Kind: "Foo", Path: "spec/"}}},
		{Aliases: []fn.Alias{{From: "quay.io/acme"}}},
	} {
		_, err := fn.New(exampleCSV, options)
		fmt.Println(fn.ExitCode(err), err)
	}
	// Output:
	// 2 Options.Arch: "sparc" is none of amd64, arm64, ppc64le, s390x
	// 2 Options.Fields: path "spec/": a path is keys with / between them, spec/foo[]/image; several are a list, each behind a dash
	// 2 Options.Aliases: "quay.io/acme=" is not REPOSITORY=REPOSITORY, quay.io/devspaces=registry.redhat.io/devspaces
}

// The program has a flag for every option.
func ExampleAllOptions() {
	for _, o := range fn.AllOptions() {
		if o.Name == "arch" {
			fmt.Printf("--%s %s: %s\n", o.Name, o.Type, o.Help)
		}
	}
	// Output:
	// --arch GOARCH: let the variables of this architecture win: amd64, arm64, ppc64le, s390x
}

func ExampleOption_IsOf() {
	for _, o := range fn.AllOptions() {
		if o.IsOf("inject") && !o.IsOf("check") {
			fmt.Println(o.Name)
		}
	}
	// Output:
	// mode
}

func ExampleEnvironment() {
	options, err := fn.Environment([]string{"HOME=/", "INJECT_RELATED_IMAGES_KEEP_TAG=true"})
	if err != nil {
		log.Fatal(err)
	}
	engine, err := fn.New(exampleCSV, options)
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := engine.Inject("pod.yaml", "image: quay.io/acme/udi:2.15")
	fmt.Println(outcome.Text, err)
	// Output:
	// image: quay.io/acme/udi:2.15@sha256:2222222222222222222222222222222222222222222222222222222222222222 <nil>
}

// With goes before the fields, as a flag goes before what a program sets.
func ExampleOptions_With() {
	options := fn.Options{Arch: "arm64"}.With("arch", "sparc", "--arch")
	_, err := fn.New(exampleCSV, options)
	fmt.Println(err)
	// Output:
	// --arch: "sparc" is none of amd64, arm64, ppc64le, s390x
}

func ExampleOptions_Files() {
	fmt.Println(fn.Options{}.With("previous", "a.yaml\nb.yaml", "--previous").Files("previous"))
	// Output:
	// [a.yaml b.yaml] --previous
}

func ExampleExitCode() {
	check := command("../examples/registry/samples")
	check.Out, check.Log = io.Discard, io.Discard
	fmt.Println(fn.ExitCode(fn.Images(check)), fn.ExitCode(fn.Check(check)))
	check.Format = "xml"
	fmt.Println(fn.ExitCode(fn.Check(check)))
	check.Format, check.CSVs = "line", []string{"missing"}
	fmt.Println(fn.ExitCode(fn.Check(check)))
	// Output:
	// 0 1
	// 2
	// 3
}

// A command that has told all in its log returns an error without a message.
func ExampleExitError_Error() {
	check := command("missing.yaml")
	check.Log = os.Stdout
	err := fn.Check(check)
	fmt.Printf("%q %d\n", err.Error(), fn.ExitCode(err))
	// Output:
	// error: missing.yaml: no such file or directory
	// "" 3
}

func ExampleExitError_Unwrap() {
	_, err := fn.Load(fn.Sources{CSVs: []string{"missing"}}, fn.Options{})
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output:
	// true
}

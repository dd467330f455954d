package fn_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"inject-related-images/fn"
)

const (
	digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	list   = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: x}
  spec: {template: {spec: {containers: [{image: "q.io/udi:1"}]}}} # a comment
functionConfig:
  apiVersion: operators.coreos.com/v1alpha1
  kind: ClusterServiceVersion
  metadata: {name: acme.v1}
  spec: {install: {strategy: deployment, spec: {deployments: [{name: op, spec: {template: {spec: {containers: [{name: m, env: [{name: RELATED_IMAGE_udi_devfile_registry_image_GE______, value: "q.io/udi@` + digest + `"}]}]}}}}]}}}
`
)

func TestProcessorIsTheFunctionForKyaml(t *testing.T) {
	var out bytes.Buffer
	source := &kio.ByteReadWriter{Reader: strings.NewReader(list), Writer: &out, KeepReaderAnnotations: true}
	if err := framework.Execute(fn.Processor{}, source); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`image: "q.io/udi@` + digest + `"`, "# a comment", "1 reference in 1 resource: 1 injected", "currentValue: q.io/udi:1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, &out)
		}
	}
}

func TestProcessorReturnsErrorsAsResults(t *testing.T) {
	source := &kio.ByteReadWriter{Reader: strings.NewReader(strings.Replace(list, "kind: ClusterServiceVersion", "kind: Secret", 1)), Writer: &bytes.Buffer{}}
	err := framework.Execute(fn.Processor{}, source)
	if err == nil || !strings.Contains(err.Error(), "found a Secret of operators.coreos.com/v1alpha1") {
		t.Errorf("got %v, want an error about the functionConfig", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errors.New("broken") }
func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestFunctionFailsWithItsStreams(t *testing.T) {
	var out, log bytes.Buffer
	cutOff := io.MultiReader(strings.NewReader(list), iotest.ErrReader(io.ErrUnexpectedEOF))
	for _, in := range []io.Reader{broken{}, cutOff} {
		if err := fn.Function(in, &out, &log, fn.Options{}); fn.ExitCode(err) != fn.ExitFailure || out.Len() > 0 {
			t.Errorf("stdin: got %v and output %q, want exit code 3 and none", err, &out)
		}
	}
	if err := fn.Function(strings.NewReader(list), broken{}, &log, fn.Options{}); fn.ExitCode(err) != fn.ExitFailure {
		t.Errorf("stdout: got %v, want exit code 3", err)
	}
}

func TestAnUnknownFormatIsWrongUsageBeforeAnythingIsWritten(t *testing.T) {
	registry, csv := filepath.Join(t.TempDir(), "a.yaml"), filepath.Join(t.TempDir(), "csv.yaml")
	const before = "image: q.io/udi:1\n"
	_, config, _ := strings.Cut(list, "functionConfig:\n")
	for file, text := range map[string]string{registry: before, csv: strings.ReplaceAll("\n"+config, "\n  ", "\n")} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command := func(format string) (fn.Command, *bytes.Buffer) {
		out := new(bytes.Buffer)
		return fn.Command{CSVs: []string{csv}, Paths: []string{registry}, Format: format, Out: out, Log: out, Width: 120}, out
	}
	for name, run := range map[string]func(fn.Command) error{
		"inject":  func(c fn.Command) error { return fn.Inject(c, "") },
		"check":   fn.Check,
		"images":  fn.Images,
		"catalog": fn.Catalog,
	} {
		for _, format := range []string{"", "xml"} {
			c, out := command(format)
			err := run(c)
			if fn.ExitCode(err) != fn.ExitUsage || !strings.Contains(err.Error(), "choose one of table, line, json, yaml") || out.Len() > 0 {
				t.Errorf("%s in format %q: got %v and output %q, want wrong usage and none", name, format, err, out)
			}
			if text, err := os.ReadFile(registry); err != nil || string(text) != before {
				t.Fatalf("%s in format %q: the file is %q, %v", name, format, text, err)
			}
		}
	}
	c, out := command("line")
	if err := fn.Inject(c, ""); err != nil || !strings.HasPrefix(out.String(), registry+":1:8: injected: q.io/udi:1 -> q.io/udi@") {
		t.Errorf("inject in format line: got %v and output %q, want the injected reference", err, out)
	}
}

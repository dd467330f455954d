package fn_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"inject-related-images/fn"
)

// write writes a file in a folder of the test and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func callFunction(in string, o fn.Options) error {
	return fn.Function(strings.NewReader(in), io.Discard, io.Discard, o)
}

func callProcessor(t *testing.T, in string, o fn.Options) error {
	t.Helper()
	reader := &kio.ByteReader{Reader: strings.NewReader(in)}
	items, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	rl := &framework.ResourceList{Items: items, FunctionConfig: reader.FunctionConfig}
	return fn.Processor{Options: o}.Process(rl)
}

func load(o fn.Options, csvs, previous, mirrors []string) error {
	_, err := fn.Load(fn.Sources{CSVs: csvs, Previous: previous, Mirrors: mirrors}, o)
	return err
}

func parse(csv string, o fn.Options, previous ...string) error {
	_, err := fn.New(csv, o, previous...)
	return err
}

// exitCase is an error and the code that it must have.
type exitCase struct {
	name string
	err  error
	code int
}

func check(t *testing.T, cases []exitCase) {
	t.Helper()
	for _, c := range cases {
		exit, ok := c.err.(*fn.ExitError)
		if !ok {
			t.Errorf("%s: got %T %v, want an *ExitError", c.name, c.err, c.err)
		} else if exit.Code != c.code || fn.ExitCode(c.err) != c.code {
			t.Errorf("%s: got code %d of %v, want %d", c.name, exit.Code, c.err, c.code)
		}
	}
}

var (
	wrong     = fn.Options{Arch: "sparc"}
	noCSV     = strings.Replace(exampleList, "kind: ClusterServiceVersion", "kind: Secret", 1)
	noSuchVar = strings.Replace(exampleList, "quay.io/acme/udi:2.15 ", "${RELATED_IMAGE_nobody} ", 1)
)

func TestErrorsOfTheFunctionAreExitErrors(t *testing.T) {
	var none fn.Options
	in := strings.NewReader
	check(t, []exitCase{
		{"option", callFunction(exampleList, wrong), fn.ExitUsage},
		{"no such option", callFunction(exampleList, none.With("x", "y", "--x")), fn.ExitUsage},
		{"stdin", fn.Function(broken{}, io.Discard, io.Discard, none), fn.ExitFailure},
		{"stdout", fn.Function(in(exampleList), broken{}, io.Discard, none), fn.ExitFailure},
		{"stderr", fn.Function(in(noSuchVar), io.Discard, broken{}, none), fn.ExitFailure},
		{"no list", callFunction("a: b", none), fn.ExitFailure},
		{"no CSV", callFunction(noCSV, none), fn.ExitFailure},
		{"findings", callFunction(noSuchVar, none), fn.ExitFindings},
		{"processor: option", callProcessor(t, exampleList, wrong), fn.ExitUsage},
		{"processor: no CSV", callProcessor(t, noCSV, none), fn.ExitFailure},
		{"processor: findings", callProcessor(t, noSuchVar, none), fn.ExitFindings},
	})
}

func TestErrorsOfEnginesAreExitErrors(t *testing.T) {
	var none fn.Options
	csvs, missing := []string{write(t, exampleCSV)}, []string{"missing"}
	unordered := []string{csvs[0], write(t, strings.ReplaceAll(exampleCSV, "2.15.0", "2"))}
	engine, err := fn.New(exampleCSV, none)
	if err != nil {
		t.Fatal(err)
	}
	_, inject := engine.Inject("a.yaml", "a: [")
	_, environment := fn.Environment([]string{"INJECT_RELATED_IMAGES_X=1"})
	check(t, []exitCase{
		{"load: option", load(wrong, csvs, nil, nil), fn.ExitUsage},
		{"load: no CSV", load(none, nil, nil, nil), fn.ExitUsage},
		{"load: missing", load(none, missing, nil, nil), fn.ExitFailure},
		{"load: other file", load(none, []string{write(t, "a: b")}, nil, nil), fn.ExitFailure},
		{"load: missing previous", load(none, csvs, missing, nil), fn.ExitFailure},
		{"load: missing mirrors", load(none, csvs, nil, missing), fn.ExitFailure},
		{"load: no mirrors", load(none, csvs, nil, []string{write(t, "a: [")}), fn.ExitFailure},
		{"load: which is newer", load(none, unordered, nil, nil), fn.ExitUsage},
		{"new: option", parse(exampleCSV, wrong), fn.ExitUsage},
		{"new: no YAML", parse("a: [", none), fn.ExitFailure},
		{"new: no CSV", parse("a: b", none), fn.ExitFailure},
		{"new: no variables", parse(exampleCSV, fn.Options{Prefixes: []string{"NOBODY_"}}), fn.ExitFailure},
		{"new: no previous", parse(exampleCSV, none, "a: b"), fn.ExitFailure},
		{"inject", inject, fn.ExitFailure},
		{"environment", environment, fn.ExitUsage},
	})
}

func TestErrorsOfCommandsAreExitErrors(t *testing.T) {
	csv, stale := write(t, exampleCSV), write(t, "image: quay.io/acme/udi:2.15\n")
	other, noSuchVar := write(t, "a: b\n"), write(t, "image: ${RELATED_IMAGE_nobody}\n")
	with := func(change func(*fn.Command)) fn.Command {
		c := fn.Command{CSVs: []string{csv}, Paths: []string{stale}, Format: "line", Out: io.Discard, Log: io.Discard}
		change(&c)
		return c
	}
	images := func(change func(*fn.Command)) error { return fn.Images(with(change)) }
	catalog := func(change func(*fn.Command)) error { return fn.Catalog(with(change)) }
	files := []fn.ResultFile{{Key: "stale", File: "missing/x"}}
	ended, end := context.WithCancel(t.Context())
	end()
	_, resultFile := fn.ParseResultFile("x=y")
	check(t, []exitCase{
		{"option", images(func(c *fn.Command) { c.Options = wrong }), fn.ExitUsage},
		{"format", images(func(c *fn.Command) { c.Format = "xml" }), fn.ExitUsage},
		{"status", images(func(c *fn.Command) { c.Statuses = []string{"old"} }), fn.ExitUsage},
		{"quiet JSON", images(func(c *fn.Command) { c.Format, c.Quiet = "json", true }), fn.ExitUsage},
		{"missing CSV", images(func(c *fn.Command) { c.CSVs = []string{"missing"} }), fn.ExitFailure},
		{"missing path", images(func(c *fn.Command) { c.Paths = []string{"missing"} }), fn.ExitFailure},
		{"no references", images(func(c *fn.Command) { c.Paths = []string{other} }), fn.ExitFailure},
		{"report", images(func(c *fn.Command) { c.Out = broken{} }), fn.ExitFailure},
		{"findings", images(func(c *fn.Command) { c.Paths = []string{noSuchVar} }), fn.ExitFindings},
		{"result file", images(func(c *fn.Command) { c.Results = files }), fn.ExitFailure},
		{"KEY of result file", resultFile, fn.ExitUsage},
		{"check: findings", fn.Check(with(func(*fn.Command) {})), fn.ExitFindings},
		{"diff: report", fn.Diff(with(func(c *fn.Command) { c.Out = broken{} })), fn.ExitFailure},
		{"images: ended", fn.Images(with(func(c *fn.Command) { c.Context = ended })), fn.ExitFailure},
		{"catalog: ended", fn.Catalog(with(func(c *fn.Command) { c.Context = ended })), fn.ExitFailure},
		{"inject: ended", fn.Inject(with(func(c *fn.Command) { c.Context = ended }), ""), fn.ExitFailure},
		{"inject: check", fn.Inject(with(func(c *fn.Command) { c.Options.Check = true }), ""), fn.ExitUsage},
		{"inject: output is a file", fn.Inject(with(func(*fn.Command) {}), other), fn.ExitFailure},
		{"catalog: format", catalog(func(c *fn.Command) { c.Format = "list" }), fn.ExitUsage},
		{"catalog: report", catalog(func(c *fn.Command) { c.Out = broken{} }), fn.ExitFailure},
		{"catalog: missing path", catalog(func(c *fn.Command) { c.Paths = []string{"missing"} }), fn.ExitFailure},
		{"catalog: no references", catalog(func(c *fn.Command) { c.Paths = []string{other} }), fn.ExitFailure},
		{"catalog: missing CSV", catalog(func(c *fn.Command) { c.CSVs = []string{"missing"} }), fn.ExitFailure},
	})
}

func TestErrorsOfStreamsNameTheStream(t *testing.T) {
	for want, err := range map[string]error{
		"stdin: broken":  fn.Function(broken{}, io.Discard, io.Discard, fn.Options{}),
		"stdout: broken": fn.Function(strings.NewReader(noSuchVar), broken{}, io.Discard, fn.Options{}),
		"stderr: broken": fn.Function(strings.NewReader(noSuchVar), io.Discard, broken{}, fn.Options{}),
	} {
		if err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestProcessorChangesWhatDoesNotFail(t *testing.T) {
	in := strings.Replace(exampleList, "    - image:", "    - image: ${RELATED_IMAGE_nobody}\n    - image:", 1)
	var out strings.Builder
	err := framework.Execute(fn.Processor{}, &kio.ByteReadWriter{Reader: strings.NewReader(in), Writer: &out})
	var results framework.Results
	if !errors.As(err, &results) || results.ExitCode() != 1 {
		t.Errorf("got error %v, want results", err)
	}
	for _, want := range []string{"image: quay.io/acme/udi@sha256:2", "image: ${RELATED_IMAGE_nobody}"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in\n%s", want, &out)
		}
	}
}

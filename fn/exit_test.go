package fn_test

import (
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

// runs are ways to run the function and the commands, and to make engines.
type runs struct {
	csv, stale, other string // files: a CSV, a text that it changes, a text without references
}

func (r runs) function(in string, o fn.Options) error {
	return fn.Function(strings.NewReader(in), io.Discard, io.Discard, o)
}

func (r runs) processor(t *testing.T, in string, o fn.Options) error {
	reader := &kio.ByteReader{Reader: strings.NewReader(in)}
	items, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	return fn.Processor{Options: o}.Process(&framework.ResourceList{Items: items, FunctionConfig: reader.FunctionConfig})
}

func (r runs) command(change func(*fn.Command)) fn.Command {
	c := fn.Command{CSVs: []string{r.csv}, Paths: []string{r.stale}, Format: "line", Out: io.Discard, Log: io.Discard}
	change(&c)
	return c
}

func load(s fn.Sources) error {
	_, err := fn.Load(s, fn.Options{})
	return err
}

func parse(csv string, o fn.Options, previous ...string) error {
	_, err := fn.New(csv, o, previous...)
	return err
}

func TestEveryErrorIsAnExitErrorWithTheCodeOfItsKind(t *testing.T) {
	const brokenVariable = "image: ${RELATED_IMAGE_nobody}\n"
	r := runs{write(t, exampleCSV), write(t, "image: quay.io/acme/udi:2.15\n"), write(t, "a: b\n")}
	failing := strings.Replace(exampleList, "quay.io/acme/udi:2.15 ", "${RELATED_IMAGE_nobody} ", 1)
	noCSV := strings.Replace(exampleList, "kind: ClusterServiceVersion", "kind: Secret", 1)
	wrong := fn.Options{Arch: "sparc"}
	engine, err := fn.New(exampleCSV, fn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, environmentErr := fn.Environment([]string{"INJECT_RELATED_IMAGES_X=1"})
	_, resultFileErr := fn.ParseResultFile("x=y")
	_, injectErr := engine.Inject("a.yaml", "a: [")
	tests := map[string]struct {
		err  error
		code int
	}{
		"function, option":         {r.function(exampleList, wrong), fn.ExitUsage},
		"function, no option":      {r.function(exampleList, fn.Options{}.With("x", "y", "--x")), fn.ExitUsage},
		"function, stdin":          {fn.Function(broken{}, io.Discard, io.Discard, fn.Options{}), fn.ExitFailure},
		"function, stdout":         {fn.Function(strings.NewReader(exampleList), broken{}, io.Discard, fn.Options{}), fn.ExitFailure},
		"function, stderr":         {fn.Function(strings.NewReader(failing), io.Discard, broken{}, fn.Options{}), fn.ExitFailure},
		"function, no list":        {r.function("a: b", fn.Options{}), fn.ExitFailure},
		"function, no CSV":         {r.function(noCSV, fn.Options{}), fn.ExitFailure},
		"function, findings":       {r.function(failing, fn.Options{}), fn.ExitFindings},
		"processor, option":        {r.processor(t, exampleList, wrong), fn.ExitUsage},
		"processor, no CSV":        {r.processor(t, noCSV, fn.Options{}), fn.ExitFailure},
		"processor, findings":      {r.processor(t, failing, fn.Options{}), fn.ExitFindings},
		"load, option":             {func() error { _, err := fn.Load(fn.Sources{CSVs: []string{r.csv}}, wrong); return err }(), fn.ExitUsage},
		"load, no CSV":             {load(fn.Sources{}), fn.ExitUsage},
		"load, missing":            {load(fn.Sources{CSVs: []string{"missing"}}), fn.ExitFailure},
		"load, other file":         {load(fn.Sources{CSVs: []string{r.other}}), fn.ExitFailure},
		"load, missing previous":   {load(fn.Sources{CSVs: []string{r.csv}, Previous: []string{"missing"}}), fn.ExitFailure},
		"load, missing mirrors":    {load(fn.Sources{CSVs: []string{r.csv}, Mirrors: []string{"missing"}}), fn.ExitFailure},
		"load, other mirrors":      {load(fn.Sources{CSVs: []string{r.csv}, Mirrors: []string{write(t, "a: [")}}), fn.ExitFailure},
		"load, which is newer":     {load(fn.Sources{CSVs: []string{r.csv, write(t, strings.ReplaceAll(exampleCSV, "2.15.0", "2"))}}), fn.ExitUsage},
		"new, option":              {parse(exampleCSV, wrong), fn.ExitUsage},
		"new, no YAML":             {parse("a: [", fn.Options{}), fn.ExitFailure},
		"new, no CSV":              {parse("a: b", fn.Options{}), fn.ExitFailure},
		"new, no variables":        {parse(exampleCSV, fn.Options{Prefixes: []string{"NOBODY_"}}), fn.ExitFailure},
		"new, no previous":         {parse(exampleCSV, fn.Options{}, "a: b"), fn.ExitFailure},
		"inject a text":            {injectErr, fn.ExitFailure},
		"environment":              {environmentErr, fn.ExitUsage},
		"result file":              {resultFileErr, fn.ExitUsage},
		"command, option":          {fn.Images(r.command(func(c *fn.Command) { c.Options = wrong })), fn.ExitUsage},
		"command, format":          {fn.Images(r.command(func(c *fn.Command) { c.Format = "xml" })), fn.ExitUsage},
		"command, status":          {fn.Images(r.command(func(c *fn.Command) { c.Statuses = []string{"old"} })), fn.ExitUsage},
		"command, nothing left":    {fn.Images(r.command(func(c *fn.Command) { c.Format, c.Quiet = "json", true })), fn.ExitUsage},
		"command, missing CSV":     {fn.Images(r.command(func(c *fn.Command) { c.CSVs = []string{"missing"} })), fn.ExitFailure},
		"command, missing path":    {fn.Images(r.command(func(c *fn.Command) { c.Paths = []string{"missing"} })), fn.ExitFailure},
		"command, no references":   {fn.Images(r.command(func(c *fn.Command) { c.Paths = []string{r.other} })), fn.ExitFailure},
		"command, report":          {fn.Images(r.command(func(c *fn.Command) { c.Out = broken{} })), fn.ExitFailure},
		"command, findings":        {fn.Images(r.command(func(c *fn.Command) { c.Paths = []string{write(t, brokenVariable)} })), fn.ExitFindings},
		"command, result file":     {fn.Images(r.command(func(c *fn.Command) { c.Results = []fn.ResultFile{{Key: "stale", File: "missing/x"}} })), fn.ExitFailure},
		"check, findings":          {fn.Check(r.command(func(*fn.Command) {})), fn.ExitFindings},
		"diff, report":             {fn.Diff(r.command(func(c *fn.Command) { c.Out = broken{} })), fn.ExitFailure},
		"inject, mode check":       {fn.Inject(r.command(func(c *fn.Command) { c.Options.Check = true }), ""), fn.ExitUsage},
		"inject, folder is a file": {fn.Inject(r.command(func(*fn.Command) {}), r.other), fn.ExitFailure},
		"catalog, format":          {fn.Catalog(r.command(func(c *fn.Command) { c.Format = "list" })), fn.ExitUsage},
		"catalog, report":          {fn.Catalog(r.command(func(c *fn.Command) { c.Out = broken{} })), fn.ExitFailure},
		"catalog, missing CSV":     {fn.Catalog(r.command(func(c *fn.Command) { c.CSVs = []string{"missing"} })), fn.ExitFailure},
	}
	for name, test := range tests {
		exit, ok := test.err.(*fn.ExitError)
		if !ok {
			t.Errorf("%s: got %T %v, want an *ExitError", name, test.err, test.err)
		} else if exit.Code != test.code || fn.ExitCode(test.err) != test.code {
			t.Errorf("%s: got code %d of %v, want %d", name, exit.Code, test.err, test.code)
		}
	}
}

func TestErrorsOfStreamsNameTheStream(t *testing.T) {
	failing := strings.Replace(exampleList, "quay.io/acme/udi:2.15 ", "${RELATED_IMAGE_nobody} ", 1)
	for want, err := range map[string]error{
		"stdin: broken":  fn.Function(broken{}, io.Discard, io.Discard, fn.Options{}),
		"stdout: broken": fn.Function(strings.NewReader(failing), broken{}, io.Discard, fn.Options{}),
		"stderr: broken": fn.Function(strings.NewReader(failing), io.Discard, broken{}, fn.Options{}),
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

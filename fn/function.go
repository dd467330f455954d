package fn

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"inject-related-images/internal/config"
	"inject-related-images/internal/krm"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
)

// Function is the KRM function: what kustomize and kpt call. It reads a ResourceList from in,
//
//	apiVersion: config.kubernetes.io/v1
//	kind: ResourceList
//	items:
//	- apiVersion: apps/v1
//	  kind: Deployment
//	  ...
//	functionConfig:
//	  apiVersion: operators.coreos.com/v1alpha1
//	  kind: ClusterServiceVersion
//	  ...
//
// and writes it to out with the images of the CSV in its items, every other byte as it was, and
// with results. The functionConfig is a CSV or the operator's Deployment; or an InjectRelatedImages
// or a ConfigMap of options, and then the CSVs are among the items. The schema of an
// InjectRelatedImages is in functionconfig.schema.json.
//
// Results are errors, a summary, and one for each reference: its field, currentValue, and what the
// CSV says as proposedValue. Warnings, errors and the choice among several releases go to log as
// well, since kustomize shows no results.
//
// Function opens no files and no network connections. It writes once, at the end.
//
// The error is an *ExitError. Its code is
//
//   - ExitUsage if an option is wrong. Nothing was read or written.
//   - ExitFailure if in is no ResourceList, or a stream fails: errors call them stdin, stdout and
//     stderr. Nothing was written to out, unless out itself failed.
//   - ExitFailure, too, if the functionConfig, or a CSV among the items, cannot be used. The
//     ResourceList was written as it came, with the error as its result.
//   - ExitFindings if references fail, as Options.FailOn says. The ResourceList was written, and
//     their results are errors.
//
// See the KRM Functions Specification:
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
func Function(in io.Reader, out, log io.Writer, options Options) error {
	values, err := options.values()
	if err != nil {
		return &ExitError{ExitUsage, err}
	}
	for _, o := range config.Table {
		if given, ok := values[o.Name]; ok && !given.Inline && (o.Opens || o.Selects) {
			_, err := fmt.Fprintf(log, "warning: %s: it is for the commands: the function opens no files\n", given.Given)
			if err != nil {
				return &ExitError{ExitFailure, fmt.Errorf("stderr: %w", err)}
			}
		}
	}
	source, err := readAll(in)
	if err != nil {
		return &ExitError{ExitFailure, fmt.Errorf("stdin: %w", err)}
	}
	output, failure := krm.Run(source, values)
	if output == nil {
		return &ExitError{ExitFailure, failure}
	}
	code := policy.ExitCode(failure)
	for r := range output.Log() {
		if r.Severity == framework.Error && code == ExitFailure {
			continue // it is the failure, which is returned
		}
		if _, err := fmt.Fprintln(log, quote.Text(r.String())); err != nil {
			return &ExitError{ExitFailure, fmt.Errorf("stderr: %w", err)}
		}
	}
	if err := output.Write(out); err != nil {
		return &ExitError{ExitFailure, fmt.Errorf("stdout: %w", err)}
	}
	if failure != nil {
		return &ExitError{code, failure}
	}
	return nil
}

// readAll reads into pieces and puts them together: a buffer that grows would take as much memory
// again. With pieces of 1 MB instead of 8 the function takes 20 MB more for 10,000 resources.
func readAll(in io.Reader) (string, error) {
	var pieces [][]byte
	piece, length := make([]byte, 0, 64<<10), 0
	for {
		n, err := in.Read(piece[len(piece):cap(piece)])
		piece, length = piece[:len(piece)+n], length+n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		if len(piece) == cap(piece) {
			pieces = append(pieces, piece)
			piece = make([]byte, 0, 8<<20)
		}
	}
	var b strings.Builder
	b.Grow(length)
	for _, piece := range append(pieces, piece) {
		b.Write(piece)
	}
	return b.String(), nil
}

// Processor is the function for programs that are composed of kyaml functions, which
// framework.Execute runs. Comments survive, but kyaml has read the items and will write them in its
// own style.
type Processor struct {
	Options Options // the annotations of the functionConfig are below them
}

var _ framework.ResourceListProcessor = Processor{}

// Process does with rl what Function does with a stream: it changes rl.Items, and sets rl.Results.
//
// The error is an *ExitError with the codes of Function. Where one of the results is an error, it
// holds rl.Results, which are framework.Results.
func (p Processor) Process(rl *framework.ResourceList) error {
	values, err := p.Options.values()
	if err != nil {
		return &ExitError{ExitUsage, err}
	}
	var source strings.Builder
	writer := kio.ByteWriter{
		Writer: &source, FunctionConfig: rl.FunctionConfig, KeepReaderAnnotations: true,
		WrappingAPIVersion: kio.ResourceListAPIVersion, WrappingKind: kio.ResourceListKind,
	}
	if err := writer.Write(rl.Items); err != nil {
		return &ExitError{ExitFailure, err}
	}
	output, failure := krm.Run(source.String(), values)
	if output == nil {
		return &ExitError{ExitFailure, failure}
	}
	items, err := (&kio.ByteReader{Reader: strings.NewReader(output.String()), OmitReaderAnnotations: true}).Read()
	if err != nil {
		return &ExitError{ExitFailure, err}
	}
	for i, item := range items {
		rl.Items[i].SetYNode(item.YNode())
	}
	rl.Results = slices.Collect(output.Results())
	if failure != nil {
		return &ExitError{policy.ExitCode(failure), rl.Results}
	}
	return nil
}

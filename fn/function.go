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
)

// Function is the KRM function (KRM Functions Specification v1). It reads a ResourceList from in, whose functionConfig is a
// CSV, and writes it to out with the references in its items changed and results added: errors, a summary, one result a
// reference. Warnings, errors and the choice among several releases go to log as well, since kustomize shows no results.
//
// Nothing is written to out when an option cannot be used, or in is no ResourceList; with a functionConfig that cannot be used, the items go out as they
// came, with an error among the results. All are an *ExitError, and so are references that options say to fail on.
//
// The functionConfig, and below it the annotations of the CSVs, give the options that are not among the given ones.
func Function(in io.Reader, out, log io.Writer, options Options) error {
	if _, err := options.values.Parse(); err != nil { // of flags and the environment, whatever the functionConfig says
		return &ExitError{ExitUsage, err}
	}
	for _, o := range config.Table {
		if files, given := options.Files(o.Name); o.Opens && len(files) > 0 {
			_, err := fmt.Fprintf(log, "warning: %s: it is for the commands: the function opens no files\n", given)
			if err != nil {
				return &ExitError{ExitFailure, err}
			}
		}
	}
	source, err := readAll(in)
	if err != nil {
		return &ExitError{ExitFailure, fmt.Errorf("stdin: %w", err)}
	}
	output, failure := krm.Run(source, options.values)
	if output == nil {
		return &ExitError{ExitFailure, failure}
	}
	code := policy.ExitCode(failure)
	for r := range output.Log() {
		if r.Severity == framework.Error && code == ExitFailure {
			continue // it is the failure, which is returned
		}
		if _, err := fmt.Fprintln(log, r); err != nil {
			return &ExitError{ExitFailure, err}
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

// Processor is the function for programs that are composed of kyaml functions. It changes rl.Items and sets rl.Results; the
// error is rl.Results where one of them is an error. Kyaml has read the items and will write them again, in its own hand.
type Processor struct {
	Options Options
}

var _ framework.ResourceListProcessor = Processor{}

// Process implements framework.ResourceListProcessor.
func (p Processor) Process(rl *framework.ResourceList) error {
	var source strings.Builder
	writer := kio.ByteWriter{
		Writer: &source, FunctionConfig: rl.FunctionConfig, KeepReaderAnnotations: true,
		WrappingAPIVersion: kio.ResourceListAPIVersion, WrappingKind: kio.ResourceListKind,
	}
	if err := writer.Write(rl.Items); err != nil {
		return err
	}
	output, failure := krm.Run(source.String(), p.Options.values)
	if output == nil {
		return failure
	}
	rl.Results = slices.Collect(output.Results())
	if failure != nil {
		return rl.Results
	}
	items, err := (&kio.ByteReader{Reader: strings.NewReader(output.String()), OmitReaderAnnotations: true}).Read()
	if err != nil {
		return err
	}
	for i, item := range items {
		rl.Items[i].SetYNode(item.YNode())
	}
	return nil
}

package fn

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/report"
	"inject-related-images/internal/rewrite"
	"inject-related-images/internal/tree"
)

// Command is what the commands for folders have in common.
type Command struct {
	CSVs    []string // files, or bundle folders that hold exactly one CSV
	Paths   []string // the files and folders to look at
	Options Options
	Format  string // table, json or yaml; Images also takes list
	Out     io.Writer
	Log     io.Writer // for warnings and errors
	Width   int       // of tables, in columns
	Color   bool      // in tables
}

// Formats are the formats that Inject, Check and Catalog write; Images writes FormatList as well.
var Formats = []string{string(report.FormatTable), string(report.FormatJSON), string(report.FormatYAML)}

// FormatList is the format of an image a line.
const FormatList = string(report.FormatList)

// Inject rewrites the files of c.Paths in place, or with output their copies in that folder, and writes the findings to c.Out.
func Inject(c Command, output string) error {
	mode := tree.InPlace
	if output != "" {
		mode = tree.Copy
	}
	done, err := c.run(tree.Options{Mode: mode, Output: output})
	if err != nil {
		return err
	}
	return c.finish(done, true, nil)
}

// Diff writes what Inject would change to c.Out, as a unified diff, and changes nothing.
func Diff(c Command) error {
	done, err := c.run(tree.Options{Mode: tree.Diff})
	if err != nil {
		return err
	}
	for _, d := range done.Diffs {
		if _, err := io.WriteString(c.Out, d); err != nil {
			return &ExitError{ExitFailure, err}
		}
	}
	c.Out, c.Format = c.Log, string(report.FormatTable)
	return c.finish(done, true, nil)
}

// Check writes the findings to c.Out. It fails with ExitFindings where Inject would change something, or should and cannot.
func Check(c Command) error {
	done, err := c.run(tree.Options{})
	if err != nil {
		return err
	}
	return c.finish(done, true, func(f rewrite.Finding) bool {
		return f.Status == rewrite.Stale || f.Status == rewrite.Unreachable && f.Proposed != ""
	})
}

// Images writes the findings to c.Out, also of references that are current.
func Images(c Command) error {
	done, err := c.run(tree.Options{})
	if err != nil {
		return err
	}
	return c.finish(done, false, nil)
}

// Catalog writes what the CSVs offer to c.Out.
func Catalog(c Command) error {
	images, err := c.load()
	if err != nil {
		return err
	}
	if err := report.Catalog(c.Out, report.Format(c.Format), c.screen(), images); err != nil {
		return &ExitError{ExitFailure, err}
	}
	return nil
}

func (c Command) screen() report.Screen { return report.Screen{Width: c.Width, Color: c.Color} }

func (c Command) load() (*catalog.Catalog, error) {
	images, err := olm.Load(c.CSVs...)
	if err != nil {
		return nil, &ExitError{ExitFailure, err}
	}
	for _, warning := range images.Warnings() {
		c.log("warning", warning)
	}
	return images, nil
}

func (c Command) run(o tree.Options) (tree.Report, error) {
	options, err := c.Options.values.Parse()
	if err != nil {
		return tree.Report{}, &ExitError{ExitUsage, err}
	}
	images, err := c.load()
	if err != nil {
		return tree.Report{}, err
	}
	r := rewrite.Rewriter{Catalog: images, Scope: locate.NewScope(options.Fields, options.Exclude)}
	return tree.Run(r, c.Paths, o), nil
}

// finish writes a report and says how the program ends. fails tells the findings that fail.
func (c Command) finish(done tree.Report, changes bool, fails func(rewrite.Finding) bool) error {
	for _, note := range done.Notes {
		c.log("warning", note)
	}
	for _, err := range done.Errs {
		c.log("error", err.Error())
	}
	if err := report.Findings(c.Out, report.Format(c.Format), c.screen(), done.Findings, changes); err != nil {
		return &ExitError{ExitFailure, err}
	}
	if len(done.Errs) > 0 {
		return &ExitError{Code: ExitFailure}
	}
	if len(done.Findings) == 0 {
		return &ExitError{ExitFailure, fmt.Errorf("%s: no file there holds an image reference: name the folders of a registry", strings.Join(c.Paths, ", "))}
	}
	failed := 0
	for _, f := range done.Findings {
		if fails != nil && fails(f) {
			failed++
		}
	}
	if failed > 0 {
		return &ExitError{ExitFindings, fmt.Errorf("%d of %d references are not what the CSV says: run inject", failed, len(done.Findings))}
	}
	return nil
}

// log writes a line, or more for errors that were joined. That the log cannot be written to is nobody's to know.
func (c Command) log(severity, message string) {
	for line := range strings.SplitSeq(message, "\n") {
		_, _ = fmt.Fprintf(c.Log, "%s: %s\n", severity, line)
	}
}

// ExitCode returns the exit code for an error of this package; any other error is wrong usage.
func ExitCode(err error) int {
	var exit *ExitError
	switch {
	case err == nil:
		return ExitFine
	case errors.As(err, &exit):
		return exit.Code
	}
	return ExitUsage
}

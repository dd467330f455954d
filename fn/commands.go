package fn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/files"
	"inject-related-images/internal/image"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/report"
	"inject-related-images/internal/source"
)

// Command is what the commands for files and folders have in common.
//
// Their error is an *ExitError. Its code is ExitFindings if findings fail, as Options.FailOn says;
// ExitUsage if the command cannot be run so, and then nothing was written; ExitFailure if a file
// could not be read, parsed or written, which the log names, and then all others were done.
type Command struct {
	// Context ends a command before its time; nil never does. Inject finishes the files that it is
	// writing, and reports what is done. The code is ExitFailure then, and the error the cause.
	Context context.Context

	CSVs     []string     // files, bundle folders that hold exactly one CSV, catalogs, images of these, or "-" for In
	Previous []string     // the same, or folders with any number of them, of earlier releases
	Mirrors  []string     // files with ImageDigestMirrorSets and their kind
	Maps     []string     // files with the variables that decide images
	CAs      []string     // files with certificates of authorities to trust beside the system's, for images in registries
	Paths    []string     // the files, folders and images to look at, or Stream alone
	Options  Options      // how references are decided, and what fails
	Results  []ResultFile // where to write numbers of the report, too
	Format   string       // one of Formats; for all but Catalog one of FindingsFormats
	Statuses []string     // some of Statuses: only findings that have one of them are shown; nil is all
	Quiet    bool         // show no findings, only how many there are, and log only errors
	In       io.Reader    // is read where one of CSVs, Previous and Paths is "-"
	Out      io.Writer    // for the report, and for what comes from In
	Log      io.Writer    // for warnings and errors
	Progress io.Writer    // a terminal on which to show what comes from registries, or nil

	to    *image.Address // where Inject writes an image, or nil
	Width int            // of tables, in columns, at least 40
	Color bool           // in tables
}

// Formats returns the names of the formats that all commands can write.
func Formats() []string { return report.CatalogFormats() }

// FindingsFormats returns the names of the formats for references.
func FindingsFormats() []string { return report.FindingsFormats() }

// DefaultFormat returns the name of the format that is taken where none is asked for: one for
// people, or one for programs that read lines.
func DefaultFormat(terminal bool) string {
	if terminal {
		return report.Table
	}
	return report.Line
}

// Statuses returns the statuses that a reference can have.
func Statuses() []string { return policy.StatusNames() }

// Inject rewrites the files of c.Paths in place, or with output their copies in that folder, and
// writes the findings to c.Out. It fails with ExitFindings on what the option fail-on says.
//
// If output is the address of an image, as docker://REF, c.Paths is one image. It is written there,
// with one layer more that has the files which change, and its digest before and after is in the
// last lines of the report. Nothing is written if a file could not be read.
//
// If c.Paths is Stream, what comes from c.In goes to c.Out, and the findings go to c.Log. Nothing
// is written to c.Out unless all of the text could be read, and parses.
func Inject(c Command, output string) error {
	mode := files.InPlace
	switch {
	case c.isStream() && output != "":
		return &ExitError{ExitUsage, errors.New("--to is a folder, and PATH - goes to stdout: give one of them")}
	case c.isStream():
		return c.injectStream()
	case output != "":
		mode = files.Copy
	}
	to, err := c.imageTo(output)
	if err != nil {
		return &ExitError{ExitUsage, err}
	}
	if to != nil {
		mode, c.to = files.InPlace, to
	}
	done, err := c.run(policy.Inject, files.Options{Mode: mode, Output: output})
	if err != nil {
		return err
	}
	return c.finish(done)
}

// Diff writes what Inject would change to c.Out, as a unified diff, and changes nothing. The
// findings go to c.Log.
func Diff(c Command) error {
	done, err := c.run(policy.Inject, files.Options{Mode: files.Diff})
	if err != nil {
		return err
	}
	for _, d := range done.Diffs {
		if _, err := io.WriteString(c.Out, d); err != nil {
			done.Errs = append(done.Errs, err)
			break
		}
	}
	c.Out = c.Log
	return c.finish(done)
}

// Check writes the findings to c.Out. It fails with ExitFindings on what the option fail-on says,
// by default where Inject would change something, or should and cannot.
func Check(c Command) error {
	done, err := c.run(policy.Check, files.Options{})
	if err != nil {
		return err
	}
	return c.finish(done)
}

// Images writes the findings to c.Out, also of references that are current.
func Images(c Command) error {
	done, err := c.run(policy.Images, files.Options{})
	if err != nil {
		return err
	}
	return c.finish(done)
}

func (c Command) screen() report.Screen { return report.Screen{Width: c.Width, Color: c.Color} }

// engine reads options and CSVs, and logs what is to be known of them. An option may say that
// nothing must be written.
func (c Command) engine(writes bool) (*Engine, error) {
	if err := readsStdinOnce(c.CSVs, c.Previous, c.Paths); err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	e, err := orEnd(c.context(), func() (*Engine, error) { return Load(c.sources(), c.Options) })
	if c.hasEnded(err) {
		return nil, c.interrupted()
	}
	if err != nil {
		return nil, err
	}
	if e.options.Check && writes {
		return nil, &ExitError{ExitUsage, fmt.Errorf(
			"%s: in mode check nothing is written: run the command check, or give --mode inject", e.checks)}
	}
	if note := e.history.Note(); note != "" {
		c.log("info", note)
	}
	for _, warning := range slices.Concat(e.history.Warnings(), e.engine.Catalog.Warnings()) {
		c.log("warning", warning)
	}
	return e, nil
}

// inputs are the paths of all that the command reads beside c.Paths.
func (c Command) inputs() []string {
	return slices.Concat(c.CSVs, c.Previous, c.Mirrors, c.Maps, c.CAs)
}

func (c Command) sources() Sources {
	return Sources{
		CSVs: c.CSVs, Previous: c.Previous, Stdin: c.In, Mirrors: c.Mirrors, Maps: c.Maps,
		CAs: c.CAs, Context: c.Context, Progress: c.Progress,
	}
}

// done is what was found and done, what that means to which command, and how it is shown.
type done struct {
	files.Report
	text    string // of a stream
	command policy.Command
	options config.Options
	counts  *policy.Counts
	results []resultFile

	format   report.Format
	statuses []engine.Status // that are shown
}

func (c Command) run(command policy.Command, o files.Options) (done, error) {
	format, err := report.FormatOf(c.Format, FindingsFormats())
	if err == nil && c.Quiet && !format.Counts {
		err = fmt.Errorf("--quiet leaves nothing of the format %s: choose table or line", c.Format)
	}
	if err != nil {
		return done{}, &ExitError{ExitUsage, err}
	}
	statuses, err := policy.ParseStatuses(c.Statuses)
	if err != nil {
		return done{}, &ExitError{ExitUsage, fmt.Errorf("--status: %w", err)}
	}
	if err := c.checkStream(); err != nil {
		return done{}, err
	}
	writes := o.Mode == files.InPlace || o.Mode == files.Copy
	e, err := c.engine(writes)
	if err != nil {
		return done{}, err
	}
	meaning, bad := policy.New(command, e.options.FailOn), e.engine.Catalog.BadVariables()
	for _, warning := range bad {
		c.log(string(meaning.VariableSeverity()), warning)
	}
	results, err := c.openResults(o.Mode == files.Diff || !format.Counts || c.isStream() && command == policy.Inject)
	if err != nil {
		return done{}, err
	}
	o.Skip, o.Root, o.Reserved = e.options.Skip, e.options.Root, openFiles(results)
	if o.Mode == files.Copy || c.to != nil {
		o.Inputs = source.Opener{}.Inputs(c.inputs()...)
	}
	report, text, err := c.look(e, o)
	if c.hasEnded(err) || report.Undone > 0 && !writes {
		discard(results)
		return done{}, c.interrupted()
	}
	if err != nil {
		return done{}, c.refused(e, meaning, results, err)
	}
	counts := meaning.Count(report.Findings...)
	counts.AddBadVariables(len(bad))
	return done{report, text, command, e.options, counts, results, format, statuses}, nil
}

// refused ends a command that was refused before anything was written, with err. The result files
// say what there is, unless one of them is the reason.
func (c Command) refused(e *Engine, meaning policy.Policy, results []resultFile, err error) error {
	var reserved *files.ReservedError
	var destination *image.DestinationError
	if errors.As(err, &reserved) || errors.As(err, &destination) {
		discard(results)
		return &ExitError{ExitUsage, err}
	}
	c.fail(err)
	if len(results) > 0 {
		var seen files.Report
		if !c.isStream() { // which has been read; errors are those of err, or of no interest
			seen, _ = c.lookAtFiles(e, files.Options{Skip: e.options.Skip, Root: e.options.Root})
		}
		for _, err := range writeResults(results, meaning.Count(seen.Findings...), nil) {
			c.fail(err)
		}
	}
	return &ExitError{Code: ExitFailure}
}

// finish writes the report of a command and its result files, and returns the error that ends the
// program. A report that cannot be written does not keep the result files from being written, nor
// do they keep one another. Errors stand behind the report, where they are seen.
func (c Command) finish(d done) error {
	errs, last := d.Errs, lastLines(d.Report)
	if len(d.Findings) > 0 || len(d.Errs) == 0 || !d.format.Counts {
		err := d.format.WriteFindings(c.Out, report.Findings{
			Files: d.Findings, Counts: d.counts, Statuses: d.statuses,
			OnlyChanges: d.command != policy.Images, Quiet: c.Quiet, Screen: c.screen(), Note: strings.Join(last, "\n"),
		})
		if err != nil {
			errs = append(errs, err)
		}
		if d.format.Counts {
			last = nil
		}
	}
	errs = append(errs, writeResults(d.results, d.counts, d.Respun)...)
	verdict := d.counts.Verdict()
	switch {
	case d.counts.All() > 0:
		d.Notes = append(d.Notes, c.emptyFolders(d.Files)...)
	case c.isStream() && d.command == policy.Inject && len(d.Errs) == 0:
		d.Notes = append(d.Notes, emptyStream) // another program wrote it, with references or without
	default:
		verdict = c.withoutReferences(d.Files)
	}
	for _, note := range d.Notes {
		c.log("warning", note)
	}
	if len(d.Errs) == 0 && d.Undone == 0 { // what could not be read may be what they match
		for _, warning := range slices.Concat(unmatchedGlobs(d.Report), d.options.Unmatched(d.Usage)) {
			c.log("warning", warning)
		}
	}
	if note := policy.TemplatesNote(d.Templates); note != "" {
		c.log("info", note)
	}
	for _, line := range last {
		c.log("info", line)
	}
	if verdict == nil {
		for _, warning := range d.counts.Warnings() {
			c.log("warning", warning)
		}
	}
	for _, err := range errs {
		c.fail(err)
	}
	switch {
	case d.Undone > 0:
		return &ExitError{ExitFailure, fmt.Errorf("%w: %s not looked at, the others are done: run again",
			context.Cause(c.context()), policy.Plural(d.Undone, "file"))}
	case len(errs) == 0 && verdict == nil:
		return nil
	case len(errs) == 0:
		return &ExitError{policy.ExitCode(verdict), verdict}
	case verdict != nil && len(d.Findings) > 0:
		c.fail(verdict)
	}
	if len(errs) == 1 && len(d.Findings) == 0 {
		return &ExitError{Code: ExitFailure}
	}
	what := "file"
	if !slices.ContainsFunc(c.Paths, isNoAddress) {
		what = "image"
	}
	return &ExitError{ExitFailure, fmt.Errorf("%s could not be read, parsed or written",
		policy.Plural(len(errs), what))}
}

// unmatchedGlobs returns a warning of each glob that matches nothing.
func unmatchedGlobs(found files.Report) []string {
	var warnings []string
	for _, glob := range found.Unmatched {
		warnings = append(warnings, fmt.Sprintf("skip: %q matches nothing", glob))
	}
	return warnings
}

// fail logs an error, or each of those that were joined in it.
func (c Command) fail(err error) {
	for _, line := range quote.Lines(err) {
		c.log("error", line)
	}
}

// log writes a line. A log that cannot be written is ignored.
func (c Command) log(severity, message string) {
	if c.Quiet && severity != "error" {
		return
	}
	_, _ = fmt.Fprintf(c.Log, "%s: %s\n", severity, quote.Text(message))
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

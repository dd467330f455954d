package fn

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/files"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/report"
	"inject-related-images/internal/source"
)

// Command is what the commands for folders have in common.
type Command struct {
	CSVs     []string // files, or bundle folders that hold exactly one CSV
	Previous []string // files, or folders, with the CSVs of earlier releases
	Mirrors  []string // files with ImageDigestMirrorSets and their kind
	Paths    []string // the files and folders to look at
	Options  Options
	Results  []ResultFile // where to write numbers of the report, too
	Format   string       // one of Formats; for all but Catalog one of FindingsFormats
	Statuses []string     // some of Statuses: only findings that have one of them are shown; nil is all
	Quiet    bool         // show no findings, only how many there are, and log only errors
	Out      io.Writer
	Log      io.Writer // for warnings and errors
	Width    int       // of tables, in columns, at least 40
	Color    bool      // in tables
}

// Formats returns the names of the formats that all commands can write.
func Formats() []string { return report.CatalogFormats() }

// FindingsFormats returns the names of the formats for references.
func FindingsFormats() []string { return report.FindingsFormats() }

// DefaultFormat returns the name of the format that is taken where none is asked for: one for people,
// or one for programs that read lines.
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
func Inject(c Command, output string) error {
	mode := files.InPlace
	if output != "" {
		mode = files.Copy
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
			return &ExitError{ExitFailure, err}
		}
	}
	c.Out = c.Log
	return c.finish(done)
}

// Check writes the findings to c.Out. It fails with ExitFindings on what the option fail-on says,
// without it where Inject would change something, or should and cannot.
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

// engine reads options and CSVs. An option may say that nothing must be written.
func (c Command) engine(writes bool) (engine.Engine, config.Options, error) {
	if _, err := c.Options.values.Parse(); err != nil { // whatever the CSVs say
		return engine.Engine{}, config.Options{}, &ExitError{ExitUsage, err}
	}
	given, err := source.CSVs(c.CSVs...)
	if err != nil {
		return engine.Engine{}, config.Options{}, &ExitError{ExitFailure, err}
	}
	options, err := c.options(given, writes)
	if err != nil {
		return engine.Engine{}, options, &ExitError{ExitUsage, err}
	}
	history, err := c.history(given, options.Names)
	if err != nil {
		return engine.Engine{}, options, err
	}
	if options, err = c.withMirrors(options); err != nil {
		return engine.Engine{}, options, &ExitError{ExitFailure, err}
	}
	e := options.Engine(history)
	for _, warning := range e.Catalog.Warnings() {
		c.log("warning", warning)
	}
	return e, options, nil
}

// options returns the options, of which the CSVs that were given have some in their annotations.
func (c Command) options(given []olm.Release, writes bool) (config.Options, error) {
	newest, err := olm.Choose(given, nil)
	if err != nil {
		return config.Options{}, err
	}
	values, err := c.Options.values.OverReleases(newest.Current)
	if err != nil {
		return config.Options{}, err
	}
	options, err := values.Parse()
	if err == nil && options.Check && writes {
		err = fmt.Errorf("%s: in mode check nothing is written: run the command check, or give --mode inject",
			values["mode"].Given)
	}
	return options, err
}

// history reads the images of the CSVs, and says which of several releases it takes.
func (c Command) history(given []olm.Release, names catalog.Names) (olm.History, error) {
	for i := range given {
		if err := given[i].Read(names); err != nil {
			return olm.History{}, &ExitError{ExitFailure, err}
		}
	}
	previous, err := source.Previous(names, c.Previous...)
	if err != nil {
		return olm.History{}, &ExitError{ExitFailure, err}
	}
	history, err := olm.Choose(given, previous)
	if err != nil {
		return olm.History{}, &ExitError{ExitUsage, err}
	}
	if note := history.Note(); note != "" {
		c.log("info", note)
	}
	return history, nil
}

// withMirrors returns the options with the mirrors of all files.
func (c Command) withMirrors(options config.Options) (config.Options, error) {
	for _, file := range c.Mirrors {
		text, err := source.Mirrors(file)
		if err != nil {
			return options, err
		}
		mirrors, err := config.ParseMirrors(text)
		if err != nil {
			return options, fmt.Errorf("mirrors: %s: %w", file, err)
		}
		options = options.WithMirrors(mirrors)
	}
	return options, nil
}

// done is what was found and done, what that means to which command, and how it is shown.
type done struct {
	files.Report
	command policy.Command
	counts  *policy.Counts

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
	e, options, err := c.engine(o.Mode == files.InPlace || o.Mode == files.Copy)
	if err != nil {
		return done{}, err
	}
	meaning, bad := policy.New(command, options.FailOn), e.Catalog.BadVariables()
	for _, warning := range bad {
		c.log(string(meaning.VariableSeverity()), warning)
	}
	report, err := files.Run(e, c.Paths, o)
	if err != nil {
		c.log("error", err.Error())
		return done{}, &ExitError{Code: ExitFailure}
	}
	if len(report.Errs) == 0 { // what could not be read may be what they match
		report.Notes = append(report.Notes, options.Useless(report.Usage)...)
	}
	counts := meaning.Count(report.Findings...)
	counts.AddBadVariables(len(bad))
	return done{report, command, counts, format, statuses}, nil
}

// finish writes the report of a command and its result files, and returns the error that ends the
// program. A report that cannot be written does not keep the result files from being written, nor
// do they keep one another. Errors stand behind the report, where they are seen.
func (c Command) finish(d done) error {
	errs := d.Errs
	if len(d.Findings) > 0 || len(d.Errs) == 0 || !d.format.Counts {
		err := d.format.WriteFindings(c.Out, report.Findings{
			Files: d.Findings, Counts: d.counts, Statuses: d.statuses,
			OnlyChanges: d.command != policy.Images, Quiet: c.Quiet, Screen: c.screen(),
		})
		if err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, c.writeResults(d.counts)...)
	verdict := d.counts.Verdict()
	if d.counts.All() == 0 {
		verdict = c.withoutReferences(d.Files)
	} else {
		d.Notes = append(d.Notes, c.emptyFolders(d.Files)...)
	}
	for _, note := range d.Notes {
		c.log("warning", note)
	}
	if note := policy.TemplatesNote(d.Templates); note != "" {
		c.log("info", note)
	}
	if verdict == nil {
		for _, warning := range d.counts.Warnings() {
			c.log("warning", warning)
		}
	}
	for _, err := range errs {
		c.log("error", err.Error())
	}
	switch {
	case len(errs) == 0 && verdict == nil:
		return nil
	case len(errs) == 0:
		return &ExitError{policy.ExitCode(verdict), verdict}
	case verdict != nil && len(d.Findings) > 0:
		c.log("error", verdict.Error())
	}
	if len(errs) == 1 && len(d.Findings) == 0 {
		return &ExitError{Code: ExitFailure}
	}
	return &ExitError{ExitFailure, fmt.Errorf("%s could not be read, parsed or written", policy.Plural(len(errs), "file"))}
}

// log writes a line, or several of errors that were joined. A log that cannot be written is ignored.
func (c Command) log(severity, message string) {
	if c.Quiet && severity != "error" {
		return
	}
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

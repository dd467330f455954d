package fn

import (
	"errors"
	"io"
	"slices"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/files"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/source"
	"inject-related-images/internal/stream"
)

const (
	// Stream is the path of a Command that stands for its In.
	Stream = source.Stdin
)

// isStream tells whether the references are those of c.In.
func (c Command) isStream() bool { return slices.Equal(c.Paths, []string{Stream}) }

// checkStream finds what cannot be done with a stream.
func (c Command) checkStream() error {
	if c.isStream() && c.In == nil {
		return &ExitError{ExitUsage, errors.New("Command.In is missing: the path - stands for it")}
	}
	if len(c.Paths) > 1 && slices.Contains(c.Paths, Stream) {
		return &ExitError{ExitUsage, errors.New("PATH - is stdin, and goes to stdout: give no other PATH beside it")}
	}
	return nil
}

// look decides the references of c.Paths, and does with their files what the options say. Of a
// stream it returns the text, which the caller is to write; if it does not parse, that is no error
// but one of the report.
func (c Command) look(loaded *Engine, o files.Options) (report files.Report, text string, err error) {
	e := loaded.engine
	if !c.isStream() {
		report, err = c.lookAtFiles(loaded, o)
		return report, "", err
	}
	report.Files = []int{1}
	before, err := orEnd(c.context(), func() (string, error) { return stream.Read(c.In) })
	if c.hasEnded(err) {
		return report, "", err
	}
	var found stream.Report
	if err == nil {
		found, err = stream.Run(e, before)
	}
	if err != nil {
		report.Errs = []error{err}
		return report, "", nil
	}
	if o.Mode == files.InPlace {
		found.MarkWritten()
	}
	if o.Mode == files.Diff && found.Text != before {
		report.Diffs = []string{files.Unified(stream.Name, before, found.Text)}
	}
	if len(found.Findings) > 0 {
		report.Findings = [][]engine.Finding{found.Findings}
	}
	report.Notes, report.Templates, report.Usage = found.Notes, found.Templates, found.Usage
	return report, found.Text, nil
}

// injectStream writes the text that comes from c.In to c.Out, with the images of the CSV, and the
// findings to c.Log. It writes nothing to c.Out unless all of the text was read, and parses.
func (c Command) injectStream() error {
	done, err := c.run(policy.Inject, files.Options{Mode: files.InPlace})
	if err != nil {
		return err
	}
	if len(done.Errs) == 0 {
		if _, err := io.WriteString(c.Out, done.text); err != nil {
			done.Errs = append(done.Errs, err)
		}
	}
	c.Out = c.Log
	return c.finish(done)
}

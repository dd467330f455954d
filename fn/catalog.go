package fn

import (
	"slices"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/files"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/report"
)

// Catalog writes what the CSVs offer to c.Out: with previous CSVs what they changed since the
// newest of these, and with paths how many references there each image decides.
func Catalog(c Command) error {
	format, err := report.FormatOf(c.Format, Formats())
	if err != nil {
		return &ExitError{ExitUsage, err}
	}
	if err := c.checkStream(); err != nil {
		return err
	}
	loaded, err := c.engine(false)
	if err != nil {
		return err
	}
	e := loaded.engine
	for _, warning := range e.Catalog.BadVariables() {
		c.log("warning", warning)
	}
	entries := entriesOf(e)
	var found files.Report
	if len(c.Paths) > 0 {
		if found, _, err = c.look(loaded, files.Options{Skip: loaded.options.Skip, Root: loaded.options.Root}); err != nil {
			return &ExitError{ExitFailure, err}
		}
		if found.Undone > 0 {
			return c.interrupted()
		}
		count(entries, found.Findings)
	}
	if err := format.WriteCatalog(c.Out, report.Catalog{Entries: entries, Screen: c.screen()}); err != nil {
		return &ExitError{ExitFailure, err}
	}
	return c.seen(found)
}

// seen says what went wrong with the files of c.Paths, and that there were no references.
func (c Command) seen(found files.Report) error {
	notes := found.Notes
	if len(found.Errs) == 0 {
		notes = append(notes, unmatchedGlobs(found)...)
	}
	for _, note := range notes {
		c.log("warning", note)
	}
	if passed := passedOver(found.Passed); passed != "" {
		c.log("info", passed)
	}
	for _, err := range found.Errs {
		c.fail(err)
	}
	counts := policy.New(policy.Images, nil).Count(found.Findings...)
	switch {
	case len(found.Errs) > 0:
		return &ExitError{Code: ExitFailure}
	case len(c.Paths) > 0 && counts.All() == 0:
		return &ExitError{ExitFailure, c.withoutReferences(found.Files)}
	}
	return nil
}

// entriesOf returns the entries of the engine's catalog, with what has changed since the release
// before.
func entriesOf(e engine.Engine) []report.Entry {
	var entries []report.Entry
	var csvs []string
	for _, entry := range e.Catalog.Entries() {
		before := e.Before(entry.CSV)
		switch {
		case before == nil:
			entries = append(entries, report.Entry{Entry: entry})
		case !slices.Contains(csvs, entry.CSV):
			csvs = append(csvs, entry.CSV)
			for _, change := range e.Catalog.Changes(before, entry.CSV) {
				entries = append(entries, report.Since(change))
			}
		}
	}
	return entries
}

// count counts the references that entries decide; of those that are gone, the references that the
// release before knew by them.
func count(entries []report.Entry, found [][]engine.Finding) {
	type entry struct{ csv, name string }
	decided, gone := map[entry]int{}, map[string]int{}
	for _, findings := range found {
		for i := range findings {
			f := &findings[i]
			decided[entry{f.CSV, f.Entry}]++
			for _, name := range f.Gone {
				gone[name]++
			}
		}
	}
	for i := range entries {
		e := &entries[i]
		n := decided[entry{e.CSV, e.Name}]
		if e.IsGone() {
			n = gone[e.Name]
		}
		e.References = &n
	}
}

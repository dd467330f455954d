package fn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/source"
	"inject-related-images/internal/yamltext"
)

// Engine decides the references of texts by CSVs. It may be used by several goroutines at a time.
type Engine struct {
	engine  engine.Engine
	options config.Options
	policy  policy.Policy
	checks  string // how Options.Check was given
	history olm.History
}

// Sources name what an Engine is made of.
type Sources struct {
	// CSVs are files, or bundle folders that hold exactly one CSV each, or "-" for Stdin. A file may
	// hold the operator's Deployment instead, or a list of either. Of several CSVs of one operator
	// the newest counts, as replaces, skips, olm.skipRange and spec.version tell, and the others
	// are previous ones. Files and folders may also be a file-based catalog, of which
	// Options.Package and Options.Bundle choose the bundle. A bundle image or a catalog image is
	// docker://REF, oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG].
	CSVs []string
	// Previous are the same with the CSVs of earlier releases, but folders may hold any number of
	// them, and of a catalog all bundles of the default channel count. They tell which variable an
	// image that is pinned already was injected by.
	Previous []string
	// Stdin is read where one of CSVs and Previous is "-".
	Stdin io.Reader
	// CAs are files with the certificates, in PEM, of authorities to trust in registries beside
	// those of the system.
	CAs []string
	// Context ends what is asked of registries before its time; nil never does.
	Context context.Context
	// Progress is a terminal on which to show how much has come from registries, or nil.
	Progress io.Writer
	// Mirrors are files with ImageDigestMirrorSets, ImageTagMirrorSets or
	// ImageContentSourcePolicies.
	Mirrors []string
	// Maps are files with a YAML list of {image: quay.io/acme/server, variable:
	// RELATED_IMAGE_server}: the variables that decide repositories, or exact images.
	Maps []string
}

// Load returns the engine for files. Below the options are those in the annotations of the CSVs.
//
// The error is an *ExitError. Its code is ExitUsage if an option is wrong, no CSV is given, of
// several releases the newest cannot be told, or a catalog has no such package or bundle;
// ExitFailure if a file cannot be read or is not what it must be. Errors begin with the file, and
// where it is known with the line.
func Load(s Sources, o Options) (*Engine, error) {
	values, err := o.values()
	if err == nil && len(s.CSVs) == 0 {
		err = errors.New("there is no CSV: give its file, or the bundle folder that holds it")
	}
	if err == nil {
		err = readsStdinOnce(s.CSVs, s.Previous, nil)
	}
	var options config.Options
	if err == nil {
		options, err = values.Parse()
	}
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	images := s.images(options)
	defer images.Close()
	opener := source.Opener{Stdin: s.Stdin, Images: images, Package: options.Package, Bundle: options.Bundle}
	given, err := opener.CSVs(s.CSVs...)
	if err != nil {
		return nil, &ExitError{codeOf(err), err}
	}
	previous := func(names catalog.Names) ([]olm.Release, error) { return opener.Previous(names, s.Previous...) }
	return newEngine(values, given, previous, s)
}

// codeOf returns the exit code for an error of a source.
func codeOf(err error) int {
	if errors.Is(err, olm.ErrChoice) {
		return ExitUsage
	}
	return ExitFailure
}

// readsStdinOnce checks that at most one of sources and paths is stdin.
func readsStdinOnce(csvs, previous, paths []string) error {
	var uses []string
	for _, list := range []struct {
		flag   string
		values []string
	}{{"--csv ", csvs}, {"--previous ", previous}, {"PATH ", paths}} {
		for _, value := range list.values {
			if value == source.Stdin {
				uses = append(uses, list.flag+value)
			}
		}
	}
	if len(uses) > 1 {
		return fmt.Errorf("%s: stdin can be read once: give files for all but one", strings.Join(uses, ", "))
	}
	return nil
}

// New returns the engine for the text of a CSV, and for those of earlier releases, as Load does for
// files. Errors call the texts csv and previous.
func New(csv string, o Options, previous ...string) (*Engine, error) {
	values, err := o.values()
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	options, err := values.Parse()
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	opener := source.Opener{Package: options.Package, Bundle: options.Bundle}
	given, err := opener.Parse("csv", csv)
	if err != nil {
		return nil, &ExitError{codeOf(err), err}
	}
	read := func(names catalog.Names) ([]olm.Release, error) { return readPrevious(names, previous) }
	return newEngine(values, given, read, Sources{})
}

// readPrevious returns the releases of texts. Those without variables know nothing.
func readPrevious(names catalog.Names, texts []string) ([]olm.Release, error) {
	var releases []olm.Release
	for _, text := range texts {
		opened, err := source.Opener{}.Parse("previous", text)
		if err != nil {
			return nil, err
		}
		for _, release := range opened {
			switch err := release.Read(names); {
			case errors.Is(err, olm.ErrNoVariables):
			case err != nil:
				return nil, err
			default:
				releases = append(releases, release)
			}
		}
	}
	return releases, nil
}

// newEngine returns the engine for releases that were opened, for previous ones, and for the other
// files of s. Below values are the annotations of the releases that are the truth: they may say how
// variables are called.
func newEngine(
	values config.Values, given []olm.Release, previous func(catalog.Names) ([]olm.Release, error), s Sources,
) (*Engine, error) {
	given, leftOut, err := knowing(given, values)
	if err != nil {
		return nil, &ExitError{ExitFailure, err}
	}
	newest, err := olm.Choose(given, nil)
	if err == nil {
		values, err = values.OverReleases(newest.Current)
	}
	var options config.Options
	if err == nil {
		options, err = values.Parse()
	}
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	for i := range given {
		if err := given[i].Read(options.Names); err != nil {
			return nil, &ExitError{ExitFailure, err}
		}
	}
	earlier, err := previous(options.Names)
	if err != nil {
		return nil, &ExitError{codeOf(err), err}
	}
	history, err := olm.Choose(given, earlier)
	history.LeftOut = leftOut
	if err == nil {
		err = checkSelection(values, options, slices.Concat(given, earlier))
	}
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	if options, err = withMirrors(options, s.Mirrors); err == nil {
		options, err = withMaps(options, s.Maps)
	}
	if err != nil {
		return nil, &ExitError{ExitFailure, err}
	}
	command := policy.Inject
	if options.Check {
		command = policy.Check
	}
	decides := options.Engine(history)
	if err := options.CheckMap(decides.Catalog); err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	return &Engine{
		engine: decides, options: options, policy: policy.New(command, options.FailOn),
		checks: values["mode"].Given, history: history,
	}, nil
}

// checkSelection checks that the options that choose from a file-based catalog have chosen.
func checkSelection(values config.Values, options config.Options, releases []olm.Release) error {
	isBundle := func(r olm.Release) bool { return r.Bundle != "" }
	isChosen := func(r olm.Release) bool { return r.Bundle == options.Bundle }
	switch {
	case options.Package != "" && !slices.ContainsFunc(releases, isBundle):
		return fmt.Errorf("%s: no source is a file-based catalog", values["package"].Given)
	case options.Bundle != "" && !slices.ContainsFunc(releases, isChosen):
		return fmt.Errorf("%s: no source is a file-based catalog with the bundle %s", values["bundle"].Given, options.Bundle)
	}
	return nil
}

// knowing leaves out the releases that came in one list with others and list no images: what
// kubectl prints of a namespace has operators that do not. One must know some.
func knowing(given []olm.Release, values config.Values) (known, leftOut []olm.Release, err error) {
	for _, r := range given {
		if r.Listed {
			if err = tryToRead(r, values); errors.Is(err, olm.ErrNoVariables) {
				leftOut = append(leftOut, r)
				continue
			}
		}
		known = append(known, r)
	}
	if len(known) == 0 {
		return nil, nil, err
	}
	return known, leftOut, nil
}

// tryToRead reads a copy of a release by the names of variables that its annotations may say.
func tryToRead(r olm.Release, values config.Values) error {
	values, err := values.OverReleases([]olm.Release{r})
	if err != nil {
		return err
	}
	options, err := values.Parse()
	if err != nil {
		return err
	}
	return r.Read(options.Names)
}

func withMirrors(options config.Options, files []string) (config.Options, error) {
	for _, file := range files {
		text, err := source.Mirrors(file)
		if err != nil {
			return options, err
		}
		mirrors, err := config.ParseMirrors(text)
		if err != nil {
			return options, fmt.Errorf("mirrors: %s: %w", quote.Name(file), err)
		}
		options = options.WithMirrors(mirrors)
	}
	return options, nil
}

func withMaps(options config.Options, files []string) (config.Options, error) {
	for _, file := range files {
		text, err := source.Map(file)
		if err != nil {
			return options, err
		}
		rows, err := config.ParseMap(text)
		if err != nil {
			return options, fmt.Errorf("map: %s: %w", quote.Name(file), err)
		}
		options.Decide.Map = append(options.Decide.Map, rows...)
	}
	return options, nil
}

// Warnings returns what is wrong with the CSVs: variables that have several values, whose names do
// not decode, or whose values are no image references; and catalogs that hold none.
func (e *Engine) Warnings() []string {
	return slices.Concat(e.history.Warnings(), e.engine.Catalog.Warnings(), e.engine.Catalog.BadVariables())
}

// Outcome is what became of a text.
type Outcome struct {
	Text     string    // with the images of the CSV; every other byte is as it was
	Findings []Finding // one for each reference, in order
	Warnings []string  // which documents or lists within the text could not be read
}

// Inject decides the references of a text and writes the images of the CSV into it; with
// Options.Check it only proposes them. The text is YAML, with any number of documents, or JSON.
// Where the base of the name is external_images.txt it is a list of references, one a line, and
// where the name ends with .env a list KEY=image.
//
// The name is a path with slashes. Findings and errors have it. Its folders tell plugin registries,
// plugin-registry... and v3/plugins, from devfile registries, devfile-registry... and devfiles, for
// which a CSV may have different images.
//
// The error is an *ExitError with the code ExitFailure: the text does not parse. It begins with the
// name, and has the line.
func (e *Engine) Inject(name, text string) (Outcome, error) {
	found, err := e.engine.Decide(engine.Input{
		Context: engine.Context{Registry: catalog.RegistryOf(name), KeepsComment: true}, Name: name, Text: text,
	})
	if err == nil && !e.options.Check {
		text, err = yamltext.Apply(text, found.Changes)
	}
	if err != nil {
		return Outcome{}, &ExitError{ExitFailure, fmt.Errorf("%s: %w", name, err)}
	}
	outcome := Outcome{Text: text, Findings: make([]Finding, len(found.Findings))}
	for i, f := range found.Findings {
		if !e.options.Check {
			policy.MarkWritten(&f)
		}
		outcome.Findings[i] = Finding(f)
	}
	for _, p := range found.Problems {
		outcome.Warnings = append(outcome.Warnings, fmt.Sprintf("%s: %s: %s", name, p.Path, p.Message))
	}
	return outcome, nil
}

// Fails tells whether the program would fail on a finding, as Options.FailOn says: as the command
// inject does, or with Options.Check as the command check.
//
// That the CSV is foreign shows only in all findings together: none of them is Known.
func (e *Engine) Fails(f Finding) bool { return e.policy.Fails((*engine.Finding)(&f)) }

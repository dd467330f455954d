// Package krm is the KRM function: a ResourceList comes in, and goes out with the references in its
// items changed and results added, every other byte as it was.
//
// It follows the KRM Functions Specification v1, and is stricter where orchestrators are
// unforgiving: kustomize takes an empty output for "no resources", and kpt deletes the package's
// files for it, so there is output or an error, never neither.
package krm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/yamltext"
)

// Run is the function. Source is a ResourceList whose functionConfig is a CSV, an operator's
// Deployment, or options for the CSVs among the items.
//
// The error says why source is no ResourceList, and then there is no output; why its functionConfig
// cannot be used, and then the output is the input and that result; or is a *policy.FindingsError.
// Options are those of values, and below them those of the functionConfig's annotations.
func Run(source string, values config.Values) (*Output, error) {
	if output, err := runSplit(source, values); output != nil {
		return output, err
	}
	return runWhole(source, values)
}

// runSplit is Run for lists whose items can be told apart by their lines. Of others, and where
// something is wrong, there is no output: what is wrong is said of the whole text, whose lines are
// those of stdin.
func runSplit(source string, values config.Values) (*Output, error) {
	for l, ok := split(source); ok; {
		output, err := l.run(values)
		var findings *policy.FindingsError
		if err == nil || errors.As(err, &findings) {
			return output, err
		}
		var wrong *unsplittableError
		if !errors.As(err, &wrong) {
			break
		}
		l, ok = l.keep(wrong.items)
	}
	return nil, nil
}

// runWhole is Run for lists whose items cannot be told apart without reading all of them.
func runWhole(source string, values config.Values) (*Output, error) {
	l, err := whole(source)
	if err != nil {
		return nil, err
	}
	return l.run(values)
}

func (l list) run(values config.Values) (*Output, error) {
	history, options, err := configure(l, values)
	if err != nil {
		return l.refuse(err)
	}
	err = l.each(config.MirrorKinds(), func(_ *yamltext.Text, item *yamltext.Node, _ func(int) int) error {
		mirrors, err := config.MirrorsOf(item)
		options = options.WithMirrors(mirrors)
		return err
	})
	if err != nil {
		return l.refuse(err)
	}
	e := options.Engine(history)
	if err := options.CheckMap(e.Catalog); err != nil {
		return l.refuse(err)
	}
	envelope, parts, err := l.inject(injector{e, options})
	if err != nil {
		return nil, err
	}
	output, failure := state(parts, e.Catalog, options)
	if note := history.Note(); note != "" {
		output.note = newResult(framework.Info, note)
	}
	if err := l.addResults(output, envelope.changes); err != nil {
		return nil, err
	}
	return output, failure
}

// refuse returns the ResourceList as it is, with the failure as its result.
func (l list) refuse(failure error) (*Output, error) {
	output := &Output{
		errs:    framework.Results{{Severity: framework.Error, Message: strings.Join(quote.Lines(failure), "\n")}},
		summary: newResult(framework.Info, "nothing was injected"),
	}
	if err := l.addResults(output, nil); err != nil {
		return nil, err
	}
	return output, failure
}

// configure reads the functionConfig: a CSV, or options for the CSVs among the items. Below its
// options are those in the annotations of the CSVs that are the truth.
func configure(l list, values config.Values) (olm.History, config.Options, error) {
	n := l.root.Get("functionConfig")
	isConfig := n != nil && config.IsConfig(n)
	if !isConfig && (n == nil || !olm.IsSource(n)) {
		return olm.History{}, config.Options{}, fmt.Errorf(
			"functionConfig: found %s: give %s, an %s of %s, or a ConfigMap of options",
			olm.Describe(n),
			olm.Accepted,
			config.Kind,
			config.APIVersion,
		)
	}
	if isConfig {
		given, err := optionsOf(l.text, n)
		values = values.Over(given)
		if err == nil {
			_, err = values.Parse() // whatever the CSVs say
		}
		if err != nil {
			return olm.History{}, config.Options{}, fmt.Errorf("functionConfig: %w", err)
		}
	}
	given, previous, err := l.releases(n, isConfig)
	if err != nil {
		return olm.History{}, config.Options{}, err
	}
	newest, err := olm.Choose(given, nil)
	if err != nil {
		return olm.History{}, config.Options{}, err
	}
	values, err = values.OverReleases(newest.Current)
	if err != nil {
		return olm.History{}, config.Options{}, err
	}
	options, err := values.Parse()
	if err != nil {
		return olm.History{}, config.Options{}, err
	}
	history, err := read(given, previous, options.Names)
	return history, options, err
}

// releases opens the CSVs of a list whose functionConfig is n: a CSV, or options for those among
// the items.
func (l list) releases(n *yamltext.Node, isConfig bool) (given, previous []olm.Release, err error) {
	if isConfig {
		given, previous, err = l.csvs(nil)
		if err == nil && len(given) == 0 {
			err = errors.New("items: there is no ClusterServiceVersion among them to take images from: " +
				"add it to the resources, or make it the functionConfig")
		}
		return given, previous, err
	}
	csv, err := olm.Open(olm.Document{Text: l.text, Node: n, Where: "functionConfig", Position: l.position(l.offset)})
	if err != nil {
		return nil, nil, err
	}
	_, previous, err = l.csvs(&csv)
	return []olm.Release{csv}, previous, err
}

// read reads the images of releases that were opened. Previous ones without variables know nothing.
func read(given, previous []olm.Release, names catalog.Names) (olm.History, error) {
	for i := range given {
		if err := given[i].Read(names); err != nil {
			return olm.History{}, err
		}
	}
	var knowing []olm.Release
	for _, r := range previous {
		switch err := r.Read(names); {
		case errors.Is(err, olm.ErrNoVariables):
		case err != nil:
			return olm.History{}, err
		default:
			knowing = append(knowing, r)
		}
	}
	return olm.Choose(given, knowing)
}

// csvs opens the CSVs among the items. Those that are annotated as previous ones are, and so are
// beside truth, the functionConfig, those of its package; those of others are nothing to it.
// Without truth the others are given.
func (l list) csvs(truth *olm.Release) (given, previous []olm.Release, err error) {
	err = l.each([]string{olm.Kind}, func(text *yamltext.Text, item *yamltext.Node, offset func(int) int) error {
		if !olm.IsCSV(item) {
			return nil
		}
		metadata := item.Get("metadata")
		isPrevious, err := config.IsPrevious(metadata.Get("annotations").Text(config.PreviousAnnotation))
		if err != nil {
			return fmt.Errorf("items: csv %s: %w", metadata.Text("name"), err)
		}
		if truth != nil && !isPrevious {
			if isPrevious = olm.PackageOf(metadata.Text("name")) == truth.Package(); !isPrevious {
				return nil
			}
		}
		d := olm.Document{Text: text, Node: item, Position: l.position(offset)}
		if file := describe(item).file; file != nil {
			d.Where = file.Path
		}
		release, err := olm.Open(d)
		if isPrevious {
			previous = append(previous, release)
		} else {
			given = append(given, release)
		}
		return err
	})
	return given, previous, err
}

// position returns what names the position of a byte of a text of which offset says where in the
// source it stands.
func (l list) position(offset func(int) int) func(int) string {
	inSource := olm.InFile("stdin", l.source, 0)
	return func(at int) string { return inSource(offset(at)) }
}

// optionsOf returns the options in the object n, which is no CSV, and below them those of its
// annotations.
func optionsOf(text *yamltext.Text, n *yamltext.Node) (config.Values, error) {
	annotated, err := config.FromAnnotations(olm.Annotations(n))
	if err != nil {
		return nil, err
	}
	given, err := config.FromConfig(text, n)
	return given.Over(annotated), err
}

// item is what results say of an item.
type item struct {
	ref  *yaml.ResourceIdentifier
	file *framework.File // nil where no annotation names it
	kind catalog.RegistryKind
}

// part is what became of a text with items in it.
type part struct {
	items    int           // how many there are
	findings []itemFinding // in order
	problems []problem
	changes  []yamltext.Change // of the part's text

	templates int // how many texts are templates of other tools where a reference can stand
	usage     engine.Usage
}

// itemFinding is a finding, and what results say of the item that it is of.
type itemFinding struct {
	engine.Finding // whose Document is the index of the item in its part
	item           *item
}

// problem is a result about the item of an index in its part.
type problem struct {
	*framework.Result
	object int
}

// byItem returns a part for each item of p, with what is of that item alone.
func (p part) byItem() []part {
	parts := make([]part, p.items)
	for i := range parts {
		parts[i].items = 1
	}
	for _, f := range p.findings {
		parts[f.Document].findings = append(parts[f.Document].findings, f)
	}
	for _, problem := range p.problems {
		parts[problem.object].problems = append(parts[problem.object].problems, problem)
	}
	return parts
}

// injector decides and edits parts of a list.
type injector struct {
	engine  engine.Engine
	options config.Options
}

// inject decides the references in the items of a text. protected is what must not be edited in it,
// or nil.
func (in injector) inject(text *yamltext.Text, nodes []*yamltext.Node, protected *yamltext.Node) part {
	p := part{items: len(nodes)}
	items, contexts := make([]item, len(nodes)), make([]engine.Context, len(nodes))
	for i, node := range nodes {
		items[i] = describe(node.Resolve())
		// kpt says where items are from and writes them back there, with their comments; kustomize
		// does neither
		contexts[i] = engine.Context{Registry: items[i].kind, KeepsComment: items[i].file != nil}
	}
	outcome := in.engine.DecideObjects(engine.Objects{Text: text, Nodes: nodes, Contexts: contexts, Protected: protected})
	for _, found := range outcome.Problems {
		p.problems = append(p.problems, problem{items[found.Document].problem(found), found.Document})
	}
	p.templates, p.usage = outcome.Templates, outcome.Usage
	p.findings = make([]itemFinding, len(outcome.Findings))
	for i, f := range outcome.Findings {
		if !in.options.Check {
			policy.MarkWritten(&f)
		}
		p.findings[i] = itemFinding{f, &items[f.Document]}
	}
	if !in.options.Check {
		p.changes = outcome.Changes
	}
	return p
}

// The annotations in which orchestrators say where an item comes from, as of now and of before
// kyaml 0.13.
var (
	pathAnnotations  = []string{"internal.config.kubernetes.io/path", "config.kubernetes.io/path"}
	indexAnnotations = []string{"internal.config.kubernetes.io/index", "config.kubernetes.io/index"}
)

// kustomizeID is the annotation by which kustomize knows an item again. The path that such an item
// has is one that kustomize made up for the function before.
var kustomizeID = []string{"kustomize.config.k8s.io/id"}

// described are the keys that describe asks for.
var described = slices.Concat(
	[]string{"apiVersion", "kind", "metadata", "name", "namespace", "annotations"},
	pathAnnotations,
	indexAnnotations,
	kustomizeID,
)

// describe tells of the item n what results say.
func describe(n *yamltext.Node) item {
	var it item
	metadata := n.Get("metadata")
	annotation := func(names []string) string {
		for _, name := range names {
			if value := metadata.Get("annotations").Text(name); value != "" {
				return value
			}
		}
		return ""
	}
	if path := annotation(pathAnnotations); path != "" && annotation(kustomizeID) == "" {
		index, _ := strconv.Atoi(annotation(indexAnnotations)) // none is the first
		it.file = &framework.File{Path: path, Index: index}
		it.kind = catalog.RegistryOf(path)
	}
	if kind, name := n.Text("kind"), metadata.Text("name"); kind != "" && name != "" {
		it.ref = &yaml.ResourceIdentifier{
			TypeMeta: yaml.TypeMeta{APIVersion: n.Text("apiVersion"), Kind: kind},
			NameMeta: yaml.NameMeta{Name: name, Namespace: metadata.Text("namespace")},
		}
	}
	return it
}

func (it item) problem(p locate.Problem) *framework.Result {
	r := &framework.Result{
		Severity:    framework.Warning,
		Message:     quote.Text(p.Message),
		ResourceRef: it.ref,
		File:        it.file,
		Field:       &framework.Field{Path: p.Path},
	}
	if it.ref == nil && it.file != nil {
		r.Message = quote.Name(it.file.Path) + ": " + r.Message
	}
	return r
}

// Package krm is the KRM function's door: a ResourceList comes in, and goes out with the references in its items changed and
// results added, every other byte as it was.
//
// It follows the KRM Functions Specification v1, and is stricter where orchestrators are unforgiving: kustomize takes an empty
// output for "no resources", and kpt deletes the package's files for it, so there is output or an error, never neither.
package krm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/report"
	"inject-related-images/internal/rewrite"
	"inject-related-images/internal/yamltext"
)

// FindingsError says that references are found which the function is to fail on.
type FindingsError struct {
	Failed, Of int
}

func (e *FindingsError) Error() string {
	return fmt.Sprintf("%d of %d references fail: see the errors above", e.Failed, e.Of)
}

// Run is the function: source is a ResourceList whose functionConfig is a CSV. It returns the new ResourceList and the results
// in it: errors first, then one summary, then other warnings and one result a reference.
//
// The error says why source is no ResourceList, and then there is no output; why its functionConfig cannot be used, and then the
// output is the input and that result; or is a *FindingsError. Options are those of values, and below them those of the
// functionConfig's annotations.
func Run(source string, values config.Values) (output string, results framework.Results, err error) {
	e, err := open(source)
	if err != nil {
		return "", nil, err
	}
	csv, options, failure := configure(e, values)
	if failure != nil {
		return e.refuse(failure)
	}
	for _, item := range e.root.Get("items").Content {
		mirrors, err := config.MirrorsOf(item.Resolve())
		failure = cmp.Or(failure, err)
		options = options.WithMirrors(mirrors)
	}
	if failure != nil {
		return e.refuse(failure)
	}
	rewritten, results, failure := inject(e, options.Rewriter(csv), options)
	if options.Check {
		rewritten = rewrite.Result{}
	}
	output, err = e.seal(rewritten.Changes, rewritten.Edits, results)
	return output, results, cmp.Or(err, failure)
}

// refuse returns the ResourceList as it is, with the failure as its result.
func (e envelope) refuse(failure error) (string, framework.Results, error) {
	results := framework.Results{
		{Severity: framework.Error, Message: failure.Error()},
		{Severity: framework.Info, Message: "nothing was injected"},
	}
	output, err := e.seal(nil, nil, results)
	return output, results, cmp.Or(err, failure)
}

// configure reads the functionConfig: a CSV, or options for the CSVs among the items.
func configure(e envelope, values config.Values) ([]catalog.Entry, config.Options, error) {
	n := e.root.Get("functionConfig")
	if n != nil && config.IsConfig(n) {
		return configureByItems(e, n, values)
	}
	if n == nil || !olm.IsSource(n) {
		return nil, config.Options{}, fmt.Errorf("functionConfig: it is %s: give %s, an %s of %s, or a ConfigMap of options",
			olm.Describe(n), olm.Accepted, config.Kind, config.APIVersion)
	}
	options, err := optionsOf(e, n, values)
	if err != nil {
		return nil, config.Options{}, fmt.Errorf("functionConfig: %w", err)
	}
	entries, err := olm.Entries("stdin", e.text, n, options.Names)
	return entries, options, err
}

func configureByItems(e envelope, n *yamltext.Node, values config.Values) ([]catalog.Entry, config.Options, error) {
	given, err := config.FromConfig(e.text, n)
	var options config.Options
	if err == nil {
		options, err = optionsOf(e, n, values.Over(given))
	}
	if err != nil {
		return nil, config.Options{}, fmt.Errorf("functionConfig: %w", err)
	}
	var entries []catalog.Entry
	for _, item := range e.root.Get("items").Content {
		if item = item.Resolve(); olm.IsCSV(item) {
			found, err := olm.Entries("stdin", e.text, item, options.Names)
			if err != nil {
				return nil, config.Options{}, err
			}
			entries = append(entries, found...)
		}
	}
	if len(entries) == 0 {
		return nil, config.Options{}, fmt.Errorf("items: there is no ClusterServiceVersion among them to take images from: " +
			"add it to the resources, or make it the functionConfig")
	}
	return entries, options, nil
}

// optionsOf returns the options of values, and below them those of the annotations of the object n.
func optionsOf(e envelope, n *yamltext.Node, values config.Values) (config.Options, error) {
	annotations := map[string]string{}
	if a := n.Get("metadata").Get("annotations"); a != nil {
		if err := e.text.Decode(a, &annotations); err != nil {
			return config.Options{}, fmt.Errorf("metadata.annotations: %w", err)
		}
	}
	annotated, err := config.FromAnnotations(annotations)
	if err != nil {
		return config.Options{}, err
	}
	return values.Over(annotated).Parse()
}

// item is what results say of an item.
type item struct {
	ref  *yaml.ResourceIdentifier
	file *framework.File // nil where no annotation names it
	kind catalog.RegistryKind
}

func (it item) index() int {
	if it.file == nil {
		return 0
	}
	return it.file.Index
}

// inject decides the references in the items. It returns what became of them, the results, and a *FindingsError where one of them
// is an error.
func inject(e envelope, r rewrite.Rewriter, options config.Options) (rewrite.Result, framework.Results, error) {
	layer := locate.NewLayer(e.text.Source, e.text)
	finder := locate.Finder{Scope: r.Scope}
	finder.Protect(layer, e.root.Get("functionConfig"))
	var problems framework.Results
	nodes := e.root.Get("items").Content
	items := make([]item, len(nodes)) // a site's Object is its item
	for i, node := range nodes {
		items[i] = describe(node.Resolve())
		finder.Problems = nil
		finder.Object(layer, items[i].index(), node.Resolve())
		for _, p := range finder.Problems {
			problems = append(problems, items[i].problem(p))
		}
	}
	for i := range finder.Sites {
		s := &finder.Sites[i]
		s.Passing = items[s.Object].file == nil // kpt says where items are from and go to, kustomize does not
	}
	result := r.Sites(layer, finder, func(s locate.Site) catalog.RegistryKind { return items[s.Object].kind })
	for _, warning := range r.Catalog.Warnings() {
		problems = append(problems, &framework.Result{Severity: framework.Warning, Message: warning})
	}
	var errs, others framework.Results
	touched := map[int]bool{}
	for i := range result.Findings {
		f := &result.Findings[i]
		if f.Status == rewrite.Stale && !options.Check {
			f.Status = rewrite.Injected
		}
		it := items[result.Sites[i].Object]
		touched[result.Sites[i].Object] = true
		stated := report.Result(*f, it.ref, it.file)
		if options.Fails(*f, failsInCheck(options)...) {
			stated.Severity = framework.Error
			errs = append(errs, stated)
		} else {
			others = append(others, stated)
		}
	}
	summary := &framework.Result{Severity: framework.Info, Message: report.Summary(result.Findings, len(touched), "resource")}
	if len(result.Findings) == 0 {
		summary = &framework.Result{Severity: framework.Warning, Message: report.Summary(nil, len(items), "resource")}
	}
	results := slices.Concat(errs, framework.Results{summary}, problems, others)
	if len(errs) > 0 {
		return result, results, &FindingsError{len(errs), len(result.Findings)}
	}
	return result, results, nil
}

// failsInCheck tells what fails when nothing was said of it: to check is to fail on what injecting would change.
func failsInCheck(options config.Options) []string {
	if options.Check {
		return []string{string(rewrite.Stale)}
	}
	return nil
}

// The annotations in which orchestrators say where an item comes from, as of now and of before kyaml 0.13.
var (
	pathAnnotations  = []string{"internal.config.kubernetes.io/path", "config.kubernetes.io/path"}
	indexAnnotations = []string{"internal.config.kubernetes.io/index", "config.kubernetes.io/index"}
)

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
	if path := annotation(pathAnnotations); path != "" {
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
	r := &framework.Result{Severity: framework.Warning, Message: p.Message, ResourceRef: it.ref, File: it.file, Field: &framework.Field{Path: p.Path}}
	if it.ref == nil && it.file != nil {
		r.Message = it.file.Path + ": " + r.Message
	}
	return r
}

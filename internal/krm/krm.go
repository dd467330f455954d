// Package krm is the KRM function's door: a ResourceList comes in, and goes out with the references in its items changed and
// results added, every other byte as it was.
//
// It follows the KRM Functions Specification v1, and is stricter where orchestrators are unforgiving: kustomize takes an empty
// output for "no resources", and kpt deletes the package's files for it, so there is output or an error, never neither.
package krm

import (
	"cmp"
	"fmt"
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

// Run is the function: source is a ResourceList whose functionConfig is a CSV. It returns the new ResourceList and the results
// in it: errors first, then one summary, then other warnings and one result a reference. Where a result is an error, no
// reference has been changed. The error says why source is no ResourceList; then there is no output.
//
// Options are those of values, and below them those of the functionConfig's annotations.
func Run(source string, values config.Values) (output string, results framework.Results, err error) {
	e, err := open(source)
	if err != nil {
		return "", nil, err
	}
	r, failure := configure(e, values)
	if failure != nil {
		results = framework.Results{
			{Severity: framework.Error, Message: failure.Error()},
			{Severity: framework.Info, Message: "nothing was injected"},
		}
		output, err = e.seal(nil, nil, results)
		return output, results, cmp.Or(err, failure)
	}
	rewritten, results := inject(e, r)
	output, err = e.seal(rewritten.Changes, rewritten.Edits, results)
	return output, results, err
}

// configure reads the functionConfig.
func configure(e envelope, values config.Values) (rewrite.Rewriter, error) {
	csv := e.root.Get("functionConfig")
	if csv == nil || !olm.IsCSV(csv) {
		return rewrite.Rewriter{}, fmt.Errorf("functionConfig: it is %s: give %s", olm.Describe(csv), olm.Accepted)
	}
	entries, err := olm.Entries("stdin", e.text, csv)
	if err != nil {
		return rewrite.Rewriter{}, err
	}
	annotations := map[string]string{}
	if n := csv.Get("metadata").Get("annotations"); n != nil {
		if err := e.text.Decode(n, &annotations); err != nil {
			return rewrite.Rewriter{}, fmt.Errorf("functionConfig: metadata.annotations: %w", err)
		}
	}
	annotated, err := config.FromAnnotations(annotations)
	if err != nil {
		return rewrite.Rewriter{}, fmt.Errorf("functionConfig: %w", err)
	}
	options, err := values.Over(annotated).Parse()
	if err != nil {
		return rewrite.Rewriter{}, fmt.Errorf("functionConfig: %w", err)
	}
	return rewrite.Rewriter{Catalog: catalog.New(entries), Scope: locate.NewScope(options.Fields, options.Exclude)}, nil
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

// inject decides the references in the items. It returns what became of them and the results.
func inject(e envelope, r rewrite.Rewriter) (rewrite.Result, framework.Results) {
	layer := &locate.Layer{Source: e.text.Source, Text: e.text}
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
	result := r.Sites(layer, finder, func(s locate.Site) catalog.RegistryKind { return items[s.Object].kind })
	for _, warning := range r.Catalog.Warnings() {
		problems = append(problems, &framework.Result{Severity: framework.Warning, Message: warning})
	}
	results := append(make(framework.Results, 1, 1+len(problems)+len(result.Findings)), problems...)
	touched := map[int]bool{}
	for i := range result.Findings {
		f := &result.Findings[i]
		if f.Status == rewrite.Stale {
			f.Status = rewrite.Injected
		}
		object := result.Sites[i].Object
		touched[object] = true
		results = append(results, report.Result(*f, items[object].ref, items[object].file))
	}
	results[0] = &framework.Result{Severity: framework.Info, Message: report.Summary(result.Findings, len(touched), "resource")}
	if len(result.Findings) == 0 {
		results[0] = &framework.Result{Severity: framework.Warning, Message: report.Summary(nil, len(items), "resource")}
	}
	return result, results
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

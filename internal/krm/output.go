package krm

import (
	"bufio"
	"cmp"
	"io"
	"iter"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
	"inject-related-images/internal/report"
	"inject-related-images/internal/yamltext"
)

// Output is what the function answers. It holds little more than the input and what became of it:
// of results there are as many as references, and they are made while they are written.
type Output struct {
	source  string
	changes []yamltext.Change // of source, in order
	at      int               // the index of the change that is to be the results
	place   place             // of the results

	parts    []part
	errs     framework.Results // that are of no reference
	summary  *framework.Result
	note     *framework.Result // which releases the images are of, or nil
	warnings framework.Results // and other notes, that are of no reference
	policy   policy.Policy
}

// state tells what became of the parts of a list, and with a *policy.FindingsError that references
// fail.
func state(parts []part, c *catalog.Catalog, options config.Options) (*Output, error) {
	command := policy.Function
	if options.Check {
		command = policy.FunctionCheck
	}
	o := &Output{parts: parts, policy: policy.New(command, options.FailOn)}
	counts := o.policy.Count()
	var last *item
	items, touched, templates, usage := 0, 0, 0, engine.Usage{}
	for _, p := range parts {
		items += p.items
		templates += p.templates
		usage.Merge(p.usage)
		for _, problem := range p.problems {
			o.warnings = append(o.warnings, problem.Result)
		}
		for i := range p.findings {
			f := &p.findings[i]
			counts.Add(&f.Finding)
			if f.item != last {
				last, touched = f.item, touched+1
			}
		}
	}
	for _, warning := range c.Warnings() {
		o.warnings = append(o.warnings, newResult(framework.Warning, warning))
	}
	bad := c.BadVariables()
	counts.AddBadVariables(len(bad))
	for _, warning := range bad {
		r := newResult(framework.Severity(o.policy.VariableSeverity()), warning)
		if r.Severity == framework.Error {
			o.errs = append(o.errs, r)
		} else {
			o.warnings = append(o.warnings, r)
		}
	}
	for _, warning := range options.Unmatched(usage) {
		o.warnings = append(o.warnings, newResult(framework.Warning, warning))
	}
	if note := policy.TemplatesNote(templates); note != "" {
		o.warnings = append(o.warnings, newResult(framework.Info, note))
	}
	o.summary = newResult(framework.Info, counts.Summary(touched, "resource"))
	if counts.All() == 0 {
		o.summary = newResult(framework.Warning, counts.Summary(items, "resource"))
	}
	err := counts.Verdict()
	for _, warning := range counts.Warnings() {
		if counts.FailsAsForeign() {
			o.errs = append(o.errs, newResult(framework.Error, err.Error()))
		} else {
			o.warnings = append(o.warnings, newResult(framework.Warning, warning))
		}
	}
	return o, err
}

// newResult returns a result that is of no reference.
func newResult(severity framework.Severity, message string) *framework.Result {
	return &framework.Result{Severity: severity, Message: quote.Text(message)}
}

// Results returns the results: errors first, then one summary, then other notes, warnings and one
// result a reference.
func (o *Output) Results() iter.Seq[*framework.Result] { return o.results(false) }

// Log returns those of the results that are for the log, too, since not all orchestrators show
// results: errors, warnings, and which of several releases the images are of.
func (o *Output) Log() iter.Seq[*framework.Result] { return o.results(true) }

func (o *Output) results(loud bool) iter.Seq[*framework.Result] {
	return func(yield func(*framework.Result) bool) {
		each := func(results ...*framework.Result) bool {
			for _, r := range results {
				if r == nil || loud && r.Severity == framework.Info && r != o.note {
					continue
				}
				if !yield(r) {
					return false
				}
			}
			return true
		}
		_ = each(o.errs...) && o.references(true, loud, yield) && each(o.summary, o.note) && each(o.warnings...) &&
			o.references(false, loud, yield)
	}
}

// references yields the results of the references that fail, or those of the others.
func (o *Output) references(failing, loud bool, yield func(*framework.Result) bool) bool {
	for _, p := range o.parts {
		for i := range p.findings {
			f := &p.findings[i]
			severity := o.policy.Severity(&f.Finding)
			if (severity == policy.Error) != failing || loud && severity == policy.Info {
				continue
			}
			if !yield(report.Result(&f.Finding, severity, f.item.ref, f.item.file)) {
				return false
			}
		}
	}
	return true
}

// assemble takes the changes of all parts of l, and the place for the results in its envelope.
func (o *Output) assemble(l list, p place) {
	o.source, o.place = l.source, p
	for _, part := range o.parts {
		o.changes = append(o.changes, part.changes...)
	}
	slices.SortStableFunc(o.changes, func(a, b yamltext.Change) int { return cmp.Compare(a.Start, b.Start) })
	results := l.inSource(yamltext.Change{Start: p.start, End: p.end})
	for o.at < len(o.changes) && o.changes[o.at].Start <= results.Start {
		o.at++
	}
	o.changes = slices.Insert(o.changes, o.at, results)
}

// Write writes the ResourceList with results to w.
func (o *Output) Write(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<16) // keeps its error for Flush
	last := 0
	for i, c := range o.changes {
		_, _ = b.WriteString(o.source[last:c.Start])
		_, _ = b.WriteString(c.New)
		if i == o.at {
			o.place.write(b, o.Results())
		}
		last = c.End
	}
	_, _ = b.WriteString(o.source[last:])
	return b.Flush()
}

// String returns the ResourceList with results.
func (o *Output) String() string {
	var b strings.Builder
	_ = o.Write(&b) // a Builder takes everything
	return b.String()
}

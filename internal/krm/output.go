package krm

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/config"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/report"
	"inject-related-images/internal/yamltext"
)

// Output is what the function answers. It holds little more than the input and what became of it: of results there are as many as
// references, and they are made while they are written.
type Output struct {
	source  string
	changes []yamltext.Change // of source, in order
	at      int               // the index of the change that is to be the results
	place   place             // of the results

	parts    []part
	errs     framework.Results // that are of no reference
	summary  *framework.Result
	warnings framework.Results // that are of no reference
	policy   policy.Policy
}

// state tells what became of the parts of a list, and with a *policy.FindingsError that references fail.
func state(parts []part, c *catalog.Catalog, options config.Options) (*Output, error) {
	command := policy.Function
	if options.Check {
		command = policy.FunctionCheck
	}
	o := &Output{parts: parts, policy: policy.New(command, options.FailOn)}
	counts := o.policy.Count()
	var last *item
	items, touched := 0, 0
	for _, p := range parts {
		items += p.items
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
		o.warnings = append(o.warnings, &framework.Result{Severity: framework.Warning, Message: warning})
	}
	o.summary = &framework.Result{Severity: framework.Info, Message: counts.Summary(touched, "resource")}
	if counts.All() == 0 {
		o.summary = &framework.Result{Severity: framework.Warning, Message: counts.Summary(items, "resource")}
	}
	return o, counts.Verdict()
}

// Results returns the results: errors first, then one summary, then other warnings and one result a reference.
func (o *Output) Results() iter.Seq[*framework.Result] { return o.results(false) }

// Warnings returns those of the results that are errors or warnings.
func (o *Output) Warnings() iter.Seq[*framework.Result] { return o.results(true) }

func (o *Output) results(loud bool) iter.Seq[*framework.Result] {
	return func(yield func(*framework.Result) bool) {
		each := func(results ...*framework.Result) bool {
			for _, r := range results {
				if (!loud || r.Severity != framework.Info) && !yield(r) {
					return false
				}
			}
			return true
		}
		_ = each(o.errs...) && o.references(true, loud, yield) && each(o.summary) && each(o.warnings...) && o.references(false, loud, yield)
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

// write writes results as they are at the place. Writing them by hand costs a tenth of what a YAML library takes, and there are as
// many as references.
func (p place) write(b *bufio.Writer, results iter.Seq[*framework.Result]) {
	separator, end := ",", "]"
	_, _ = b.WriteString(p.before)
	if p.block {
		separator, end = "\n"+p.indent, ""
	} else {
		_ = b.WriteByte('[')
	}
	first := true
	for r := range results {
		if !first {
			_, _ = b.WriteString(separator)
		}
		first = false
		if p.block {
			writeBlock(b, r, p.indent)
		} else {
			_, _ = b.WriteString(quote(r))
		}
	}
	_, _ = b.WriteString(end)
	_, _ = b.WriteString(p.after)
}

// text returns what write writes.
func (p place) text(results iter.Seq[*framework.Result]) string {
	var s strings.Builder
	b := bufio.NewWriter(&s)
	p.write(b, results)
	_ = b.Flush() // a Builder takes everything
	return s.String()
}

// writeBlock writes a result as an item of a block sequence, from its dash on, without a line break at the end.
func writeBlock(b *bufio.Writer, r *framework.Result, indent string) {
	line := func(depth int, key, value string) {
		_ = b.WriteByte('\n')
		_, _ = b.WriteString(indent)
		for range depth {
			_, _ = b.WriteString("  ")
		}
		_, _ = b.WriteString(key)
		_, _ = b.WriteString(value)
	}
	text := func(depth int, key, value string) {
		if value != "" {
			line(depth, key, quote(value))
		}
	}
	_, _ = b.WriteString("- message: ")
	_, _ = b.WriteString(quote(r.Message))
	line(1, "severity: ", string(r.Severity))
	if ref := r.ResourceRef; ref != nil {
		line(1, "resourceRef:", "")
		text(2, "apiVersion: ", ref.APIVersion)
		text(2, "kind: ", ref.Kind)
		text(2, "name: ", ref.Name)
		text(2, "namespace: ", ref.Namespace)
	}
	if f := r.Field; f != nil {
		line(1, "field:", "")
		line(2, "path: ", quote(f.Path))
		current, _ := f.CurrentValue.(string)
		proposed, _ := f.ProposedValue.(string)
		text(2, "currentValue: ", current)
		text(2, "proposedValue: ", proposed)
	}
	if f := r.File; f != nil {
		line(1, "file:", "")
		line(2, "path: ", quote(f.Path))
		if f.Index != 0 {
			line(2, "index: ", strconv.Itoa(f.Index))
		}
	}
}

// quote writes v, a text or a result, as JSON that is YAML too.
func quote(v any) string {
	if s, ok := v.(string); ok && isPlain(s) {
		return `"` + s + `"`
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // texts and results always encode
	return string(report.Printable(bytes.TrimSuffix(b.Bytes(), []byte("\n"))))
}

// isPlain tells whether nothing in s needs an escape in quotes.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

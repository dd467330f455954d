package report

import (
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/quote"
)

// Result states a finding as a KRM function does, of the object ref in file, both of which may be
// nil. Kustomize and kpt show no files: without an object the message names the file.
func Result(
	f *engine.Finding, severity policy.Severity, ref *yaml.ResourceIdentifier, file *framework.File,
) *framework.Result {
	r := &framework.Result{
		Message:     sentence(f),
		Severity:    framework.Severity(severity),
		ResourceRef: ref,
		File:        file,
		Field:       &framework.Field{Path: f.Path, CurrentValue: f.Image},
	}
	if f.Proposed != "" {
		r.Field.ProposedValue = f.Proposed
	}
	if ref == nil && file != nil {
		r.Message = quote.Name(file.Path) + ": " + r.Message
	}
	return r
}

// sentence says in a sentence what became of a reference.
func sentence(f *engine.Finding) string {
	image, proposed, entry, after := quote.Name(f.Image), quote.Name(f.Proposed), quote.Name(f.Entry), ""
	if f.Message != "" {
		after = ": " + quote.Text(f.Message)
	}
	switch f.Status {
	case engine.Injected:
		return image + " is now " + proposed + ", by " + entry + after
	case engine.Stale:
		return image + " should be " + proposed + ", by " + entry + after
	case engine.Current:
		return image + " is what the CSV says" + after
	}
	return image + " is " + string(f.Status) + after
}

package report

import (
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/policy"
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
		r.Message = file.Path + ": " + r.Message
	}
	return r
}

// sentence says in a sentence what became of a reference.
func sentence(f *engine.Finding) string {
	after := ""
	if f.Message != "" {
		after = ": " + f.Message
	}
	switch f.Status {
	case engine.Injected:
		return f.Image + " is now " + f.Proposed + ", by " + f.Entry + after
	case engine.Stale:
		return f.Image + " is to be " + f.Proposed + ", by " + f.Entry + after
	case engine.Current:
		return f.Image + " is what the CSV says" + after
	}
	return f.Image + " is " + string(f.Status) + after
}

// Package config is the one table of the program's options. Each is a flag, an environment variable
// and, unless it names files, an annotation of the functionConfig, with the same name, the same
// values and the same errors: kustomize and kpt pass on no flags, Tekton and people write no
// annotations.
package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/skip"
)

// Options are the options' values.
type Options struct {
	Fields  []locate.Field
	Exclude []locate.Field
	Names   catalog.Names
	Arch    string
	Decide  engine.Options
	FailOn  policy.FailOn
	Skip    skip.Globs
	Check   bool   // propose, do not write
	Package string // of a file-based catalog
	Bundle  string // of the package

	Insecure bool   // ask registries by plain HTTP, too
	Root     string // the folder of images to look in, or ""
}

// Engine returns the engine for the releases of a history, as the options want it.
func (o Options) Engine(h olm.History) engine.Engine {
	e := engine.Engine{
		Catalog: catalog.New(h.Entries(), o.Arch),
		Scope:   locate.NewScope(o.Fields, o.Exclude, o.Names),
		Options: o.Decide,
	}
	e.Options.Mirrors = mirrorsFor(hosts(h), o.Decide.Mirrors)
	for _, r := range h.Current {
		e.Operator.Packages = append(e.Operator.Packages, r.Package())
		e.Operator.Deployments = append(e.Operator.Deployments, r.Deployments...)
	}
	for _, r := range h.Previous {
		e.Previous = append(e.Previous, engine.Release{
			CSV: r.Name, Package: r.Package(), Next: h.CurrentOf(r.Package()), Catalog: catalog.New(r.Entries, o.Arch),
		})
	}
	return e
}

// The spellings of an option.
const (
	EnvironmentPrefix = "INJECT_RELATED_IMAGES_"
	AnnotationPrefix  = "inject-related-images/"
)

// PreviousAnnotation is no option: with the value "true" it makes a CSV among the items one of an
// earlier release, whatever its version.
const PreviousAnnotation = AnnotationPrefix + "previous"

// IsPrevious tells whether the value of PreviousAnnotation makes a CSV one of an earlier release.
func IsPrevious(value string) (is bool, err error) {
	if value == "" {
		return false, nil
	}
	if err := parseBool(&is, value); err != nil {
		return false, fmt.Errorf(
			"%s: %w: it marks a CSV among the items; files are given by --previous",
			PreviousAnnotation,
			err,
		)
	}
	return is, nil
}

// Environment is the name of the environment variable of an option: INJECT_RELATED_IMAGES_FAIL_ON
// for fail-on.
func (o Option) Environment() string {
	return EnvironmentPrefix + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// Annotation is the name of the annotation of an option.
func (o Option) Annotation() string { return AnnotationPrefix + o.Name }

// Values are options as they were given, by name.
type Values map[string]Value

// Value is an option as it was given.
type Value struct {
	Text   string
	Given  string // how: --fields, the name of the variable, the name of the annotation
	Inline bool   // of an option that opens files: Text is what they would hold
}

// Over returns the values of v, and those of lower where v has none.
func (v Values) Over(lower Values) Values {
	merged := maps.Clone(lower)
	if merged == nil {
		merged = Values{}
	}
	maps.Copy(merged, v)
	return merged
}

// Files returns the values of an option that names files, and how it was given.
func (v Values) Files(name string) (files []string, given string) {
	value, ok := v[name]
	if !ok || value.Inline {
		return nil, ""
	}
	return strings.Split(strings.TrimSuffix(value.Text, "\n"), "\n"), value.Given
}

// FromEnvironment returns the options in environ, which holds key=value; an empty value is none. An
// option that is not in the table is an error.
func FromEnvironment(environ []string) (Values, error) {
	given := map[string]string{}
	for _, pair := range environ {
		if key, value, _ := strings.Cut(pair, "="); strings.HasPrefix(key, EnvironmentPrefix) && value != "" {
			given[key] = value
		}
	}
	return fromMap(given, Table, Option.Environment)
}

// FromAnnotations returns the options in annotations. What is no option is an error, and what names
// files.
func FromAnnotations(annotations map[string]string) (Values, error) {
	if _, err := IsPrevious(annotations[PreviousAnnotation]); err != nil {
		return nil, err
	}
	given := map[string]string{}
	for key, value := range annotations {
		if strings.HasPrefix(key, AnnotationPrefix) && key != PreviousAnnotation {
			given[key] = value
		}
	}
	for _, o := range Table {
		reason := "names files, which no annotation may"
		if o.Selects {
			reason = "chooses the CSV, which is done before its annotations are read"
		}
		if _, ok := given[o.Annotation()]; ok && (o.Opens || o.Selects) {
			return nil, fmt.Errorf("%s: it %s: give the flag --%s or %s to a command",
				o.Annotation(), reason, o.Name, o.Environment())
		}
	}
	return fromMap(given, annotatable(), Option.Annotation)
}

// OverReleases returns the values of v, and below them those in the annotations of the releases
// that are the truth. It is an error if these contradict each other where v does not settle it.
func (v Values) OverReleases(releases []olm.Release) (Values, error) {
	annotated := Values{}
	for _, r := range releases {
		values, err := FromAnnotations(r.Annotations)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r, err)
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			value := values[name]
			value.Given = fmt.Sprintf("%s: %s", r, value.Given)
			_, settled := v[name]
			if other, ok := annotated[name]; !ok {
				annotated[name] = value
			} else if other.Text != value.Text && !settled {
				return nil, fmt.Errorf("%s is %q, and %s is %q: leave it to one of them, or give --%s",
					other.Given, other.Text, value.Given, value.Text, name)
			}
		}
	}
	return v.Over(annotated), nil
}

func fromMap(given map[string]string, options []Option, spelling func(Option) string) (Values, error) {
	values, names := Values{}, make([]string, len(options))
	for i, option := range options {
		names[i] = spelling(option)
		if text, ok := given[names[i]]; ok {
			values[option.Name] = Value{Text: text, Given: names[i]}
			delete(given, names[i])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		return nil, fmt.Errorf("%s: there is no such option: did you mean %s? There are %s",
			key, nearest(key, names), strings.Join(names, ", "))
	}
	return values, nil
}

// nearest returns the name with the fewest edits from s.
func nearest(s string, names []string) string {
	return slices.MinFunc(names, func(a, b string) int {
		return levenshtein.ComputeDistance(s, a) - levenshtein.ComputeDistance(s, b)
	})
}

// Parse returns the options that values give. Errors name the flag, variable or annotation.
func (v Values) Parse() (Options, error) {
	o := Options{Names: catalog.DefaultNames}
	for _, option := range Table {
		if value, ok := v[option.Name]; ok && (!option.Opens || value.Inline) {
			if err := option.parse(&o, value.Text); err != nil {
				return Options{}, fmt.Errorf("%s: %w", value.Given, err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !slices.ContainsFunc(Table, func(o Option) bool { return o.Name == name }) {
			return Options{}, fmt.Errorf("%s: there is no option %q", v[name].Given, name)
		}
	}
	return o, nil
}

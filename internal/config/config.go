// Package config is the one table of the program's options. Each is a flag, an environment variable and an annotation of the
// functionConfig, with the same name, the same values and the same errors: kustomize and kpt pass on no flags, Tekton and people
// write no annotations.
package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"inject-related-images/internal/locate"
)

// Options are the options' values.
type Options struct {
	Fields  []locate.Field
	Exclude []locate.Field
}

// Option is a row of the table.
type Option struct {
	Name  string
	Type  string // what a value is, in one word
	Help  string
	parse func(o *Options, value string) error
}

// Table holds all options.
var Table = []Option{
	{
		"fields", "FIELDS", "your own places of references: kustomize FieldSpecs, {kind: Foo, path: spec/foo[]/image}, or paths",
		func(o *Options, value string) (err error) {
			o.Fields, err = locate.ParseFields(value)
			return err
		},
	},
	{
		"exclude", "FIELDS", "places never to touch, in the same form",
		func(o *Options, value string) (err error) {
			o.Exclude, err = locate.ParseFields(value)
			return err
		},
	},
}

// The spellings of an option.
const (
	EnvironmentPrefix = "INJECT_RELATED_IMAGES_"
	AnnotationPrefix  = "inject-related-images/"
)

// Environment is the name of the environment variable of an option: INJECT_RELATED_IMAGES_FAIL_ON for fail-on.
func (o Option) Environment() string {
	return EnvironmentPrefix + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// Annotation is the name of the annotation of an option.
func (o Option) Annotation() string { return AnnotationPrefix + o.Name }

// Values are options as they were given, by name.
type Values map[string]Value

// Value is an option as it was given.
type Value struct {
	Text  string
	Given string // how: --fields, the name of the variable, the name of the annotation
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

// FromEnvironment returns the options in environ, which holds key=value; an empty value is none. An option that is not in the table is an error.
func FromEnvironment(environ []string) (Values, error) {
	given := map[string]string{}
	for _, pair := range environ {
		if key, value, _ := strings.Cut(pair, "="); strings.HasPrefix(key, EnvironmentPrefix) && value != "" {
			given[key] = value
		}
	}
	return fromMap(given, Option.Environment)
}

// FromAnnotations returns the options in annotations. An option that is not in the table is an error.
func FromAnnotations(annotations map[string]string) (Values, error) {
	given := map[string]string{}
	for key, value := range annotations {
		if strings.HasPrefix(key, AnnotationPrefix) {
			given[key] = value
		}
	}
	return fromMap(given, Option.Annotation)
}

func fromMap(given map[string]string, spelling func(Option) string) (Values, error) {
	values, names := Values{}, make([]string, len(Table))
	for i, option := range Table {
		names[i] = spelling(option)
		if text, ok := given[names[i]]; ok {
			values[option.Name] = Value{text, names[i]}
			delete(given, names[i])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		return nil, fmt.Errorf("%s: there is no such option: there are %s", key, strings.Join(names, ", "))
	}
	return values, nil
}

// Parse returns the options that values give. Errors name the flag, variable or annotation.
func (v Values) Parse() (Options, error) {
	var o Options
	for _, option := range Table {
		if value, ok := v[option.Name]; ok {
			if err := option.parse(&o, value.Text); err != nil {
				return Options{}, fmt.Errorf("%s: %w", value.Given, err)
			}
		}
	}
	return o, nil
}

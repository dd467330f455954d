// Package config is the one table of the program's options. Each is a flag, an environment variable and an annotation of the
// functionConfig, with the same name, the same values and the same errors: kustomize and kpt pass on no flags, Tekton and people
// write no annotations.
package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/yamltext"
)

// Options are the options' values.
type Options struct {
	Fields  []locate.Field
	Exclude []locate.Field
	Names   catalog.Names
	Arch    string
	Decide  engine.Options
	FailOn  policy.FailOn
	Check   bool // propose, do not write
}

// Engine returns the engine for the releases of a history, as the options want it.
func (o Options) Engine(h olm.History) engine.Engine {
	e := engine.Engine{
		Catalog: catalog.New(h.Entries(), o.Arch),
		Scope:   locate.NewScope(o.Fields, o.Exclude, o.Names),
		Options: o.Decide,
	}
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

// Option is a row of the table.
type Option struct {
	Name    string
	Type    string // what a value is, in one word; "" is a switch
	Default string
	Help    string
	Join    string // between values that are given one by one
	parse   func(o *Options, value string) error
}

// Table holds all options.
var Table = []Option{
	{
		"fields", fieldsType, "", "your own places of references: kustomize FieldSpecs, {kind: Foo, path: \"spec/foo[]/image\"}, or a path", "\n---\n",
		func(o *Options, value string) (err error) {
			o.Fields, err = locate.ParseFields(value)
			return err
		},
	},
	{
		"exclude", fieldsType, "", "places never to touch, in the form of fields", "\n---\n",
		func(o *Options, value string) (err error) {
			o.Exclude, err = locate.ParseFields(value)
			return err
		},
	},
	{
		"match-repository", "", "false", "take the only digest that the CSV has of a repository, whatever the tag", ",",
		func(o *Options, value string) error { return parseBool(&o.Decide.MatchRepository, value) },
	},
	{
		"alias", "REPOSITORY=REPOSITORY,...", "", "repositories, or what they begin with, that stand for the CSV's: quay.io/devspaces=registry.redhat.io/devspaces", ",",
		func(o *Options, value string) error {
			pairs, err := parsePairs(value)
			for _, p := range pairs {
				o.Decide.Aliases = append(o.Decide.Aliases, engine.Alias{From: p[0], To: p[1]})
			}
			return err
		},
	},
	{
		"mirror", "REPOSITORY=REPOSITORY,...", "", "write images by their names at a mirror: registry.redhat.io=registry.local:5000/mirror", ",",
		func(o *Options, value string) error {
			pairs, err := parsePairs(value)
			to := map[string]string{}
			for _, p := range pairs {
				if other, ok := to[p[1]]; ok {
					return fmt.Errorf("%s is to be the mirror of %s and of %s: what is there could be of either", p[1], other, p[0])
				}
				to[p[1]] = p[0]
				o.Decide.Mirrors = append(o.Decide.Mirrors, engine.Mirror{From: p[0], To: p[1]})
			}
			return err
		},
	},
	{
		"keep-tag", "", "false", "write repository:tag@digest", ",",
		func(o *Options, value string) error { return parseBool(&o.Decide.KeepTag, value) },
	},
	{
		"record", "", "false", "leave the name of the variable beside every image that is injected, # related-image: NAME, for the next CSV", ",",
		func(o *Options, value string) error { return parseBool(&o.Decide.Record, value) },
	},
	{
		"arch", "GOARCH", "", "let the variables of this architecture win: " + strings.Join(catalog.Architectures, ", "), ",",
		func(o *Options, value string) error { return parseOneOf(&o.Arch, value, catalog.Architectures) },
	},
	{
		"prefix", "PREFIX,...", strings.Join(catalog.DefaultNames, ","), "what the names of the CSV's variables begin with; *_IMAGE for what they end with", ",",
		func(o *Options, value string) error { return parsePrefix(&o.Names, value) },
	},
	{
		"fail-on", "STATUS,...", "", "add to what fails, or remove with a - before it (drifted,-stale): " + strings.Join(policy.FailOnNames(), ", ") +
			"; check fails on stale, drifted, foreign, and on unreachable where the CSV says another image", ",",
		func(o *Options, value string) (err error) {
			o.FailOn, err = policy.ParseFailOn(items(value))
			return err
		},
	},
	{
		"mode", "MODE", "inject", "inject; or check, which has the KRM function propose and not write", ",",
		func(o *Options, value string) error {
			var mode string
			err := parseOneOf(&mode, value, []string{"inject", "check"})
			o.Check = mode == "check"
			return err
		},
	},
}

// items splits a list.
func items(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

func parseBool(b *bool, value string) (err error) {
	if *b, err = strconv.ParseBool(value); err != nil {
		return fmt.Errorf("%q is neither true nor false", value)
	}
	return nil
}

func parseOneOf(s *string, value string, options []string) error {
	if !slices.Contains(options, value) {
		return fmt.Errorf("%q is none of %s", value, strings.Join(options, ", "))
	}
	*s = value
	return nil
}

func parsePrefix(names *catalog.Names, value string) error {
	*names = nil
	for _, item := range items(value) {
		if strings.Trim(item, "*") == "" || strings.Contains(item[1:], "*") {
			return fmt.Errorf("%q is what names begin with, RELATED_IMAGE_, or with a * before it what they end with, *_IMAGE", item)
		}
		*names = append(*names, item)
	}
	if *names == nil {
		return errors.New("it is empty: give what the names of variables begin with, RELATED_IMAGE_")
	}
	return nil
}

// parsePairs reads repository=repository, the longest first one first.
func parsePairs(value string) ([][2]string, error) {
	var pairs [][2]string
	for _, item := range items(value) {
		from, to, ok := strings.Cut(item, "=")
		a, b := repository(from), repository(to)
		if !ok || a == "" || b == "" {
			return nil, fmt.Errorf("%q is not REPOSITORY=REPOSITORY, quay.io/devspaces=registry.redhat.io/devspaces", item)
		}
		pairs = append(pairs, [2]string{a, b})
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	return pairs, nil
}

// repository returns the normal form of what repositories begin with: a registry, an organisation, or a repository; or "". What
// has no host is of Docker Hub, acme being docker.io/acme.
func repository(s string) string {
	s = strings.TrimSuffix(s, "/")
	if s == "docker.io" || s == "index.docker.io" {
		return "docker.io"
	}
	r, err := imageref.Parse(s + "/x")
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(r.Repository(), "/x")
}

// The spellings of an option.
const (
	EnvironmentPrefix = "INJECT_RELATED_IMAGES_"
	AnnotationPrefix  = "inject-related-images/"
)

// PreviousAnnotation is no option: with the value "true" it makes a CSV among the items one of an earlier release, whatever its
// version.
const PreviousAnnotation = AnnotationPrefix + "previous"

// IsPrevious tells whether annotations make a CSV one of an earlier release.
func IsPrevious(annotations *yamltext.Node) (is bool, err error) {
	if text := annotations.Text(PreviousAnnotation); text != "" {
		if err = parseBool(&is, text); err != nil {
			err = fmt.Errorf("%s: %w", PreviousAnnotation, err)
		}
	}
	return is, err
}

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
		if strings.HasPrefix(key, AnnotationPrefix) && key != PreviousAnnotation {
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
		return nil, fmt.Errorf("%s: there is no such option: did you mean %s? There are %s", key, nearest(key, names), strings.Join(names, ", "))
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
		if value, ok := v[option.Name]; ok {
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

package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/engine"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
	"inject-related-images/internal/policy"
	"inject-related-images/internal/skip"
)

// Option is a row of the table.
type Option struct {
	Name    string
	Type    string // what a value is, in one word; "" is a switch
	Default string
	Help    string
	Join    string   // between values that are given one by one
	Of      []string // the commands that use it, and Function
	Values  []string // all that a value, or an item of a list, or its key, can be; nil if there is no end of them
	// Opens says that the values name files. They are a flag or an environment variable: a CSV must
	// not make a run open files, and the function opens none.
	Opens bool
	// Selects says that the values choose the CSV, or how it is opened. They are a flag or an
	// environment variable: an annotation is read when the CSV is open.
	Selects bool
	// Inline says that a functionConfig of our own Kind may hold what the files hold.
	Inline bool
	parse  func(o *Options, value string) error // of what files hold, where the values name files
}

// Function stands for the function among the commands: it has no name.
const Function = ""

// What uses options: what reports references, and what decides them, as catalog does to count them.
var (
	ofReports   = []string{Function, "inject", "check", "images"}
	ofDecisions = append(slices.Clone(ofReports), "catalog")
)

var modes = []string{"inject", "check"}

// Table holds all options.
var Table = []Option{
	{
		Name: "fields", Type: fieldsType, Join: "\n---\n", Of: ofDecisions,
		Help: "your own places of references: kustomize FieldSpecs, {kind: Foo, path: \"spec/foo[]/image\"}, or a path",
		parse: func(o *Options, value string) (err error) {
			o.Fields, err = locate.ParseFields(value)
			return err
		},
	},
	{
		Name: "exclude", Type: fieldsType, Join: "\n---\n", Of: ofDecisions,
		Help: "places never to touch, in the form of fields",
		parse: func(o *Options, value string) (err error) {
			o.Exclude, err = locate.ParseFields(value)
			return err
		},
	},
	{
		Name: "match-repository", Default: "false", Join: ",", Of: ofDecisions,
		Help:  "take the only digest that the CSV has of a repository, whatever the tag",
		parse: func(o *Options, value string) error { return parseBool(&o.Decide.MatchRepository, value) },
	},
	{
		Name: "alias", Type: "REPOSITORY=REPOSITORY,...", Join: ",", Of: ofDecisions,
		Help: "repositories, or what they begin with, that stand for the CSV's: " +
			"quay.io/devspaces=registry.redhat.io/devspaces",
		parse: func(o *Options, value string) error {
			pairs, err := parsePairs(value)
			for _, p := range pairs {
				o.Decide.Aliases = append(o.Decide.Aliases, engine.Alias{From: p[0], To: p[1]})
			}
			return err
		},
	},
	{
		Name: "mirror", Type: "REPOSITORY=REPOSITORY,...", Join: ",", Of: ofDecisions,
		Help: "write images by their names at a mirror: registry.redhat.io=registry.local:5000/mirror",
		parse: func(o *Options, value string) error {
			pairs, err := parsePairs(value)
			to := map[string]string{}
			for _, p := range pairs {
				if other, ok := to[p[1]]; ok {
					return fmt.Errorf("%s cannot be the mirror of both %s and %s: an image there could come from either",
						p[1], other, p[0])
				}
				to[p[1]] = p[0]
				o.Decide.Mirrors = append(o.Decide.Mirrors, engine.Mirror{From: p[0], To: p[1]})
			}
			return err
		},
	},
	{
		Name: "keep-tag", Default: "false", Join: ",", Of: ofReports,
		Help:  "write repository:tag@digest",
		parse: func(o *Options, value string) error { return parseBool(&o.Decide.KeepTag, value) },
	},
	{
		Name: "record", Default: "false", Join: ",", Of: ofReports,
		Help:  "leave the name of the variable beside what is injected or current, # related-image: NAME, for the next CSV",
		parse: func(o *Options, value string) error { return parseBool(&o.Decide.Record, value) },
	},
	{
		Name: "arch", Type: "GOARCH", Join: ",", Of: ofDecisions, Values: catalog.Architectures,
		Help:  "let the variables of this architecture win: " + strings.Join(catalog.Architectures, ", "),
		parse: func(o *Options, value string) error { return parseOneOf(&o.Arch, value, catalog.Architectures) },
	},
	{
		Name: "prefix", Type: "PREFIX,...", Default: strings.Join(catalog.DefaultNames, ","), Join: ",", Of: ofDecisions,
		Help:  "what the names of the CSV's variables begin with; *_IMAGE for what they end with",
		parse: func(o *Options, value string) error { return parsePrefix(&o.Names, value) },
	},
	{
		Name: "fail-on", Type: "STATUS,...", Join: ",", Of: ofReports, Values: failOnValues(),
		Help: "add to what fails, or remove with a - before it (drifted,-stale): " + strings.Join(
			policy.FailOnNames(),
			", ",
		) +
			"; check fails on stale, drifted, foreign, and on unreachable where the CSV says another image",
		parse: func(o *Options, value string) (err error) {
			o.FailOn, err = policy.ParseFailOn(items(value))
			return err
		},
	},
	{
		Name: "mode", Type: "MODE", Default: "inject", Join: ",", Of: []string{Function, "inject"}, Values: modes,
		Help: "of the KRM function: inject; or check, to propose images and not write them",
		parse: func(o *Options, value string) error {
			var mode string
			err := parseOneOf(&mode, value, modes)
			o.Check = mode == "check"
			return err
		},
	},
	{
		Name: "package", Type: "NAME", Join: ",", Selects: true, Of: ofDecisions[1:],
		Help:  "the package to take from a file-based catalog that has several",
		parse: func(o *Options, value string) error { return parseName(&o.Package, value) },
	},
	{
		Name: "bundle", Type: "NAME", Join: ",", Selects: true, Of: ofDecisions[1:],
		Help:  "the bundle to take from a file-based catalog, instead of the head of the default channel",
		parse: func(o *Options, value string) error { return parseName(&o.Bundle, value) },
	},
	{
		Name: "insecure", Default: "false", Join: ",", Selects: true, Of: ofDecisions[1:],
		Help:  "ask registries by plain HTTP where they do not answer by HTTPS, also those beyond this machine",
		parse: func(o *Options, value string) error { return parseBool(&o.Insecure, value) },
	},
	{
		Name: "ca", Type: "FILE", Join: "\n", Opens: true, Of: ofDecisions[1:],
		Help: "file with certificates, in PEM, of authorities to trust in registries beside those of the system",
	},
	{
		Name: "root", Type: "FOLDER", Join: "\n", Of: ofDecisions[1:],
		Help: "the folder of images to look in: /var/www/html; a file in it that does not parse is an error",
		parse: func(o *Options, value string) error {
			if strings.Contains(value, "\n") {
				return fmt.Errorf("%q is several folders: give one", value)
			}
			o.Root = value
			return nil
		},
	},
	{
		Name: "skip", Type: "GLOB", Join: "\n", Of: ofDecisions[1:],
		Help: "files and folders to pass over, as a line of a .gitignore in each PATH says (may be repeated)",
		parse: func(o *Options, value string) (err error) {
			o.Skip, err = skip.Parse(value)
			return err
		},
	},
	{
		Name: "previous", Type: "SOURCE", Join: "\n", Opens: true, Of: ofDecisions[1:],
		Help: "CSVs of earlier releases: a file, a folder with any number of them, a file-based catalog, " +
			"an image, or - for stdin (may be repeated)",
	},
	{
		Name: "map", Type: "FILE", Join: "\n", Opens: true, Inline: true, Of: ofDecisions[1:],
		Help: "file with a list of {image: quay.io/acme/server, variable: RELATED_IMAGE_server}: the variables that decide " +
			"images, or repositories (may be repeated)",
		parse: func(o *Options, value string) error {
			rows, err := ParseMap(value)
			o.Decide.Map = append(o.Decide.Map, rows...)
			return err
		},
	},
	{
		Name: "mirrors", Type: "FILE", Join: "\n", Opens: true, Of: ofDecisions[1:],
		Help: "file with ImageDigestMirrorSets, ImageTagMirrorSets or ImageContentSourcePolicies (may be repeated)",
	},
	{
		Name: "result-file", Type: "KEY=FILE", Join: "\n", Opens: true, Of: ofReports[1:], Values: ResultKeys(),
		Help: "write the number of references that are KEY to FILE, whatever the exit code: " +
			strings.Join(ResultKeys(), ", ") + "; the last two are of the image that --to writes (may be repeated)",
	},
}

// failOnValues returns all that an item of fail-on can be.
func failOnValues() []string {
	values := policy.FailOnNames()
	for _, name := range policy.FailOnNames() {
		values = append(values, "-"+name)
	}
	return values
}

// The keys of result-file that are no statuses.
const (
	AllReferences = "references" // whatever their status
	Digest        = "digest"     // of an image that was written
	URL           = "url"        // its reference: quay.io/acme/registry:2
)

// ResultKeys are the keys of result-file: one for all statuses, the statuses, and two of an image.
func ResultKeys() []string {
	keys := []string{AllReferences}
	for _, status := range policy.Statuses() {
		keys = append(keys, string(status))
	}
	return append(keys, Digest, URL)
}

// annotatable returns the options that can be annotations.
func annotatable() []Option {
	return slices.DeleteFunc(slices.Clone(Table), func(o Option) bool { return o.Opens || o.Selects })
}

// inData returns the options that the data of a ConfigMap may have: those of the function.
func inData() []Option {
	return slices.DeleteFunc(annotatable(), func(o Option) bool { return !slices.Contains(o.Of, Function) })
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

// parseName reads a name in a catalog.
func parseName(s *string, value string) error {
	if value == "" || strings.ContainsAny(value, ", \n") {
		return fmt.Errorf("%q is not one name", value)
	}
	*s = value
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
			return fmt.Errorf(
				"%q is what names begin with, RELATED_IMAGE_, or with a * before it what they end with, *_IMAGE",
				item,
			)
		}
		*names = append(*names, item)
	}
	if *names == nil {
		return errors.New("no prefix is given: give what the names of variables begin with, RELATED_IMAGE_")
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

// repository returns the normal form of what repositories begin with: a registry, an organisation,
// or a repository; or "". What has no host is of Docker Hub, acme being docker.io/acme.
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

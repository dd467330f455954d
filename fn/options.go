package fn

import (
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/config"
	"inject-related-images/internal/locate"
)

// Options are the options of the function, the engine and the commands. The zero value leaves all
// of them at their defaults.
//
// An option can also be given by its name: by With and Environment, as the program does with its
// flags and its environment, and by annotations of the CSV, or of another functionConfig. With goes
// before Environment, that before the fields of Options, and these before annotations. A field with
// its zero value is not given.
//
// Package fn checks options where they are used. A wrong value is an *ExitError with the code
// ExitUsage, which begins with the field, or with how the option was given:
//
//	Options.Arch: "sparc" is none of amd64, arm64, ppc64le, s390x
type Options struct {
	// Fields are places of references that the program does not know. Their values may be
	// references, lists of them, or documents.
	Fields []Field
	// Exclude are places never to touch. They go before all others.
	Exclude []Field
	// MatchRepository lets the only digest that the CSV has of a repository decide, whatever the
	// tag.
	MatchRepository bool
	// Aliases are other names of the CSV's repositories.
	Aliases []Alias
	// Mirrors say where images are pulled from. They are written by their names there.
	Mirrors []Mirror
	// KeepTag writes repository:tag@digest.
	KeepTag bool
	// Record leaves the name of the variable beside every image that is injected or current, in a
	// comment "# related-image: NAME". With it the next CSV finds the image again.
	Record bool
	// Arch lets the variables of an architecture win: amd64, arm64, ppc64le or s390x.
	Arch string
	// Prefixes are what the names of the CSV's variables begin with, or with a * before it end
	// with: "*_IMAGE". The default is RELATED_IMAGE_.
	Prefixes []string
	// FailOn adds to the findings that fail, or removes with a - before the name: stale, drifted,
	// unreachable, ambiguous, uncovered, unpinned, invalid, foreign, bad-variable. By default
	// references fail whose variable says no image; checks fail on stale, drifted and foreign, too,
	// and on unreachable where the CSV says another image.
	FailOn []string
	// Skip are files and folders that the commands pass over: lines of a .gitignore that would be in
	// each of Command.Paths that is a folder.
	Skip []string
	// Check lets the function and the engine propose images, and not write them. The commands
	// refuse it: Check is one of them.
	Check bool
	// Package is the package to take from a file-based catalog that has several.
	Package string
	// Bundle is the bundle of a file-based catalog that is the truth. The default is the head of the
	// default channel.
	Bundle string
	// Insecure lets registries be asked by plain HTTP where they do not answer by HTTPS. Those of
	// this machine always are.
	Insecure bool
	// Root is the folder of images to look in: /var/www/html. A file in it that does not parse is an
	// error; without Root it is told of.
	Root string

	named config.Values // those that were given by name
}

// Field is a place of references in objects, as kustomize has them:
// https://github.com/kubernetes-sigs/kustomize/blob/master/api/types/fieldspec.go
type Field struct {
	Group   string // of the objects; empty for all
	Version string // of the objects; empty for all
	Kind    string // of the objects; empty for all
	// Path leads from the object to the field: spec/foo[]/image. [] is every item of a list, * any
	// key, *Image any key that ends so, and \/ a / in a key.
	Path string
}

// Alias says that repositories in registries stand for those of the CSV. Since registries have
// different digests of one image, the whole reference is replaced.
type Alias struct {
	From string // a repository, or what repositories begin with: quay.io/devspaces
	To   string // the CSV's: registry.redhat.io/devspaces
}

// Mirror says where images of repositories are pulled from.
type Mirror struct {
	From string // a repository, or what repositories begin with: registry.redhat.io
	To   string // where it is mirrored: registry.local:5000/mirror
}

// parse returns what the options say, below them defaults.
func (o Options) parse() (config.Options, error) {
	values, err := o.values()
	if err != nil {
		return config.Options{}, err
	}
	return values.Parse()
}

// values returns the options by name, none of which is wrong. The table of package config has their
// rules.
func (o Options) values() (config.Values, error) {
	given, several := config.Values{}, error(nil)
	set := func(name, field, join string, texts []string) {
		if len(texts) > 0 {
			given[name] = config.Value{Text: strings.Join(texts, join), Given: "Options." + field}
		}
		for _, text := range texts {
			if join == "," && strings.ContainsAny(text, ", \n") {
				several = fmt.Errorf("%s: %q is several values: make each an element of its own", "Options."+field, text)
			}
		}
	}
	set("fields", "Fields", "\n---\n", fieldTexts(o.Fields))
	set("exclude", "Exclude", "\n---\n", fieldTexts(o.Exclude))
	set("match-repository", "MatchRepository", "", ifSet(o.MatchRepository, "true"))
	set("alias", "Aliases", ",", pairTexts(o.Aliases))
	set("mirror", "Mirrors", ",", pairTexts(o.Mirrors))
	set("keep-tag", "KeepTag", "", ifSet(o.KeepTag, "true"))
	set("record", "Record", "", ifSet(o.Record, "true"))
	set("arch", "Arch", "", ifSet(o.Arch != "", o.Arch))
	set("prefix", "Prefixes", ",", o.Prefixes)
	set("fail-on", "FailOn", ",", o.FailOn)
	set("skip", "Skip", "\n", o.Skip)
	set("mode", "Check", "", ifSet(o.Check, "check"))
	set("package", "Package", ",", ifSet(o.Package != "", o.Package))
	set("bundle", "Bundle", ",", ifSet(o.Bundle != "", o.Bundle))
	set("insecure", "Insecure", "", ifSet(o.Insecure, "true"))
	set("root", "Root", "", ifSet(o.Root != "", o.Root))
	if several != nil {
		return nil, several
	}
	values := o.named.Over(given)
	_, err := values.Parse()
	return values, err
}

func ifSet(set bool, text string) []string {
	if !set {
		return nil
	}
	return []string{text}
}

func fieldTexts(fields []Field) []string {
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = locate.Field(f).String()
	}
	return texts
}

func pairTexts[P Alias | Mirror](pairs []P) []string {
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = Alias(p).From + "=" + Alias(p).To
	}
	return texts
}

// Option describes an option that is given by name: a flag of the program, the environment variable
// INJECT_RELATED_IMAGES_<NAME>, and the annotation inject-related-images/<name> of the CSV, or of
// another functionConfig.
type Option struct {
	Name    string // keep-tag
	Type    string // what a value is; "" is a switch, true or false
	Default string // the value where none is given
	Help    string // what it does
	Join    string // what goes between values that are given one by one
	// Commands are the names of the commands that use it; "" stands for the function.
	Commands []string
	Values   []string // all that a value, or an item of a list, or its key, can be; nil if there is no end of them
}

// IsOf tells whether a command uses the option, or with "" the function.
func (o Option) IsOf(command string) bool { return slices.Contains(o.Commands, command) }

// AllOptions lists the options that can be given by name.
func AllOptions() []Option {
	options := make([]Option, len(config.Table))
	for i, o := range config.Table {
		options[i] = Option{o.Name, o.Type, o.Default, o.Help, o.Join, o.Of, o.Values}
	}
	return options
}

// Environment returns the options in environ, which holds key=value as os.Environ does: the
// variables INJECT_RELATED_IMAGES_<NAME> that are not empty. If there is no option of that name the
// error is an *ExitError with the code ExitUsage.
func Environment(environ []string) (Options, error) {
	values, err := config.FromEnvironment(environ)
	if err != nil {
		return Options{}, &ExitError{ExitUsage, err}
	}
	return Options{named: values}, nil
}

// With returns o with an option by its name, which goes before all that o has. Errors about the
// option begin with how it was given: --keep-tag.
func (o Options) With(name, value, given string) Options {
	o.named = config.Values{name: {Text: value, Given: given}}.Over(o.named)
	return o
}

// Files returns the values of an option that names files and was given by With or Environment, and
// how it was given. Nothing in this package opens them: Sources, and the fields of a Command, do
// that.
func (o Options) Files(name string) (files []string, given string) { return o.named.Files(name) }

package fn

import (
	"slices"

	"inject-related-images/internal/config"
)

// Options are the options of the function and of the commands, by name; the zero value leaves all of them at their defaults.
type Options struct {
	values config.Values
}

// Option describes an option: a flag of the program, the environment variable
// INJECT_RELATED_IMAGES_<NAME>, and the annotation inject-related-images/<name> of the CSV, or of
// another functionConfig.
type Option struct {
	Name    string
	Type    string // what a value is; "" is a switch, true or false
	Default string
	Help    string
	Join    string // what goes between values that are given one by one
	// Commands are the names of the commands that use it; "" stands for the function.
	Commands []string
	Values   []string // all that a value, or an item of a list, or its key, can be; nil if there is no end of them
}

// IsOf tells whether a command uses the option, or with "" the function.
func (o Option) IsOf(command string) bool { return slices.Contains(o.Commands, command) }

// AllOptions lists the options.
func AllOptions() []Option {
	options := make([]Option, len(config.Table))
	for i, o := range config.Table {
		options[i] = Option{o.Name, o.Type, o.Default, o.Help, o.Join, o.Of, o.Values}
	}
	return options
}

// Environment returns the options in environ, which holds key=value.
func Environment(environ []string) (Options, error) {
	values, err := config.FromEnvironment(environ)
	return Options{values}, err
}

// With returns o with an option that goes before what o has. How it was given is for errors.
func (o Options) With(name, value, given string) Options {
	return Options{config.Values{name: {Text: value, Given: given}}.Over(o.values)}
}

// Files returns the values of an option that names files, and how it was given.
func (o Options) Files(name string) (files []string, given string) { return o.values.Files(name) }

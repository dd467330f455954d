package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"inject-related-images/fn"
)

// addOptions adds a flag for every option of a command, or with "" of the function.
func addOptions(cmd *cobra.Command, command string) {
	for _, o := range fn.AllOptions() {
		if !o.IsOf(command) {
			continue
		}
		help := o.Help
		if o.Default != "" && o.Type != "" {
			help += " (default " + o.Default + ")"
		}
		flag := cmd.Flags().VarPF(&texts{placeholder: o.Type}, o.Name, "", help)
		switch {
		case o.Type == "":
			flag.NoOptDefVal = "true"
		case strings.HasPrefix(o.Type, "KEY="):
			completeKeys(cmd, o.Name, o.Values)
		case o.Values != nil:
			complete(cmd, o.Name, o.Values)
		}
	}
}

// texts is the value of a flag that may be given several times.
type texts struct {
	all         []string
	placeholder string // for the value, in the help; "" of a switch
}

func (t *texts) String() string { return strings.Join(t.all, ",") }

func (t *texts) Set(s string) error {
	t.all = append(t.all, s)
	return nil
}

// Type is what the help shows for the value, and of a bool it shows none.
func (t *texts) Type() string { return cmp.Or(t.placeholder, "bool") }

// given returns the options that the flags give, and the environment where they do not. A flag may
// be given several times.
func given(cmd *cobra.Command, std stdio) (fn.Options, error) {
	options, err := fn.Environment(std.environ)
	if err != nil {
		return options, err
	}
	for _, o := range fn.AllOptions() {
		if flag := cmd.Flags().Lookup(o.Name); flag != nil && flag.Changed {
			options = options.With(o.Name, strings.Join(flag.Value.(*texts).all, o.Join), "--"+o.Name)
		}
	}
	return options, nil
}

// complete has shells complete the last item of a flag that is a list, or its only one.
func complete(cmd *cobra.Command, flag string, values []string) {
	completion := func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		items := make([]string, len(values))
		for i, value := range values {
			items[i] = before + value
		}
		return items, cobra.ShellCompDirectiveNoFileComp
	}
	_ = cmd.RegisterFlagCompletionFunc(flag, completion) // which fails for an unknown flag
}

// completeKeys has shells complete the key of KEY=FILE, and then the file.
func completeKeys(cmd *cobra.Command, flag string, keys []string) {
	completion := func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		items := make([]string, len(keys))
		for i, key := range keys {
			items[i] = key + "="
		}
		return items, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}
	_ = cmd.RegisterFlagCompletionFunc(flag, completion)
}

// noArguments wants none. The first argument of the program is the name of a command.
func noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasParent():
		return fmt.Errorf("%s takes no PATH, and was given %q", cmd.Name(), args[0])
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(root *cobra.Command, name string) error {
	nearest := ""
	if suggestions := root.SuggestionsFor(name); len(suggestions) > 0 {
		nearest = "did you mean " + strings.Join(suggestions, " or ") + "? "
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q: %sThere are %s", name, nearest, strings.Join(names, ", "))
}

// somePaths wants at least one PATH. One that is true or false was mostly meant for the switch
// before it, whose values stand behind a "=".
func somePaths(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("PATH is missing: name the files or folders of a registry, or - for stdin")
	}
	for _, path := range args {
		if _, err := os.Lstat(path); err != nil && (path == "true" || path == "false") {
			return fmt.Errorf("PATH %s: no such file or directory; "+
				"write the value of a switch behind a =, --keep-tag=%[1]s", path)
		}
	}
	return nil
}

// folderHint is for those who mean a folder by --output, as it was once.
func folderHint(cmd *cobra.Command) string {
	if cmd.Flags().Lookup("to") == nil {
		return ""
	}
	return "; --to names a folder to write to"
}

// explainFlag adds to the error of an unknown flag which commands have it, or which flag is meant.
func explainFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	if name := cmd.Flags().Arg(0); !cmd.HasParent() && name != "" {
		return unknownCommand(cmd, name) // whose flag it would be
	}
	name := unknown.GetSpecifiedName()
	if elsewhere := commandsWith(cmd.Root(), name); elsewhere != "" {
		return fmt.Errorf("%w: it is a flag of %s", err, elsewhere)
	}
	if nearest := nearestFlag(cmd.Flags(), name); nearest != "" {
		return fmt.Errorf("%w: did you mean --%s?", err, nearest)
	}
	return fmt.Errorf("%w: --help lists those that there are", err)
}

// commandsWith names the commands that have a flag.
func commandsWith(root *cobra.Command, flag string) string {
	var names []string
	for _, c := range root.Commands() {
		if c.LocalFlags().Lookup(flag) != nil {
			names = append(names, c.Name())
		}
	}
	if root.LocalFlags().Lookup(flag) != nil {
		names = append(names, "the program without a command")
	}
	return strings.Join(names, ", ")
}

// otherwise is what other programs call our flags.
var otherwise = map[string]string{"dry-run": "diff", "format": "output", "file": "csv", "filename": "csv"}

// nearestFlag returns the name of the flag that is most like an unknown one, or "" if none is.
func nearestFlag(flags *pflag.FlagSet, name string) string {
	if flags.Lookup(otherwise[name]) != nil {
		return otherwise[name]
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	nearest := slices.MinFunc(names, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	if levenshtein.ComputeDistance(name, nearest) > len(name)/2 {
		return ""
	}
	return nearest
}

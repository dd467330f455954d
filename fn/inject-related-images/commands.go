package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"inject-related-images/fn"
)

// stdio is what the program knows of its surroundings.
type stdio struct {
	in          io.Reader
	out, log    io.Writer
	environ     []string
	interactive bool   // a person would have to type the input
	outScreen   screen // of out
	logScreen   screen // of log
}

// screen is where a person sees what is written.
type screen struct {
	terminal bool // otherwise nobody sees it
	width    int
	color    bool
}

func newCommand(std stdio) *cobra.Command {
	root := &cobra.Command{
		Use:           "inject-related-images",
		Short:         help("Short"),
		Long:          help("Short") + "\n\n" + help("Long"),
		Example:       help("Examples"),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if std.interactive {
				return cmd.Help()
			}
			options, err := given(cmd, std)
			if err != nil {
				return err
			}
			return fn.Function(std.in, std.out, std.log, options)
		},
	}
	addOptions(root)
	root.SetOut(std.out)
	root.SetErr(std.log)
	root.AddCommand(newInject(std), newCheck(std), newImages(std), newCatalog(std), newVersion(std))
	return root
}

// addOptions adds a flag for every option.
func addOptions(cmd *cobra.Command) {
	for _, o := range fn.AllOptions() {
		help := o.Help
		if o.Default != "" && o.Type != "" {
			help += " (default " + o.Default + ")"
		}
		flag := cmd.Flags().VarPF(&texts{placeholder: o.Type}, o.Name, "", help)
		if o.Type == "" {
			flag.NoOptDefVal = "true"
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

// given returns the options that the flags give, and the environment where they do not. A flag may be given several times.
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

// newFolderCommand returns a command with the flags that all commands for folders have.
func newFolderCommand(std stdio, use, short string, args cobra.PositionalArgs, formats []string, run func(fn.Command) error) *cobra.Command {
	c := fn.Command{Out: std.out, Log: std.log, Width: std.outScreen.width, Color: std.outScreen.color}
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if !cmd.Flags().Changed("format") {
				c.Format = fn.DefaultFormat(std.outScreen.terminal)
			}
			if !slices.Contains(formats, c.Format) {
				return fmt.Errorf("--format %q: it is one of %s", c.Format, strings.Join(formats, ", "))
			}
			if len(c.CSVs) == 0 {
				return fmt.Errorf("--csv is missing: give the CSV file, or the bundle folder that holds it")
			}
			if c.Options, err = given(cmd, std); err != nil {
				return err
			}
			c.Paths = args
			return run(c)
		},
	}
	cmd.Flags().StringArrayVar(&c.CSVs, "csv", nil, "`FILE` or bundle folder of the CSV (may be repeated)")
	cmd.Flags().StringArrayVar(&c.Previous, "previous", nil, "`FILE` or folder with CSVs of earlier releases (may be repeated)")
	cmd.Flags().StringVarP(&c.Format, "format", "o", "",
		"output `FORMAT`: "+strings.Join(formats, ", ")+" (default table on a terminal, line elsewhere)")
	return cmd
}

// newRegistryCommand returns a command that looks at the references in PATHs.
func newRegistryCommand(std stdio, use, short string, run func(fn.Command) error) *cobra.Command {
	var mirrors, results, statuses []string
	var quiet bool
	cmd := newFolderCommand(std, use+" --csv FILE [flags] PATH...", short, somePaths, fn.FindingsFormats(), func(c fn.Command) error {
		c.Mirrors, c.Quiet = mirrors, quiet
		for _, s := range statuses {
			c.Statuses = append(c.Statuses, strings.Split(s, ",")...)
		}
		for _, s := range results {
			result, err := fn.ParseResultFile(s)
			if err != nil {
				return fmt.Errorf("--result-file: %w", err)
			}
			if slices.ContainsFunc(c.Results, func(r fn.ResultFile) bool { return r.File == result.File }) {
				return fmt.Errorf("--result-file: %q is to hold two numbers: give each a FILE of its own", result.File)
			}
			c.Results = append(c.Results, result)
		}
		return run(c)
	})
	cmd.Flags().StringArrayVar(&mirrors, "mirrors", nil, "`FILE` with ImageDigestMirrorSets, ImageTagMirrorSets or ImageContentSourcePolicies (may be repeated)")
	cmd.Flags().StringArrayVar(&results, "result-file", nil,
		"`KEY=FILE`: write the number of references that are KEY to FILE, whatever the exit code: "+strings.Join(fn.ResultKeys(), ", ")+" (may be repeated)")
	cmd.Flags().StringArrayVar(&statuses, "status", nil,
		"show only references that are `STATUS,...`: "+strings.Join(fn.Statuses(), ", ")+" (may be repeated)")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "show only how many references there are, and errors")
	addOptions(cmd)
	return cmd
}

// somePaths wants at least one PATH.
func somePaths(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("PATH is missing: name the files or folders of a registry")
	}
	return nil
}

func newInject(std stdio) *cobra.Command {
	var output string
	var diff bool
	var cmd *cobra.Command
	cmd = newRegistryCommand(std, "inject", "Rewrite the references in files, in place",
		func(c fn.Command) error {
			switch toFolder := cmd.Flags().Changed("output"); {
			case diff && toFolder:
				return fmt.Errorf("--diff writes no files, --output does: give one of them")
			case diff && cmd.Flags().Changed("format"):
				return fmt.Errorf("--diff prints a diff, --format findings: give one of them")
			case diff: // the findings go to stderr
				c.Format = fn.DefaultFormat(std.logScreen.terminal)
				c.Width, c.Color = std.logScreen.width, std.logScreen.color
				return fn.Diff(c)
			case toFolder && output == "":
				return fmt.Errorf("--output is empty: name the folder to write to, or leave it out to rewrite the files in place")
			}
			return fn.Inject(c, output)
		})
	cmd.Flags().StringVar(&output, "output", "", "leave the files as they are, and write all files of each PATH to this `FOLDER`, over those that are there")
	cmd.Flags().BoolVar(&diff, "diff", false, "write no files; print what would change as a unified diff, and the findings to stderr")
	return cmd
}

func newCheck(std stdio) *cobra.Command {
	return newRegistryCommand(std, "check", "Fail if a reference is not what the CSV says", fn.Check)
}

func newImages(std stdio) *cobra.Command {
	return newRegistryCommand(std, "images", "List every reference and its status", fn.Images)
}

func newCatalog(std stdio) *cobra.Command {
	cmd := newFolderCommand(std, "catalog --csv FILE [flags]", "List what the CSV offers, decoded", cobra.NoArgs, fn.Formats(), fn.Catalog)
	addOptions(cmd)
	return cmd
}

func newVersion(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version, goVersion := "(unknown)", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				version, goVersion = info.Main.Version, " "+info.GoVersion
			}
			_, err := fmt.Fprintf(std.out, "inject-related-images %s%s\n", version, goVersion)
			return err
		},
	}
}

package main

import (
	"errors"
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
	var showVersion bool
	root := &cobra.Command{
		Use:           "inject-related-images",
		Short:         help("Short"),
		Long:          help("Short") + "\n\n" + help("Long"),
		Example:       help("Examples"),
		Args:          noArguments,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2, // letters that may be wrong
		RunE: func(cmd *cobra.Command, _ []string) error {
			if showVersion {
				return printVersion(std.out)
			}
			if std.interactive {
				return cmd.Help()
			}
			options, err := given(cmd, std)
			if err != nil {
				return err
			}
			return orSignal(cmd.Context(), func() error { return fn.Function(std.in, std.out, std.log, options) })
		},
	}
	root.Flags().BoolVar(&showVersion, "version", false, "print the version")
	addOptions(root, "")
	root.SetOut(std.out)
	root.SetErr(std.log)
	root.SetUsageFunc(usage)
	root.SetFlagErrorFunc(explainFlag)
	root.AddCommand(newInject(std), newCheck(std), newImages(std), newCatalog(std), newVersion(std))
	return root
}

// newFolderCommand returns a command, c, with the flags that all commands for folders have.
func newFolderCommand(std stdio, c *cobra.Command, formats []string, run func(fn.Command) error) *cobra.Command {
	command := fn.Command{In: std.in, Out: std.out, Log: std.log, Width: std.outScreen.width, Color: std.outScreen.color}
	c.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if !cmd.Flags().Changed("output") {
			command.Format = fn.DefaultFormat(std.outScreen.terminal)
		}
		if !slices.Contains(formats, command.Format) {
			return fmt.Errorf("--output %q: it is one of %s%s", command.Format, strings.Join(formats, ", "), folderHint(cmd))
		}
		if len(command.CSVs) == 0 {
			return errors.New("--csv is missing: give the CSV file, or the bundle folder that holds it")
		}
		if command.Options, err = given(cmd, std); err != nil {
			return err
		}
		command.Previous, _ = command.Options.Files("previous")
		command.Mirrors, _ = command.Options.Files("mirrors")
		command.Maps, _ = command.Options.Files("map")
		command.CAs, _ = command.Options.Files("ca")
		if command.Results, err = resultFiles(command.Options); err != nil {
			return err
		}
		if command.Paths, command.Context = args, cmd.Context(); std.logScreen.terminal {
			command.Progress = std.log
		}
		return run(command)
	}
	c.Flags().StringArrayVar(&command.CSVs, "csv", nil,
		"`SOURCE` of the CSV: a file, a bundle folder, a file-based catalog, an image, or - for stdin (may be repeated)")
	c.Flags().StringVarP(&command.Format, "output", "o", "",
		"output `FORMAT`: "+strings.Join(formats, ", ")+" (default table on a terminal, line elsewhere)")
	complete(c, "output", formats)
	addOptions(c, c.Name())
	return c
}

// newRegistryCommand returns a command, c, that looks at the references in PATHs.
func newRegistryCommand(std stdio, c *cobra.Command, run func(fn.Command) error) *cobra.Command {
	var statuses []string
	var quiet bool
	c.Use += " --csv SOURCE [flags] PATH..."
	c.Args = somePaths
	c.Flags().StringArrayVar(&statuses, "status", nil,
		"show only references that are `STATUS,...`: "+strings.Join(fn.Statuses(), ", ")+" (may be repeated)")
	complete(c, "status", fn.Statuses())
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "show only how many references there are, and errors")
	return newFolderCommand(std, c, fn.FindingsFormats(), func(c fn.Command) error {
		c.Quiet = quiet
		for _, s := range statuses {
			c.Statuses = append(c.Statuses, strings.Split(s, ",")...)
		}
		return run(c)
	})
}

// resultFiles reads the option result-file.
func resultFiles(options fn.Options) ([]fn.ResultFile, error) {
	var results []fn.ResultFile
	values, given := options.Files("result-file")
	for _, s := range values {
		result, err := fn.ParseResultFile(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", given, err)
		}
		results = append(results, result)
	}
	return results, nil
}

func newInject(std stdio) *cobra.Command {
	var folder string
	var diff bool
	var cmd *cobra.Command
	cmd = newRegistryCommand(std, &cobra.Command{
		Use:     "inject",
		Short:   "Rewrite the references in files, in place",
		Long:    injectHelp,
		Example: injectExamples,
	}, func(c fn.Command) error {
		switch toFolder := cmd.Flags().Changed("to"); {
		case diff && toFolder:
			return errors.New("--diff writes no files, --to does: give one of them")
		case diff && cmd.Flags().Changed("output"):
			return errors.New("--diff prints a diff, --output findings: give one of them")
		case diff: // the findings go to stderr
			c.Format = fn.DefaultFormat(std.logScreen.terminal)
			c.Width, c.Color = std.logScreen.width, std.logScreen.color
			return fn.Diff(c)
		case toFolder && folder == "":
			return errors.New("--to is empty: name the folder or image to write to, or leave it out to rewrite the files in place")
		case slices.Contains(c.Paths, fn.Stream): // the findings go to stderr
			if !cmd.Flags().Changed("output") {
				c.Format = fn.DefaultFormat(std.logScreen.terminal)
			}
			c.Width, c.Color = std.logScreen.width, std.logScreen.color
		}
		return fn.Inject(c, folder)
	})
	cmd.Flags().StringVar(&folder, "to", "",
		"leave the files as they are, and write all files of each PATH to the folder `DEST`, over those that are there; "+
			"or write the image PATH to the image DEST")
	_ = cmd.MarkFlagDirname("to") // it is there
	cmd.Flags().BoolVar(&diff, "diff", false,
		"write no files; print what would change as a unified diff, and the findings to stderr")
	return cmd
}

func newCheck(std stdio) *cobra.Command {
	return newRegistryCommand(std, &cobra.Command{
		Use:     "check",
		Short:   "Fail if a reference is not what the CSV says",
		Long:    checkHelp,
		Example: checkExamples,
	}, fn.Check)
}

func newImages(std stdio) *cobra.Command {
	return newRegistryCommand(std, &cobra.Command{
		Use:     "images",
		Short:   "List every reference and its status",
		Long:    imagesHelp,
		Example: imagesExamples,
	}, fn.Images)
}

func newCatalog(std stdio) *cobra.Command {
	return newFolderCommand(std, &cobra.Command{
		Use:     "catalog --csv SOURCE [flags] [PATH...]",
		Short:   "List what the CSV offers, decoded, and what it changed",
		Long:    catalogHelp,
		Example: catalogExamples,
		Args:    cobra.ArbitraryArgs,
	}, fn.Formats(), fn.Catalog)
}

func newVersion(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return printVersion(std.out) },
	}
}

func printVersion(w io.Writer) error {
	version, goVersion := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, " "+info.GoVersion
	}
	_, err := fmt.Fprintf(w, "inject-related-images %s%s\n", version, goVersion)
	return err
}

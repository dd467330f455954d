// Command inject-related-images makes every image reference in registries and Kubernetes resources say what an operator's
// ClusterServiceVersion says: as a KRM function without a command, in folders with one.
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"inject-related-images/fn"
)

func main() {
	root := newCommand(stdio{
		in: os.Stdin, out: os.Stdout, log: os.Stderr, environ: os.Environ(),
		interactive: term.IsTerminal(int(os.Stdin.Fd())),
		width:       width(os.Stdout),
		color:       term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	})
	root.SetArgs(os.Args[1:])
	err := root.Execute()
	if err != nil && err.Error() != "" {
		for line := range strings.SplitSeq(err.Error(), "\n") { // of errors that were joined
			fmt.Fprintf(os.Stderr, "error: %s\n", line)
		}
	}
	os.Exit(fn.ExitCode(err))
}

// width is the width of tables on a terminal, and of those that go elsewhere.
func width(f *os.File) int {
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		return w
	}
	return 120
}

// Command inject-related-images makes every image reference in registries and Kubernetes resources say what an operator's
// ClusterServiceVersion says: as a KRM function without a command, in folders with one.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/term"

	"inject-related-images/fn"
)

func main() {
	collectLater()
	root := newCommand(stdio{
		in: os.Stdin, out: os.Stdout, log: os.Stderr, environ: os.Environ(),
		interactive: term.IsTerminal(int(os.Stdin.Fd())),
		outScreen:   screenOf(os.Stdout),
		logScreen:   screenOf(os.Stderr),
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

// collectLater has garbage collected when the heap has grown to nine times what is in use, up to a
// limit: most runs end before that. It saves 15 % of the time of inject where nothing changes. The
// environment variables of Go's runtime, GOGC and GOMEMLIMIT, go before it.
func collectLater() {
	const percent, limit = 800, 80 << 20
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// screenOf returns what is known of where f shows. Tables are as wide as COLUMNS says, else as the
// terminal is.
func screenOf(f *os.File) screen {
	terminal := term.IsTerminal(int(f.Fd()))
	colorless := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	s := screen{terminal: terminal, color: terminal && !colorless, width: 120}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		s.width = w
	} else if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		s.width = w
	}
	return s
}

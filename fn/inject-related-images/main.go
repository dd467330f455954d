// Command inject-related-images makes every image reference in registries and Kubernetes resources
// say what an operator's ClusterServiceVersion says: as a KRM function without a command, in
// folders with one.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"golang.org/x/term"

	"inject-related-images/internal/quote"
)

func main() {
	collectLater()
	signal.Ignore(syscall.SIGPIPE) // a reader that leaves, as head does, is an error of stdout: the rest is done
	root := newCommand(stdio{
		in: &list{in: os.Stdin}, out: os.Stdout, log: os.Stderr, environ: os.Environ(),
		interactive: term.IsTerminal(int(os.Stdin.Fd())),
		outScreen:   screenOf(os.Stdout),
		logScreen:   screenOf(os.Stderr),
	})
	root.SetArgs(os.Args[1:])
	err := root.ExecuteContext(untilSignal())
	if err != nil && err.Error() != "" {
		for _, line := range quote.Lines(err) {
			fmt.Fprintf(os.Stderr, "error: %s\n", line)
		}
	}
	os.Exit(exitCode(err))
}

// heapLimit is where garbage is collected, however little is in use.
const heapLimit = 80 << 20

// collectLater has garbage collected when the heap has grown to nine times what is in use, up to a
// limit: most runs end before that. It saves 15 % of the time of inject where nothing changes. The
// environment variables of Go's runtime, GOGC and GOMEMLIMIT, go before it.
func collectLater() {
	const percent = 800
	if !isCollectorSet() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(heapLimit)
	}
}

func isCollectorSet() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }

// list is the function's input. When it has been read, the limit of the heap is four times its size
// where that is less than it was: all in all the function takes less than six times the size.
type list struct {
	in   io.Reader
	size int64
}

func (l *list) Read(p []byte) (int, error) {
	const least = 40 << 20
	n, err := l.in.Read(p)
	l.size += int64(n)
	if errors.Is(err, io.EOF) && !isCollectorSet() {
		debug.SetMemoryLimit(min(max(least, 4*l.size), heapLimit))
	}
	return n, err
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

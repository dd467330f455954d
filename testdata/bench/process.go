package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// process is a command line that is measured.
type process struct {
	by, on    string // the program's name in tables, and what it is run on
	file      string
	arguments []string
	stdin     string       // a file, which comes through a pipe as from an orchestrator, or ""
	exit      int          // the exit code that it must end with
	says      string       // what it must print, or it has not done its work; not looked for in the rounds that count
	before    func() error // what is to be done before each run, uncounted, or nil
	runs      []figures
}

// figures are what a run took.
type figures struct {
	wall, cpu time.Duration
	peak      float64 // bytes
}

// run runs p once.
func (p *process) run(cores int, out io.Writer) (figures, error) {
	command := exec.Command(p.file, p.arguments...)
	command.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	if p.stdin != "" {
		file, err := os.Open(p.stdin)
		if err != nil {
			return figures{}, err
		}
		defer file.Close()
		command.Stdin = struct{ io.Reader }{file} // no *os.File, and so a pipe
	}
	var log bytes.Buffer
	command.Stdout, command.Stderr = struct{ io.Writer }{out}, &log
	start := time.Now()
	err := command.Run()
	took := figures{wall: time.Since(start)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return figures{}, fmt.Errorf("%s: %w", p.by, err)
	}
	if code := command.ProcessState.ExitCode(); code != p.exit {
		return figures{}, fmt.Errorf("%s %s: it ended with exit code %d, want %d\n%s", p.by, strings.Join(p.arguments, " "), code, p.exit, &log)
	}
	took.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	took.peak = residentPeak(command.ProcessState.SysUsage().(*syscall.Rusage))
	return took, nil
}

// residentPeak returns the most memory that a process had, in bytes. Linux counts from before it
// became another program, so that none shows less than this one had at the time: it reads no input
// whole.
func residentPeak(usage *syscall.Rusage) float64 {
	if runtime.GOOS == "darwin" { // getrusage(2) there has bytes, elsewhere kilobytes
		return float64(usage.Maxrss)
	}
	return float64(usage.Maxrss) * 1024
}

// check runs p once and looks at what it prints.
func (p *process) check(cores int) error {
	said := finder{text: []byte(p.says)}
	if p.before != nil {
		if err := p.before(); err != nil {
			return err
		}
	}
	if _, err := p.run(cores, &said); err != nil {
		return err
	}
	if !said.found {
		return fmt.Errorf("%s %s: it did not print %q", p.by, strings.Join(p.arguments, " "), p.says)
	}
	return nil
}

// finder looks for a text in what is written to it, without keeping it.
type finder struct {
	text, tail []byte
	found      bool
}

func (f *finder) Write(p []byte) (int, error) {
	window := append(f.tail, p...)
	f.found = f.found || bytes.Contains(window, f.text)
	f.tail = slices.Clone(window[max(0, len(window)-len(f.text)):])
	return len(p), nil
}

// rounds runs all processes in turn, so many times.
func rounds(processes []*process, runs, cores int) error {
	for _, p := range processes {
		if err := p.check(cores); err != nil {
			return err
		}
	}
	for range runs {
		for _, p := range processes {
			if p.before != nil {
				if err := p.before(); err != nil {
					return err
				}
			}
			took, err := p.run(cores, io.Discard)
			if err != nil {
				return err
			}
			p.runs = append(p.runs, took)
		}
	}
	return nil
}

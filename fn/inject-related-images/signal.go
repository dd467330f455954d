package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"inject-related-images/fn"
)

// signalError is the error of a run that a signal has ended.
type signalError struct{ syscall.Signal }

func (e signalError) Error() string { return "ended by a signal: " + e.String() }

// exitCode returns the exit code as shells have it.
func (e signalError) exitCode() int { return 128 + int(e.Signal) }

// untilSignal returns a context that ends when the process is told to end. The second signal ends
// the process itself, at once.
func untilSignal() context.Context {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Ignore(syscall.SIGXFSZ) // a file becomes larger than it may: writing fails then, and is told
	ctx, end := context.WithCancelCause(context.Background())
	go func() {
		err := next(signals)
		end(err)
		os.Exit(next(signals).exitCode())
	}()
	return ctx
}

func next(signals <-chan os.Signal) signalError {
	received, _ := (<-signals).(syscall.Signal) // it is one on all systems
	return signalError{received}
}

// exitCode returns the code that says how a run ended.
func exitCode(err error) int {
	var ended signalError
	if errors.As(err, &ended) {
		return ended.exitCode()
	}
	return fn.ExitCode(err)
}

// orSignal runs what leaves nothing half done when the process ends, and returns as soon as that is
// told to.
func orSignal(ctx context.Context, run func() error) error {
	done := make(chan error, 1)
	go func() { done <- run() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

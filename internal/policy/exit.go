package policy

import (
	"errors"
	"fmt"
	"strings"

	"inject-related-images/internal/engine"
)

// The exit codes of the program.
const (
	ExitFine     = 0
	ExitFindings = 1 // findings that fail
	ExitUsage    = 2 // wrong usage
	ExitFailure  = 3 // something could not be read, parsed or written
)

// ExitCode returns the exit code of a run that was called as it must be, and ended with err.
func ExitCode(err error) int {
	var findings *FindingsError
	switch {
	case err == nil:
		return ExitFine
	case errors.As(err, &findings):
		return ExitFindings
	}
	return ExitFailure
}

// FindingsError says that findings fail.
type FindingsError struct {
	Failed, Of int
	fault      string // of those that fail
	advice     string // what to do
}

func (e *FindingsError) Error() string {
	return fmt.Sprintf("%d of %d references %s: %s", e.Failed, e.Of, e.fault, e.advice)
}

// Verdict returns nil if the findings are fine, a *FindingsError if some fail, or another error if
// a command that was given paths found none at all.
func (c *Counts) Verdict(paths ...string) error {
	function := c.policy.command == Function || c.policy.command == FunctionCheck
	switch {
	case c.All() == 0 && !function:
		return fmt.Errorf("%s: no file there holds an image reference: name the folders of a registry",
			strings.Join(paths, ", "))
	case c.failed == 0:
		return nil
	case function:
		return &FindingsError{c.failed, c.All(), "fail", "see the errors above"}
	case c.failed == c.outdated && c.failed == c.Of(engine.Stale): // injecting mends all of them
		return &FindingsError{c.failed, c.All(), "are not what the CSV says", "run inject"}
	}
	return &FindingsError{c.failed, c.All(), "fail", "see the table for the reasons"}
}

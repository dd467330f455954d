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

// FindingsError says that findings fail, or variables of the CSV.
type FindingsError struct {
	Failed, Of int
	Variables  int    // that fail
	fault      string // of the findings that fail
	advice     string // what to do
}

func (e *FindingsError) Error() string {
	var faults []string
	if e.Failed > 0 {
		faults = append(faults, fmt.Sprintf("%d of %d references %s", e.Failed, e.Of, e.fault))
	}
	if e.Variables > 0 {
		faults = append(faults, Plural(e.Variables, "variable")+" of the CSV without an image")
	}
	return strings.Join(faults, ", and ") + ": " + e.advice
}

// Verdict returns nil if all is fine, a *FindingsError if something fails, or another error if
// a command that was given paths found none at all.
func (c *Counts) Verdict(paths ...string) error {
	function := c.policy.command == Function || c.policy.command == FunctionCheck
	switch {
	case c.All() == 0 && !function:
		return fmt.Errorf("%s: no file there holds an image reference: name the folders of a registry",
			strings.Join(paths, ", "))
	case c.failed+c.variables == 0:
		return nil
	case function || c.failed == 0:
		return &FindingsError{c.failed, c.All(), c.variables, "fail", "see the errors above"}
	case c.variables == 0 && c.failed == c.outdated && c.failed == c.Of(engine.Stale): // injecting mends all of them
		return &FindingsError{c.failed, c.All(), 0, "are not what the CSV says", "run inject"}
	}
	return &FindingsError{c.failed, c.All(), c.variables, "fail", "see the table for the reasons"}
}

package policy

import (
	"cmp"
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
	message    string
}

func (e *FindingsError) Error() string { return e.message }

// Verdict returns nil if all is fine, or a *FindingsError if something fails.
func (c *Counts) Verdict() error {
	function := c.policy.command == Function || c.policy.command == FunctionCheck
	switch {
	case c.FailsAsForeign():
		return &FindingsError{c.All(), c.All(), c.Warnings()[0] + " (--fail-on=-foreign allows it)"}
	case c.failed == 0 && c.variables > 0:
		message := Plural(c.variables, "variable") + " of the CSV without an image: see the errors above"
		return &FindingsError{0, c.All(), message}
	case c.failed == 0:
		return nil
	case function:
		return c.findingsError("see the errors above")
	case c.failed == c.Of(engine.Stale): // injecting mends all of them
		message := fmt.Sprintf("%d of %d references are not what the CSV says: run inject", c.failed, c.All())
		return &FindingsError{c.failed, c.All(), message}
	}
	var advice []string
	for i, n := range c.byFailure {
		if failing := c.policy.failing[i]; n > 0 {
			advice = append(
				advice,
				fmt.Sprintf("%d %s: %s", n, cmp.Or(failing.name, "without a variable that says an image"), failing.advice),
			)
		}
	}
	return c.findingsError(strings.Join(advice, "; "))
}

func (c *Counts) findingsError(advice string) error {
	return &FindingsError{c.failed, c.All(), fmt.Sprintf("%d of %d references fail: %s", c.failed, c.All(), advice)}
}

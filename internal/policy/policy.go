// Package policy says what findings mean: which of them fail, which are warnings, how many there
// are of each status, and how the program ends. The doors and the reports ask it, so that they
// agree.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/engine"
)

// Command is what the program was called for.
type Command uint8

// The commands.
const (
	Images        Command = iota // list references
	Inject                       // change references in files
	Check                        // find what Inject would change
	Function                     // change references in a ResourceList
	FunctionCheck                // find what Function would change
)

// condition is what a finding can be. A finding can be several of them.
type condition struct {
	name  string // in the option fail-on; "" if that does not know it
	is    func(*engine.Finding) bool
	warns bool      // a person should look at it
	fails []Command // those that fail on it, if fail-on does not say what fails
}

var (
	checks = []Command{Check, FunctionCheck}
	all    = []Command{Images, Inject, Check, Function, FunctionCheck}
)

// BadVariable is the condition of a variable of the CSV whose value is no image reference. It is that
// of no finding: one that needs the variable fails whatever is said.
const BadVariable = "bad-variable"

// conditions is the table of what findings mean. An image that the CSV knows nothing of is none of
// its business, and no warning.
var conditions = []condition{
	{name: "stale", is: isToBeChanged, fails: checks},
	{name: "drifted", is: has(engine.Drifted), warns: true},
	{name: "ambiguous", is: has(engine.Ambiguous), warns: true},
	{name: "uncovered", is: has(engine.Uncovered)},
	{name: "unpinned", is: func(f *engine.Finding) bool { return f.Unpinned }, warns: true},
	{name: BadVariable, is: func(*engine.Finding) bool { return false }},
	{is: func(f *engine.Finding) bool { return f.Status == engine.Uncovered && len(f.Candidates) > 0 }, warns: true},
	{is: has(engine.Unreachable), warns: true},
	{is: func(f *engine.Finding) bool { return f.Broken }, fails: all},
}

func has(status engine.Status) func(*engine.Finding) bool {
	return func(f *engine.Finding) bool { return f.Status == status }
}

// isToBeChanged tells whether the CSV says another image, also where that cannot be written.
func isToBeChanged(f *engine.Finding) bool {
	return f.Status == engine.Stale || f.Status == engine.Unreachable && f.Proposed != ""
}

// FailOn is the value of the option fail-on: names of conditions. It is nil if the option was not
// given.
type FailOn []string

// FailOnNames returns the names that fail-on knows.
func FailOnNames() []string {
	var names []string
	for _, c := range conditions {
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	return names
}

// ParseFailOn checks the names that were given to fail-on.
func ParseFailOn(names []string) (FailOn, error) {
	known := FailOnNames()
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%q is none of %s", name, strings.Join(known, ", "))
		}
	}
	if len(names) == 0 {
		return nil, errors.New("it is empty, so that nothing would fail: give statuses, or leave it out")
	}
	return names, nil
}

// Policy is what the findings of a command mean.
type Policy struct {
	command Command
	failing []condition
}

// New returns the policy of a command. FailOn takes the place of the conditions that the command
// fails on without it, but for those that have no name.
func New(command Command, failOn FailOn) Policy {
	p := Policy{command: command}
	for _, c := range conditions {
		fails := slices.Contains(c.fails, command)
		if failOn != nil && c.name != "" {
			fails = slices.Contains(failOn, c.name)
		}
		if fails {
			p.failing = append(p.failing, c)
		}
	}
	return p
}

// Fails tells whether the command fails on a finding.
func (p Policy) Fails(f *engine.Finding) bool {
	for i := range p.failing {
		if p.failing[i].is(f) {
			return true
		}
	}
	return false
}

// VariableSeverity returns the severity of a variable of the CSV whose value is no image reference.
func (p Policy) VariableSeverity() Severity {
	if slices.ContainsFunc(p.failing, func(c condition) bool { return c.name == BadVariable }) {
		return Error
	}
	return Warning
}

// Severity says how important a finding is to a person.
type Severity string

// The severities.
const (
	Error   Severity = "error" // the command fails on it
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Severity returns the severity of a finding.
func (p Policy) Severity(f *engine.Finding) Severity {
	if p.Fails(f) {
		return Error
	}
	for i := range conditions {
		if conditions[i].warns && conditions[i].is(f) {
			return Warning
		}
	}
	return Info
}

// MarkWritten records that the change of a finding, if it has one, was written: what was stale is
// injected.
func MarkWritten(f *engine.Finding) {
	if f.Status == engine.Stale {
		f.Status = engine.Injected
	}
}

// Package policy says what findings mean: which of them fail, which are warnings, how many there
// are of each status, and how the program ends. The commands, the function and the reports ask it,
// so that they agree.
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
	name   string                     // in the option fail-on; "" if that does not know it
	is     func(*engine.Finding) bool // nil if it is no condition of a single finding
	warns  bool                       // a person should look at it
	fails  []Command                  // those that fail on it, if fail-on does not say otherwise
	advice string                     // what to do about findings that fail on it
}

var (
	checks = []Command{Check, FunctionCheck}
	all    = []Command{Images, Inject, Check, Function, FunctionCheck}
)

// The conditions that are not of single findings.
const (
	// Foreign: the CSV has the repository of none of the references.
	Foreign = "foreign"
	// BadVariable: the value of a variable of the CSV is no image reference. A reference that needs
	// it fails whatever is said.
	BadVariable = "bad-variable"
)

// conditions is the table of what findings mean. An image that the CSV knows nothing of is none of
// its business, and no warning.
var conditions = []condition{
	{
		is: func(f *engine.Finding) bool { return f.Broken }, fails: all,
		advice: "mend them as their messages say",
	},
	{name: "stale", is: has(engine.Stale), fails: checks, advice: "run inject"},
	{
		name: "drifted", is: has(engine.Drifted), warns: true, fails: checks,
		advice: "give the CSV of the release that pinned them by --previous, or correct them by hand",
	},
	{
		name: "unreachable", is: isUnreachable, warns: true, fails: checks,
		advice: "edit them by hand, as their messages say",
	},
	{name: "unreachable", is: has(engine.Unreachable), warns: true, advice: "see their messages"},
	{name: "ambiguous", is: has(engine.Ambiguous), warns: true, advice: "see their candidates"},
	{name: "uncovered", is: has(engine.Uncovered), advice: "see their messages"},
	{is: func(f *engine.Finding) bool { return f.Status == engine.Uncovered && len(f.Candidates) > 0 }, warns: true},
	{
		name: "unpinned", is: func(f *engine.Finding) bool { return f.Unpinned }, warns: true,
		advice: "give a CSV whose images are pinned to digests",
	},
	{name: "invalid", is: has(engine.Invalid), warns: true, advice: "see their messages"},
	{name: Foreign, fails: checks, advice: "is it the right CSV?"},
	{name: BadVariable},
}

func has(status engine.Status) func(*engine.Finding) bool {
	return func(f *engine.Finding) bool { return f.Status == status }
}

// isUnreachable tells whether the CSV says another image, which cannot be written.
func isUnreachable(f *engine.Finding) bool {
	return f.Status == engine.Unreachable && f.Proposed != ""
}

// FailOn is the value of the option fail-on: names of conditions, each with a - before it if the
// command shall not fail on it.
type FailOn []string

// FailOnNames returns the names that fail-on knows.
func FailOnNames() []string {
	var names []string
	for _, c := range conditions {
		if c.name != "" && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

// ParseFailOn checks the names that were given to fail-on.
func ParseFailOn(names []string) (FailOn, error) {
	known := FailOnNames()
	for _, name := range names {
		if !slices.Contains(known, strings.TrimPrefix(name, "-")) {
			return nil, fmt.Errorf("%q is none of %s, nor one of these with a - before it", name, strings.Join(known, ", "))
		}
	}
	if len(names) == 0 {
		return nil, errors.New("no status is given: give statuses to add, with a - before those to remove, or leave it out")
	}
	return names, nil
}

// Policy is what the findings of a command mean.
type Policy struct {
	command Command
	failing []condition
}

// New returns the policy of a command. FailOn adds to the conditions that the command fails on, and
// removes from them. Of a condition that it names twice, the last counts.
func New(command Command, failOn FailOn) Policy {
	p := Policy{command: command}
	for _, c := range conditions {
		fails := slices.Contains(c.fails, command)
		for _, name := range failOn {
			if c.name != "" && strings.TrimPrefix(name, "-") == c.name {
				fails = name == c.name
			}
		}
		if fails {
			p.failing = append(p.failing, c)
		}
	}
	return p
}

// Fails tells whether the command fails on a finding.
func (p Policy) Fails(f *engine.Finding) bool { return p.failure(f) >= 0 }

// failure returns the index of the first failing condition that a finding has, or -1.
func (p Policy) failure(f *engine.Finding) int {
	return slices.IndexFunc(p.failing, func(c condition) bool { return c.is != nil && c.is(f) })
}

// failsOn tells whether the command fails on a condition that is not of single findings.
func (p Policy) failsOn(name string) bool {
	return slices.ContainsFunc(p.failing, func(c condition) bool { return c.name == name })
}

// VariableSeverity returns the severity of a variable of the CSV whose value is no image reference.
func (p Policy) VariableSeverity() Severity {
	if p.failsOn(BadVariable) {
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
		if conditions[i].warns && conditions[i].is != nil && conditions[i].is(f) {
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

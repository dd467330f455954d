package policy

import (
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/engine"
)

// statuses are all statuses, in the order in which they are counted.
var statuses = []engine.Status{
	engine.Stale, engine.Injected, engine.Current, engine.Drifted,
	engine.Ambiguous, engine.Uncovered, engine.Unreachable, engine.Invalid,
}

// Statuses returns all statuses, in the order in which they are counted.
func Statuses() []engine.Status { return slices.Clone(statuses) }

// StatusNames returns the names of all statuses, in the same order.
func StatusNames() []string {
	names := make([]string, len(statuses))
	for i, status := range statuses {
		names[i] = string(status)
	}
	return names
}

// ParseStatuses returns the statuses of these names; of none it returns nil.
func ParseStatuses(names []string) ([]engine.Status, error) {
	var parsed []engine.Status
	for _, name := range names {
		status := engine.Status(strings.TrimSpace(name))
		if !slices.Contains(statuses, status) {
			return nil, fmt.Errorf("%q is none of %s", name, strings.Join(StatusNames(), ", "))
		}
		parsed = append(parsed, status)
	}
	return parsed, nil
}

// Counts are how many findings have each status, and how many fail.
type Counts struct {
	policy    Policy
	byStatus  map[engine.Status]int
	byFailure []int // of each failing condition, those that fail on it first
	failed    int
	known     int // whose repository the CSV knows
	variables int // of the CSV that fail
}

// Count counts the findings of files.
func (p Policy) Count(files ...[]engine.Finding) *Counts {
	c := &Counts{policy: p, byStatus: map[engine.Status]int{}, byFailure: make([]int, len(p.failing))}
	for _, findings := range files {
		for i := range findings {
			c.Add(&findings[i])
		}
	}
	return c
}

// Add counts another finding.
func (c *Counts) Add(f *engine.Finding) {
	c.byStatus[f.Status]++
	if f.Known {
		c.known++
	}
	if i := c.policy.failure(f); i >= 0 {
		c.failed++
		c.byFailure[i]++
	}
}

// IsForeign tells whether there are references, and the CSV has the repository of none of them.
func (c *Counts) IsForeign() bool { return c.valid() > 0 && c.known == 0 }

// FailsAsForeign tells whether nothing fails but that the CSV is foreign.
func (c *Counts) FailsAsForeign() bool {
	return c.failed == 0 && c.IsForeign() && c.policy.failsOn(Foreign)
}

// valid returns how many findings are of references.
func (c *Counts) valid() int { return c.All() - c.Of(engine.Invalid) }

// Warnings returns what a user should know of all findings together.
func (c *Counts) Warnings() []string {
	if !c.IsForeign() {
		return nil
	}
	if c.valid() == 1 {
		return []string{"the CSV does not have the repository of the reference: is it the right CSV?"}
	}
	return []string{fmt.Sprintf("the CSV has the repository of none of the %d references: is it the right CSV?",
		c.valid())}
}

// AddBadVariables counts n variables of the CSV whose values are no image references.
func (c *Counts) AddBadVariables(n int) {
	if c.policy.VariableSeverity() == Error {
		c.variables += n
	}
}

// Of returns how many findings have a status.
func (c *Counts) Of(status engine.Status) int { return c.byStatus[status] }

// Failed returns how many findings fail.
func (c *Counts) Failed() int { return c.failed }

// All returns how many findings there are.
func (c *Counts) All() int {
	all := 0
	for _, n := range c.byStatus {
		all += n
	}
	return all
}

// Summary says how many references have each status, and in how many places: files, or resources.
func (c *Counts) Summary(places int, noun string) string {
	var counted []string
	for _, s := range statuses {
		if n := c.Of(s); n > 0 {
			counted = append(counted, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(counted) == 0 {
		return "no image references in " + Plural(places, noun)
	}
	return fmt.Sprintf("%s in %s: %s", Plural(c.All(), "reference"), Plural(places, noun), strings.Join(counted, ", "))
}

// TemplatesNote says how many references are templates of other tools, or nothing of none.
func TemplatesNote(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 reference is a template of another tool and was left alone"
	}
	return fmt.Sprintf("%d references are templates of other tools and were left alone", n)
}

// Plural returns a number and a noun, with an s unless the number is 1.
func Plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

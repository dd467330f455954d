package yamltext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Edit puts New in the place of bytes From..To of the value of the scalar Node. New must be text
// that every style of scalar writes as it is: printable ASCII without quotes and backslashes, and
// without white space unless it goes into a text of lines.
type Edit struct {
	Node     *Node
	From, To int // From may be To, but 0 only where the value is empty; null becomes a text
	New      string
	Comment  string // to put on the line of the scalar, behind a comment that is there, or ""
}

// Change puts New in the place of bytes Start..End of a text.
type Change struct {
	Start, End int
	New        string
}

// Apply makes the changes, which it sorts, to s. Changes that overlap are an *UneditableError.
func Apply(s string, changes []Change) (string, error) {
	if err := sortChanges(changes); err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(len(s) + 64*len(changes))
	last := 0
	for _, c := range changes {
		b.WriteString(s[last:c.Start])
		b.WriteString(c.New)
		last = c.End
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

// sortChanges brings changes in the order of the text. Changes that overlap are an
// *UneditableError.
func sortChanges(changes []Change) error {
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Start, b.Start) })
	for i := range changes[:max(len(changes)-1, 0)] {
		if changes[i].End > changes[i+1].Start {
			return uneditable("two edits would change the same bytes")
		}
	}
	return nil
}

// UneditableError says why a scalar cannot be changed in place.
type UneditableError struct {
	Reason string
}

func (e *UneditableError) Error() string { return e.Reason }

func uneditable(format string, args ...any) error {
	return &UneditableError{fmt.Sprintf(format, args...)}
}

package yamltext

import (
	"inject-related-images/internal/yamltext/internal/fastyaml"
	"inject-related-images/internal/yamltext/internal/syntax"
)

// Text is a parsed YAML or JSON text.
type Text struct {
	Source  string  // as it came
	Docs    []*Node // the root of every document, in order
	Aliased bool    // it has aliases

	// LinesBefore is how many lines of a file are before a text that was cut out of it. The errors
	// of Decode count them.
	LinesBefore int

	// Standalone says that nothing before the text could change its meaning: it has no anchors,
	// tags, aliases, directives and unusual line breaks.
	Standalone bool

	pruned   bool                // Docs are not all of it
	segments map[*Node][]segment // of the scalars asked for so far
	memory   *fastyaml.Memory    // of the nodes, or nil
}

// Release gives the memory of the nodes to the next text that is parsed. Neither they nor the text
// may be used any more; Source and the values of scalars may. Without it, they are garbage as all
// else.
func (t *Text) Release() {
	if t.memory != nil {
		t.memory.Release()
	}
	*t = Text{}
}

// Node is a mapping, a sequence, a scalar or an alias.
type Node = syntax.Node

// Kind tells what a Node is.
type Kind = syntax.Kind

// The kinds of nodes.
const (
	Mapping  = syntax.Mapping
	Sequence = syntax.Sequence
	Scalar   = syntax.Scalar
	Alias    = syntax.Alias
)

// Style tells how a scalar is written.
type Style = syntax.Style

// The styles of scalars.
const (
	Plain        = syntax.Plain
	SingleQuoted = syntax.SingleQuoted
	DoubleQuoted = syntax.DoubleQuoted
	Literal      = syntax.Literal
	Folded       = syntax.Folded
)

// Interest says what of a text is wanted.
type Interest = fastyaml.Interest

// segment says which bytes of the text hold a part of a scalar's value: bytes value..value+valueLen
// of the value stand at source..source+sourceLen. In a verbatim segment they are the same bytes;
// else it is an escape or a folded line break, which only counts as a whole.
type segment struct {
	value, valueLen   int
	source, sourceLen int
	verbatim          bool
}

// Spells tells whether a scalar of the YAML text source, or of a text in it, can have one of the
// words in its value. It does not parse. An escaped backslash is one of an escape in such a text.
func Spells(source string, words []string) bool {
	return syntax.Contains(source, words) || syntax.HasEscape(source, syntax.Respelling+`\`)
}

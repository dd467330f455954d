package locate

import "strings"

// Scope says where to look. The zero value says in the Places.
type Scope struct {
	places    *table // nil for the known ones
	variables Variables
}

// Variables tells the variables that hold images by their names.
type Variables interface {
	Has(name string) bool
	Parts() []string // each name has one of them in it
}

// NewScope returns the scope of the Places and of a user's own, fields, without those that a user
// excludes. The user's word goes before ours. What variables has are the names of the variables
// that placeholders may stand for, and that stand beside images.
func NewScope(fields, exclude []Field, variables Variables) Scope {
	var patterns []pattern
	for _, f := range exclude {
		patterns = append(patterns, f.pattern(Nothing))
	}
	for _, f := range fields {
		patterns = append(patterns, f.pattern(Declared))
	}
	t := newTable(patterns, Places)
	t.excluded = len(exclude)
	if variables != nil {
		t.want(variables.Parts(), "value")
	}
	return Scope{t, variables}
}

func (s Scope) table() *table {
	if s.places == nil {
		return known()
	}
	return s.places
}

// variable returns the name of the variable that the text is a placeholder for, or "".
func (s Scope) variable(text string) string {
	if name := placeholderName(text); s.has(name) {
		return name
	}
	return ""
}

// named returns the name of a variable that the text has in it, in whatever form, or "".
func (s Scope) named(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(c rune) bool { return !isNamePart(c) }) {
		if name := strings.Trim(word, "-."); s.has(name) {
			return name
		}
	}
	return ""
}

// has tells whether a name is that of a variable. Where other tools have theirs, as params.x_IMAGE,
// it is one of those.
func (s Scope) has(name string) bool {
	if !s.isVariable(name) {
		return false
	}
	dot := strings.LastIndexByte(name, '.')
	return dot < 0 || !s.isVariable(name[dot+1:])
}

func (s Scope) isVariable(name string) bool {
	return name != "" && s.variables != nil && s.variables.Has(name)
}

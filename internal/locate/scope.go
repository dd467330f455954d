package locate

import "strings"

// Scope says where to look. The zero value says in the Places.
type Scope struct {
	places     *table // nil for the known ones
	isVariable func(name string) bool
}

// NewScope returns the scope of the Places and of a user's own, fields, without those that a user excludes. The user's word goes
// before ours. isVariable tells the names of the variables that placeholders may stand for.
func NewScope(fields, exclude []Field, isVariable func(name string) bool) Scope {
	var patterns []pattern
	for _, f := range exclude {
		patterns = append(patterns, f.pattern(Nothing))
	}
	for _, f := range fields {
		patterns = append(patterns, f.pattern(Declared))
	}
	if patterns == nil {
		return Scope{isVariable: isVariable}
	}
	return Scope{newTable(patterns, Places), isVariable}
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

// has tells whether a name is that of a variable. Where other tools have theirs, as params.x_IMAGE, it is one of those.
func (s Scope) has(name string) bool {
	if name == "" || s.isVariable == nil || !s.isVariable(name) {
		return false
	}
	dot := strings.LastIndexByte(name, '.')
	return dot < 0 || !s.isVariable(name[dot+1:])
}

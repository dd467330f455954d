package locate

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
	if name := placeholderName(text); name != "" && s.isVariable != nil && s.isVariable(name) {
		return name
	}
	return ""
}

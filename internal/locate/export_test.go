package locate

// ScopeOf returns the scope of other places than those of the table.
func ScopeOf(places []Place) Scope { return Scope{places: newTable(nil, places)} }

// Whole returns the scope with all of each text wanted, also what can hold no reference.
func (s Scope) Whole() Scope {
	whole := *s.table()
	whole.interest = nil
	return Scope{&whole, s.variables}
}

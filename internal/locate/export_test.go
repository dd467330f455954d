package locate

// Whole has the finder look at all of each text, also at what can hold no reference.
func (f *Finder) Whole() { f.whole = true }

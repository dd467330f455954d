// Package syntax has the nodes of a YAML text, and the rules by which scalars are written: what
// ends a line, how lines are folded, what an escape stands for. Both the parsers and what changes a
// text know YAML by it.
package syntax

// Kind tells what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	Mapping Kind = iota + 1
	Sequence
	Scalar
	Alias
)

// Style tells how a scalar is written.
type Style uint8

// The styles of scalars.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal
	Folded
)

// Node is a mapping, a sequence, a scalar or an alias.
type Node struct {
	Kind    Kind
	Style   Style   // of a scalar
	Flow    bool    // of a mapping or sequence: in braces or brackets
	Key     bool    // it is a key of a mapping
	Tag     string  // of a scalar, given or resolved: !!str, !!int, …
	Value   string  // of a scalar, decoded; of an alias, its name
	Offset  int     // its first byte in the text: that of its anchor or tag where it has one
	Content []*Node // a sequence's items; a mapping's keys and values in turn
	Target  *Node   // of an alias
}

// Resolve follows an alias to the node it stands for.
func (n *Node) Resolve() *Node {
	for n != nil && n.Kind == Alias {
		n = n.Target
	}
	return n
}

// IsString tells whether n is a scalar that reads as a string, or has a tag of its own, unlike 1.5,
// true and null.
func (n *Node) IsString() bool {
	if n == nil || n.Kind != Scalar {
		return false
	}
	switch n.Tag {
	case "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!binary", "!!merge":
		return false
	}
	return true
}

// Get returns the value under the string key of a mapping, its own or merged in with <<, aliases
// followed. It is nil where n is no mapping or has no such key.
func (n *Node) Get(key string) *Node { return n.get(key, nil) }

// get is Get for n, or for what is merged in: a mapping, or the first of a sequence that has the
// key (YAML 1.1, the key <<). seen are the nodes that merge it in, or did. Merges can be circular,
// and nested deeper than any machine can visit.
func (n *Node) get(key string, seen map[*Node]bool) *Node {
	if n = n.Resolve(); n == nil || seen[n] {
		return nil
	}
	var merges []*Node
	if n.Kind == Sequence && seen != nil {
		merges = n.Content
	}
	for i := 0; n.Kind == Mapping && i+1 < len(n.Content); i += 2 {
		switch k := n.Content[i].Resolve(); {
		case k.Tag == "!!merge":
			merges = append(merges, n.Content[i+1])
		case k.Kind == Scalar && k.Value == key:
			return n.Content[i+1].Resolve()
		}
	}
	if seen == nil && len(merges) > 0 {
		seen = map[*Node]bool{}
	}
	for _, m := range merges {
		seen[n] = true
		if v := m.get(key, seen); v != nil {
			return v
		}
	}
	return nil
}

// Index returns the item of a sequence, aliases followed, or nil where n is no sequence or has no
// such item.
func (n *Node) Index(i int) *Node {
	if n = n.Resolve(); n == nil || n.Kind != Sequence || i >= len(n.Content) {
		return nil
	}
	return n.Content[i].Resolve()
}

// Text returns the value of the scalar under key, or "".
func (n *Node) Text(key string) string {
	if v := n.Get(key); v != nil && v.Kind == Scalar && v.Tag != "!!null" {
		return v.Value
	}
	return ""
}

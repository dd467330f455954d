package yamltext

import "fmt"

// Verify checks that text reads as t with the edits made, but for the value under a key of the only
// document, a mapping, which it may have gained. The error is an *UneditableError.
func (t *Text) Verify(text string, edits []Edit, key string) error {
	docs := t.Docs
	if t.pruned {
		all, err := Parse(t.Source, nil)
		if err != nil {
			return err
		}
		docs = all.Docs
	}
	again, err := Parse(text, nil)
	if err != nil {
		return uneditable("after the edit the text does not parse: %v", err)
	}
	if len(again.Docs) != len(docs) {
		return uneditable("the edit would change the number of documents")
	}
	byOffset := editsByOffset{}
	for _, e := range edits {
		byOffset[e.Node.Offset] = append(byOffset[e.Node.Offset], e)
	}
	for i, before := range docs {
		after := again.Docs[i]
		if key != "" {
			before, after = without(before, key), without(after, key)
		}
		if err := byOffset.compare(before, after); err != nil {
			return err
		}
	}
	return nil
}

// without returns the mapping n without a key.
func without(n *Node, key string) *Node {
	copied := *n
	copied.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind != Scalar || k.Value != key {
			copied.Content = append(copied.Content, k, n.Content[i+1])
		}
	}
	return &copied
}

// editsByOffset are edits by the offsets of their scalars.
type editsByOffset map[int][]Edit

// compare checks that the node after a splice is the node before it, but for the values that edits
// change.
func (byOffset editsByOffset) compare(before, after *Node) error {
	value, tag := before.Value, before.Tag
	if edits := byOffset[before.Offset]; len(edits) > 0 && before.Kind == Scalar && value == edits[0].Node.Value {
		changes := make([]Change, len(edits))
		for i, e := range edits {
			changes[i] = Change{e.From, e.To, e.New}
		}
		var err error
		if value, err = Apply(value, changes); err != nil {
			return err
		}
		if tag == "!!null" {
			tag = "!!str"
		}
	}
	if before.Kind != after.Kind || before.Style != after.Style || tag != after.Tag || value != after.Value ||
		len(before.Content) != len(after.Content) {
		return uneditable("the edit would change more than the value: %s", describe(before, after))
	}
	for i := range before.Content {
		if err := byOffset.compare(before.Content[i], after.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

func describe(before, after *Node) string {
	if before.Kind == Scalar && after.Kind == Scalar {
		return fmt.Sprintf("%.80q would read as %.80q", before.Value, after.Value)
	}
	return fmt.Sprintf("a node of %d parts would have %d", len(before.Content), len(after.Content))
}

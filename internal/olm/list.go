package olm

import (
	"slices"
	"strings"

	"inject-related-images/internal/yamltext"
)

// Objects returns the objects of a document: the items of a List, of a ClusterServiceVersionList or
// of another list, as kubectl prints them; else the document itself. A list without items is one
// object.
func Objects(d Document) []Document {
	items := itemsOf(d.Node)
	if items == nil || len(items.Content) == 0 {
		return []Document{d}
	}
	objects := make([]Document, len(items.Content))
	for i := range items.Content {
		item := d
		item.Node = withKind(items.Index(i), d.Node)
		item.Where = d.Position(offset(items.Index(i)))
		objects[i] = item
	}
	return objects
}

// itemsOf returns the items of a list, or nil where the object n is none.
func itemsOf(n *yamltext.Node) *yamltext.Node {
	items := n.Get("items")
	if !strings.HasSuffix(n.Text("kind"), "List") || items == nil || items.Kind != yamltext.Sequence {
		return nil
	}
	return items
}

// withKind returns an item of a list with its kind and apiVersion. A list of one kind says them for
// its items, which may leave them out.
func withKind(item, list *yamltext.Node) *yamltext.Node {
	kind := strings.TrimSuffix(list.Text("kind"), "List")
	if item == nil || item.Kind != yamltext.Mapping || item.Get("kind") != nil || kind == "" {
		return item
	}
	named := *item
	named.Content = append(slices.Clone(item.Content),
		scalar("kind", item), scalar(kind, item), scalar("apiVersion", item), scalar(list.Text("apiVersion"), item))
	return &named
}

// scalar returns a text that stands where n does.
func scalar(text string, n *yamltext.Node) *yamltext.Node {
	return &yamltext.Node{Kind: yamltext.Scalar, Tag: "!!str", Value: text, Offset: n.Offset}
}

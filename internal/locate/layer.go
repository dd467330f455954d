package locate

import "inject-related-images/internal/yamltext"

// Layer is a text with references in it: a file, or a list or documents that are the value of a
// scalar of the layer above.
type Layer struct {
	Source string
	Text   *yamltext.Text // nil for a list
	Parent *Layer         // nil for a file
	Holder *yamltext.Node // the scalar of Parent whose value is Source
	Depth  int            // 0 for a file

	isJSON *bool // once it has been asked
}

func newLayer(source string, text *yamltext.Text) *Layer {
	return &Layer{Source: source, Text: text}
}

// JSON tells whether the text is JSON, which has no comments.
func (l *Layer) JSON() bool {
	if l.isJSON == nil {
		is := yamltext.IsJSON(l.Source)
		l.isJSON = &is
	}
	return *l.isJSON
}

// embedded is the value of a scalar, read as a list or as documents.
type embedded struct {
	holder *yamltext.Node
	isList bool
}

// embed returns the layer that the scalar n of parent holds. It is parsed unless it is a list.
// Through aliases, a scalar can be reached more than once: its layer is the same.
func (f *finder) embed(parent *Layer, n *yamltext.Node, isList bool) (*Layer, error) {
	key := embedded{n, isList}
	if layer := f.layers[key]; layer != nil {
		return layer, nil
	}
	var text *yamltext.Text
	if !isList {
		var err error
		if text, err = f.parse(n.Value); err != nil {
			return nil, err
		}
	}
	layer := newLayer(n.Value, text)
	layer.Parent, layer.Holder, layer.Depth = parent, n, parent.Depth+1
	if f.layers == nil {
		f.layers = map[embedded]*Layer{}
	}
	f.layers[key] = layer
	return layer, nil
}

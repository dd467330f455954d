package locate

import (
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// Named says that a reference stands beside the name of a variable: as {name: RELATED_IMAGE_x,
// value: IMAGE} in a list, or under the key RELATED_IMAGE_x. Operators' own manifests hold their
// images so.
type Named struct {
	Variable   string
	Kind, Name string // of the object: its metadata.name
	Package    string // of an object with a spec.name, as an OLM Subscription: that
}

// namedValue finds the reference of the mapping n, an item of a list, whose name is that of a
// variable, or of an environment variable of another name.
func (w *walker) namedValue(n *yamltext.Node) {
	steps := len(w.path)
	if w.scope.variables == nil || steps == 0 || !w.path[steps-1].indexed {
		return
	}
	isVariable := w.scope.isVariable(n.Text("name"))
	if !isVariable && (steps == 1 || w.path[steps-2].key != "env") {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if value := n.Content[i+1]; n.Content[i].Value == "value" && value.Kind == yamltext.Scalar {
			w.path = append(w.path, step{key: "value", node: value})
			if _, ok := w.find(); !ok && isVariable {
				w.named(value, n.Text("name"))
			} else if from, text := trim(value.Value); !ok {
				if ref, err := imageref.Parse(text); err == nil && isFull(text) {
					w.add(Site{Text: text, Ref: ref, Node: value, From: from, NotEdited: true})
				}
			} else if last := len(w.result.Sites) - 1; isVariable && last >= 0 && w.result.Sites[last].Node == value {
				// it is at a field of a user, too
				w.result.Sites[last].Named = w.besideName(n.Text("name"))
			}
			w.path = w.path[:len(w.path)-1]
		}
	}
}

// named adds the site of the scalar n, which is the value of a variable. What is no reference there
// may be anything.
func (w *walker) named(n *yamltext.Node, variable string) {
	if !n.IsString() || w.isExhausted() {
		return
	}
	from, text := trim(n.Value)
	ref, err := imageref.Parse(text)
	placeholder := ""
	if err != nil {
		if placeholder = w.scope.variable(text); placeholder == "" {
			return
		}
	}
	site := w.add(Site{Text: text, Ref: ref, Variable: placeholder, Node: n, From: from})
	site.Named = w.besideName(variable)
	site.Marker = w.marker(w.layer.Text, n)
}

// besideName tells of a reference in the walker's object that it stands beside the name of a
// variable.
func (w *walker) besideName(variable string) *Named {
	object := w.node(w.object.depth)
	return &Named{
		Variable: variable, Kind: w.object.kind,
		Name: object.Get("metadata").Text("name"), Package: object.Get("spec").Text("name"),
	}
}

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

// variable returns the name of the variable that the scalar at the walker's path stands beside:
// under it, or as the value of an item of a list that has the name. It is "" where there is none.
func (w *walker) variable() string {
	name := w.key()
	if steps := len(w.path); name == "value" && steps > 1 && w.path[steps-2].indexed {
		name = w.node(steps - 1).Text("name")
	}
	if !w.scope.isVariable(name) {
		return ""
	}
	return name
}

// named finds the reference of the scalar n that is the value of a variable, where no place for
// something else is. It tells whether there is one: what is no reference may be anything.
func (w *walker) named(n *yamltext.Node, holds Holding) bool {
	variable := w.variable()
	if variable == "" || variable != w.key() && holds != Unknown && holds != EnvValue {
		return false
	}
	from, text := trim(n.Value)
	site := Site{Text: text, Node: n, From: from}
	var err error
	if site.Ref, err = imageref.Parse(text); err != nil {
		if site.Variable = w.scope.variable(text); site.Variable == "" {
			return false
		}
	}
	site.Marker = w.marker(w.layer.Text, n)
	w.add(site)
	return true
}

// objectNamed returns what a Named says of the walker's object.
func (w *walker) objectNamed() Named {
	object := w.node(w.object.depth)
	return Named{Kind: w.object.kind, Name: object.Get("metadata").Text("name"), Package: object.Get("spec").Text("name")}
}

// Package locate finds the image references in registry files, devfiles and Kubernetes objects.
//
// References stand in many places: most under a key image, some in lists, some in documents that
// are a scalar of another document. The table Places says where. What is found is a Site: a
// reference with the bytes that it stands in and all that a decision about it needs. Finding
// changes nothing and decides nothing.
package locate

import (
	"path"
	"slices"

	"inject-related-images/internal/yamltext"
)

// Input is a text, and where to look in it.
type Input struct {
	Name      string           // of the file, with slashes: it tells lists from YAML and JSON
	Source    string           // the text
	Text      *yamltext.Text   // the same, parsed; Find parses it where it is nil
	Roots     []Root           // where to look in Text; nil means in all documents
	Protected []*yamltext.Node // what must not be edited in Text

	CommentsLost bool // of all documents, where there are no Roots
}

// Root is a node to look in. Paths begin there.
type Root struct {
	Node         *yamltext.Node
	Document     int  // the index of its document in the file
	CommentsLost bool // comments that are written beside its references are dropped later
}

// Result is what was found in a text. It keeps the text alive, and shares no other memory.
type Result struct {
	Top      *Layer    // the text
	Sites    []Site    // in the order of the text
	Problems []Problem // in this order, too

	Templates int // how many texts are templates of other tools where a reference can stand

	Fields, Exclude []bool // whether each of the user's matched something; a field matches texts only

	parsed []*yamltext.Text // by Find
}

// Release gives the memory of the texts that Find has parsed to the next ones. Neither their nodes
// nor the sites may be used any more.
func (r Result) Release() {
	for _, text := range r.parsed {
		text.Release()
	}
}

// IsList tells by its name whether a file is a list: external_images.txt of images, one a line, and
// those that end with .env of KEY=image.
func IsList(name string) bool { return path.Base(name) == "external_images.txt" || isEnvFile(name) }

func isEnvFile(name string) bool { return path.Ext(name) == ".env" }

// IsKustomization tells by its name whether a file is kustomize's, even if it names no kind.
func IsKustomization(name string) bool {
	return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, path.Base(name))
}

// Find finds the references in a text. The error says why the text does not parse.
func (s Scope) Find(in Input) (Result, error) {
	f := &finder{scope: s, table: s.table(), kustomization: IsKustomization(in.Name)}
	f.matched = make([]bool, f.table.places)
	if in.Text == nil && IsList(in.Name) {
		f.result.Top = newLayer(in.Source, nil)
		if isEnvFile(in.Name) {
			f.pairs(f.result.Top, "", Named{}, false)
		} else {
			f.lines(f.result.Top, "", "")
		}
		return f.result, nil
	}
	if in.Text == nil {
		var err error
		if in.Text, err = f.parse(in.Source); err != nil {
			return Result{}, err
		}
	}
	if in.Roots == nil {
		for i, doc := range in.Text.Docs {
			in.Roots = append(in.Roots, Root{doc, i, in.CommentsLost})
		}
	}
	f.result.Top = newLayer(in.Source, in.Text)
	f.aliased.most = mostAliased + nodesOf(len(in.Source))
	for _, n := range in.Protected {
		f.protect(f.result.Top, n)
	}
	for i, root := range in.Roots {
		f.root, f.index = root, i
		f.walk(f.result.Top, root.Node, "")
	}
	f.refuseProtected()
	f.refuseShared()
	f.result.Exclude, f.result.Fields = f.matched[:f.table.excluded], f.matched[f.table.excluded:]
	return f.result, nil
}

// finder finds the references in one text.
type finder struct {
	scope     Scope
	table     *table
	root      Root // that is looked in now
	index     int  // of the root
	result    Result
	layers    map[embedded]*Layer
	protected map[*yamltext.Node]bool
	aliased   aliased
	matched   []bool // of the users' patterns, those that match something

	kustomization bool // the text is that of a file of this name
}

// parse parses a text, without what there is nothing to find in.
func (f *finder) parse(source string) (*yamltext.Text, error) {
	text, err := yamltext.Parse(source, f.table.interest)
	if err == nil {
		f.result.parsed = append(f.result.parsed, text)
	}
	return text, err
}

// protect says that nothing in the node n of a layer may be edited. This matters where an alias
// elsewhere stands for something in n, or one in n for something elsewhere.
func (f *finder) protect(layer *Layer, n *yamltext.Node) {
	if n == nil || !layer.Text.Aliased || f.protected[n] {
		return
	}
	if f.protected == nil {
		f.protected = map[*yamltext.Node]bool{}
	}
	f.protected[n] = true
	f.protect(layer, n.Target)
	for _, child := range n.Content {
		f.protect(layer, child)
	}
}

// refuseProtected makes the sites unreachable that stand in protected nodes.
func (f *finder) refuseProtected() {
	if f.protected == nil {
		return
	}
	for i := range f.result.Sites {
		s := &f.result.Sites[i]
		for n, layer := s.Node, s.Layer; layer != nil; n, layer = layer.Holder, layer.Parent {
			if f.protected[n] {
				s.Unreachable = "it shares its text, by an alias, with something that must not be touched"
			}
		}
	}
}

package locate

import (
	"cmp"
	"fmt"
	"strings"

	"inject-related-images/internal/imageref"
	"inject-related-images/internal/yamltext"
)

// Parts says under which keys of a mapping the parts of a reference stand. Only the digest of such
// a reference is edited: whoever reads the mapping decides how its parts are put together.
type Parts struct {
	names  []string // the keys of the parts of its repository, which stand with / between them
	tag    string   // the key of its tag, behind which a digest may stand; or ""
	digest string   // the key that its digest is to stand under; "" where that stands behind the tag
}

// splitKeys are the keys that may stand beside a repository or an image.
var splitKeys = []string{"registry", "tag", "version", "digest"}

// splitAt returns how a reference is split whose repository, or the last part of that, stands under
// a key of a mapping. It is nil where there is none.
func splitAt(key string, in *yamltext.Node) *Parts {
	var p Parts
	switch key {
	case "name", "newName":
		p = kustomizeParts(in)
	case "repository", "image":
		p = chartParts(in)
	default:
		if tag := key + "Tag"; in.Text(tag) != "" {
			p = Parts{[]string{key}, tag, ""}
		}
	}
	if len(p.names) == 0 || key != p.names[len(p.names)-1] || nameIn(in, key).IsZero() {
		return nil
	}
	return &p
}

// kustomizeParts returns the parts of an item of kustomize's images. Without a tag and a digest it
// only selects images, and may rename them.
func kustomizeParts(in *yamltext.Node) Parts {
	p := Parts{[]string{"name"}, "newTag", "digest"}
	if in.Text("newName") != "" {
		p.names[0] = "newName"
	}
	if in.Text(p.tag)+in.Text(p.digest) == "" {
		return Parts{}
	}
	return p
}

// chartParts returns the parts of a reference in the values of a Helm chart. A digest that is empty
// is none where the tag has one.
func chartParts(in *yamltext.Node) Parts {
	p := Parts{tag: tagKey(in)}
	if isScalar(in.Get("digest")) && (in.Text("digest") != "" || !holdsDigest(in.Text(p.tag))) {
		p.digest = "digest"
	}
	if p.tag+p.digest != "" {
		p.names = repositoryKeys(in)
	}
	return p
}

// repositoryKeys returns the keys of the parts of a repository in the values of a chart: a registry,
// a repository and an image, each if it is there. An image that names its registry stands alone.
func repositoryKeys(in *yamltext.Node) (keys []string) {
	image := nameIn(in, "image")
	if !image.IsZero() && image.Name() == image.Repository() {
		return []string{"image"}
	}
	if in.Text("registry") != "" {
		keys = append(keys, "registry")
	}
	if !nameIn(in, "repository").IsZero() {
		keys = append(keys, "repository")
	}
	if !image.IsZero() {
		keys = append(keys, "image")
	}
	return keys
}

// tagKey returns the key of the tag in the values of a chart, or "": of a tag and a version, the tag
// unless it is empty.
func tagKey(in *yamltext.Node) (key string) {
	for _, k := range []string{"version", "tag"} {
		if isScalar(in.Get(k)) && (key == "" || in.Text(k) != "") {
			key = k
		}
	}
	return key
}

// nameIn returns the name of a repository, without tag and digest, that stands under a key; or the
// zero value.
func nameIn(in *yamltext.Node, key string) imageref.Ref {
	text := strings.TrimSpace(in.Text(key))
	if text == "" || strings.Contains(text, "://") { // of a chart, or source code: no need to parse it
		return imageref.Ref{}
	}
	ref, err := imageref.Parse(text)
	if err != nil || ref.Name() != ref.String() {
		return imageref.Ref{}
	}
	return ref
}

func isScalar(n *yamltext.Node) bool { return n != nil && n.Kind == yamltext.Scalar }

// holdsDigest tells whether what stands under the key of a tag is a digest, or a tag with one.
func holdsDigest(tag string) bool { return strings.Contains(tag, "@") || isDigest(tag) }

func isDigest(s string) bool {
	if !strings.Contains(s, ":") {
		return false
	}
	_, err := imageref.Parse("x@" + s)
	return err == nil
}

// text puts the parts together that stand in a mapping.
func (p *Parts) text(in *yamltext.Node) (text, repository string) {
	names := make([]string, len(p.names))
	for i, key := range p.names {
		names[i] = strings.TrimSpace(in.Text(key))
	}
	repository = strings.Join(names, "/")
	text = repository
	switch tag := strings.TrimSpace(in.Text(p.tag)); {
	case isDigest(tag):
		text += "@" + tag
	case tag != "":
		text += ":" + tag
	}
	if digest := strings.TrimSpace(in.Text(p.digest)); digest != "" {
		text += "@" + digest
	}
	return text, repository
}

// split finds the reference that n is, or of which it is the repository.
func (w *walker) split(n *yamltext.Node) {
	if !w.parts(true) {
		w.reference(n, true)
	}
}

// parts finds the reference that is split and whose repository ends at the walker's path. It returns
// false if there is none. The reference stands where it is edited, or would be.
func (w *walker) parts(known bool) bool {
	last := len(w.path) - 1
	here, in := w.path[last], w.node(last)
	p := splitAt(here.key, in)
	if p == nil {
		return false
	}
	text, repository := p.text(in)
	if isTemplate(text) && w.scope.named(text) == "" {
		w.result.Templates++
		return true
	}
	site, ok := w.readSplit(text, repository)
	if !ok {
		return false
	}
	site.Parts, site.Known = p, known
	part := step{key: p.digest, node: in.Get(p.digest)}
	switch {
	case !isScalar(part.node):
		part = step{key: p.tag, node: in.Get(p.tag)}
		site.Unreachable = "it has no digest that could be replaced"
	case part.node.Tag == "!!null" && w.layer.JSON():
		site.Unreachable = "its digest is null, and JSON has texts in quotes only"
	}
	w.path[last] = part
	if !w.table.isExcluded(w.path, &w.object) {
		w.addSplit(site, w.keyOf(here.key, in))
	}
	w.path[last] = here
	return true
}

// readSplit reads a reference that was put together from parts. It returns false if its repository
// is not one.
func (w *walker) readSplit(text, repository string) (Site, bool) {
	ref, err := imageref.Parse(text)
	if err == nil {
		return Site{Text: text, Ref: ref}, true
	}
	name, err := imageref.Parse(repository)
	if err != nil {
		return Site{}, false
	}
	site := Site{Text: firstLine(text), Ref: name, Variable: w.scope.named(text), Invalid: imageref.Explain(text)}
	if site.Variable != "" {
		site.Invalid = fmt.Sprintf("it names %s in one of its parts, and a placeholder stands for a whole image", site.Variable)
	}
	return site, true
}

// keyOf returns the key that a user's map can have for a reference of which a part stands under a
// key of a mapping: that of the mapping, or the name of an item.
func (w *walker) keyOf(key string, in *yamltext.Node) string {
	above := len(w.path) - 2
	switch key {
	case "name", "newName":
		return in.Text("name")
	case "repository", "image":
		if above >= 0 && !w.path[above].indexed {
			return w.path[above].key
		}
	}
	return key
}

// addSplit adds the site of a reference whose part stands at the walker's path.
func (w *walker) addSplit(s Site, key string) {
	s.Node = w.path[len(w.path)-1].node
	s.Marker = w.marker(w.layer.Text, s.Node)
	from, part := trim(s.Node.Value)
	if part == "" {
		from, part = 0, s.Node.Value
	}
	s.From = from
	site := w.add(s)
	site.To, site.Key = from+len(part), key
}

// refuseShared makes the references unreachable whose digest is, by an alias, that of an image of
// another repository, too.
func (f *finder) refuseShared() {
	repositories, shared := map[*yamltext.Node]string{}, map[*yamltext.Node]bool{}
	for i := range f.result.Sites {
		if s := &f.result.Sites[i]; s.Parts != nil && s.Layer.Text.Aliased {
			r := s.Ref.Repository()
			shared[s.Node] = shared[s.Node] || cmp.Or(repositories[s.Node], r) != r
			repositories[s.Node] = r
		}
	}
	for i := range f.result.Sites {
		if s := &f.result.Sites[i]; s.Unreachable == "" && shared[s.Node] {
			s.Unreachable = "it shares its digest, by an alias, with an image of another repository"
		}
	}
}

package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/yamltext"
)

// mirrorObjects are the objects of OpenShift that say where mirrors are: the list in their spec, and what it is for.
var mirrorObjects = map[string]struct {
	list string
	only engine.MirrorKind
}{
	"ImageDigestMirrorSet":     {"imageDigestMirrors", engine.Digests},
	"ImageTagMirrorSet":        {"imageTagMirrors", engine.Tags},
	"ImageContentSourcePolicy": {"repositoryDigestMirrors", engine.Digests},
}

// MirrorKinds returns the kinds of objects that say where mirrors are.
func MirrorKinds() []string { return slices.Sorted(maps.Keys(mirrorObjects)) }

// MirrorsOf returns the mirrors that the object n says, or those in a List, the first of each source; none where it is no object that says any.
// Sources with wildcards are an error: which of their hosts an image is from is not told by its name at the mirror.
func MirrorsOf(n *yamltext.Node) ([]engine.Mirror, error) {
	if n.Text("kind") == "List" {
		var found []engine.Mirror
		for i := 0; n.Get("items").Index(i) != nil; i++ {
			mirrors, err := MirrorsOf(n.Get("items").Index(i))
			if err != nil {
				return nil, err
			}
			found = append(found, mirrors...)
		}
		return found, nil
	}
	object, ok := mirrorObjects[n.Text("kind")]
	if !ok || !strings.HasPrefix(n.Text("apiVersion"), "config.openshift.io/") && !strings.HasPrefix(n.Text("apiVersion"), "operator.openshift.io/") {
		return nil, nil
	}
	var found []engine.Mirror
	list := n.Get("spec").Get(object.list)
	for i := 0; list.Index(i) != nil; i++ {
		source, to := list.Index(i).Text("source"), list.Index(i).Get("mirrors").Index(0)
		if to == nil {
			continue // mirrored nowhere
		}
		m := engine.Mirror{From: repository(source), To: repository(to.Value), Only: object.only}
		if m.From == "" || m.To == "" {
			return nil, fmt.Errorf("%s %s: source %q, mirror %q: both must be repositories, or what these begin with",
				n.Text("kind"), n.Get("metadata").Text("name"), source, to.Value)
		}
		found = append(found, m)
	}
	return found, nil
}

// WithMirrors returns o with more mirrors, behind those that it has: the longest source goes first.
func (o Options) WithMirrors(more []engine.Mirror) Options {
	o.Decide.Mirrors = slices.Concat(o.Decide.Mirrors, more)
	slices.SortStableFunc(o.Decide.Mirrors, func(a, b engine.Mirror) int { return len(b.From) - len(a.From) })
	return o
}

// ParseMirrors returns the mirrors that the objects in a file say.
func ParseMirrors(source string) ([]engine.Mirror, error) {
	text, err := yamltext.Parse(source, nil)
	if err != nil {
		return nil, err
	}
	var found []engine.Mirror
	for _, doc := range text.Docs {
		mirrors, err := MirrorsOf(doc)
		if err != nil {
			return nil, err
		}
		found = append(found, mirrors...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("it holds no ImageDigestMirrorSet, ImageTagMirrorSet or ImageContentSourcePolicy with mirrors")
	}
	return found, nil
}

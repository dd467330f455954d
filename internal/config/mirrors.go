package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"inject-related-images/internal/engine"
	"inject-related-images/internal/olm"
	"inject-related-images/internal/yamltext"
)

// mirrorObjects are the objects of OpenShift that say where mirrors are: the list in their spec,
// and what it is for.
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

// MirrorsOf returns the mirrors that the object n says, or those in a List, the first of each
// source; none where it is no object that says any. A source may be a wildcard, *.example.com.
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
	if !ok ||
		!strings.HasPrefix(n.Text("apiVersion"), "config.openshift.io/") &&
			!strings.HasPrefix(n.Text("apiVersion"), "operator.openshift.io/") {
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
		if isWildcard(source) {
			m.From = source
		}
		if m.From == "" || m.To == "" {
			return nil, fmt.Errorf("%s %s: source %q, mirror %q: both must be repositories, or what these begin with; "+
				"a source can be *.HOST, too", n.Text("kind"), n.Get("metadata").Text("name"), source, to.Value)
		}
		found = append(found, m)
	}
	return found, nil
}

// isWildcard tells whether a source stands for all subdomains of a host: *.example.com. It has no
// port and no path (containers-registries.conf(5), prefix).
func isWildcard(source string) bool {
	host, ok := strings.CutPrefix(source, "*.")
	host = "any." + host
	return ok && !strings.ContainsAny(host, ":/") && repository(host) == host
}

// mirrorsFor returns the mirrors with a mirror for each of the hosts in the place of a wildcard:
// the mirror's name takes the place of the host (containers/image, Endpoint.rewriteReference).
// Images are written by the names that the CSVs have for them. So the hosts of these are all that a
// wildcard can be needed for, and all that an image at the mirror can be of.
func mirrorsFor(hosts []string, mirrors []engine.Mirror) []engine.Mirror {
	var found, ofWildcards []engine.Mirror
	for _, m := range mirrors { // the longest source first, also of wildcards
		if !isWildcard(m.From) {
			found = append(found, m)
			continue
		}
		for _, host := range hosts {
			if strings.HasSuffix(host, m.From[1:]) {
				ofWildcards = append(ofWildcards, engine.Mirror{From: host, To: m.To, Only: m.Only})
			}
		}
	}
	return byLength(append(found, ofWildcards...))
}

// hosts returns the registries of the images of a history, in alphabetical order.
func hosts(h olm.History) []string {
	found := map[string]bool{}
	for _, r := range slices.Concat(h.Current, h.Previous) {
		for _, e := range r.Entries {
			if !e.IsBad() {
				host, _, _ := strings.Cut(e.Image.Repository(), "/")
				found[host] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// WithMirrors returns o with more mirrors, behind those that it has: the longest source goes first.
func (o Options) WithMirrors(more []engine.Mirror) Options {
	o.Decide.Mirrors = byLength(slices.Concat(o.Decide.Mirrors, more))
	return o
}

// byLength sorts mirrors by their sources, the longest first.
func byLength(mirrors []engine.Mirror) []engine.Mirror {
	slices.SortStableFunc(mirrors, func(a, b engine.Mirror) int { return len(b.From) - len(a.From) })
	return mirrors
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

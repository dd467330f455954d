package rewrite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

// edit is what the sites of the given indices need: changes of scalars of a layer, or of a list, that are made together or not at
// all.
type edit struct {
	parts []yamltext.Edit
	sites []int
}

// splicer makes the edits that findings ask for.
type splicer struct {
	sites    []locate.Site
	findings []Finding
	markers  []string // of each site, or nil if there are none
	edits    map[*locate.Layer][]edit
	layers   [][]*locate.Layer // those with edits, by depth
	lost     []int             // sites that could not be edited with their markers
}

// marker returns what the comment of the site i is to be, or "".
func (s *splicer) marker(i int) string {
	if s.markers == nil {
		return ""
	}
	return s.markers[i]
}

func (s *splicer) add(layer *locate.Layer, e edit) {
	if s.edits[layer] == nil {
		for len(s.layers) <= layer.Depth {
			s.layers = append(s.layers, nil)
		}
		s.layers[layer.Depth] = append(s.layers[layer.Depth], layer)
	}
	s.edits[layer] = append(s.edits[layer], e)
}

// apply makes the edits of all findings and returns the new text of top with the changes and edits made to it. Where a marker is
// in the way, all is done again without it.
func (s *splicer) apply(top *locate.Layer) (string, []yamltext.Change, []yamltext.Edit) {
	busy := false
	for i := range s.sites {
		busy = busy || s.findings[i].Status == Stale || mayShare(&s.sites[i])
	}
	if !busy {
		return top.Source, nil, nil
	}
	if text, changes, edits, ok := s.applyAtOnce(top); ok {
		return text, changes, edits
	}
	var decided []Finding
	if slices.ContainsFunc(s.markers, func(m string) bool { return m != "" }) {
		decided = slices.Clone(s.findings)
	}
	for {
		s.edits, s.layers, s.lost = map[*locate.Layer][]edit{}, nil, nil
		s.plan()
		text, changes, edits := s.run(top)
		if len(s.lost) == 0 {
			return text, changes, edits
		}
		for _, i := range s.lost {
			s.markers[i] = ""
			decided[i].Message = "the name of its variable could not be kept: " + s.findings[i].Message
		}
		s.findings = slices.Clone(decided)
	}
}

// applyAtOnce is apply where all edits are of the top layer, and can be made as they are: mostly.
func (s *splicer) applyAtOnce(top *locate.Layer) (text string, changes []yamltext.Change, edits []yamltext.Edit, ok bool) {
	for i := range s.sites {
		site := &s.sites[i]
		switch {
		case mayShare(site):
			return "", nil, nil, false
		case s.findings[i].Status != Stale:
		case site.Node == nil || site.Layer != top || site.Locked != "":
			return "", nil, nil, false
		default:
			edits = append(edits, yamltext.Edit{Node: site.Node, From: site.From, To: site.To, New: s.findings[i].Proposed, Comment: s.marker(i)})
		}
	}
	text, byEdit, err := top.Text.Splice(edits)
	return text, slices.Concat(byEdit...), edits, err == nil
}

// plan makes an edit of every stale finding. Aliases let several sites share a scalar: it is edited once when all findings
// agree, else not at all.
func (s *splicer) plan() {
	type place struct {
		layer *locate.Layer
		node  *yamltext.Node
		from  int
	}
	var shared map[place][]int
	for i := range s.sites {
		if site := &s.sites[i]; mayShare(site) {
			if shared == nil {
				shared = map[place][]int{}
			}
			p := place{site.Layer, site.Node, site.From}
			shared[p] = append(shared[p], i)
		}
	}
	for i := range s.sites {
		site := &s.sites[i]
		if s.findings[i].Status != Stale && shared == nil {
			continue
		}
		together := shared[place{site.Layer, site.Node, site.From}]
		if together == nil {
			together = []int{i}
		}
		switch {
		case together[0] != i || !s.agree(together) || s.findings[i].Status != Stale:
		case site.Locked != "":
			s.unreachable(together, site.Locked)
		default:
			part := yamltext.Edit{Node: site.Node, From: site.From, To: site.To, New: s.findings[i].Proposed, Comment: s.marker(i)}
			s.add(site.Layer, edit{[]yamltext.Edit{part}, together})
		}
	}
}

// mayShare tells whether there can be other sites in the same scalar as this one, at the same place.
func mayShare(site *locate.Site) bool {
	for layer := site.Layer; layer != nil; layer = layer.Parent {
		if layer.Text != nil && layer.Text.Aliased {
			return true
		}
	}
	return false
}

// agree tells whether the findings at the indices want the same, and makes them ambiguous where they do not.
func (s *splicer) agree(indices []int) bool {
	var wanted []string
	for _, i := range indices {
		if w := cmp.Or(s.findings[i].Proposed, s.findings[i].Image); !slices.Contains(wanted, w) {
			wanted = append(wanted, strings.Clone(w)) // which may be a part of the source
		}
	}
	if len(wanted) == 1 {
		return true
	}
	for _, i := range indices {
		f := &s.findings[i]
		f.Status, f.Proposed, f.Candidates = Ambiguous, "", wanted
		f.Message = fmt.Sprintf("an anchor shares this text with other places, and the CSV says %d different images for them", len(wanted))
	}
	return false
}

// run makes the edits, innermost layers first.
func (s *splicer) run(top *locate.Layer) (string, []yamltext.Change, []yamltext.Edit) {
	for depth := len(s.layers) - 1; depth >= 0; depth-- {
		for _, layer := range s.layers[depth] {
			spliced, edits, changes := s.splice(layer, s.edits[layer])
			if layer.Parent == nil {
				return spliced, slices.Concat(changes...), parts(edits)
			}
			for i, e := range edits {
				outer := edit{sites: e.sites}
				for _, c := range changes[i] {
					outer.parts = append(outer.parts, yamltext.Edit{Node: layer.Holder, From: c.Start, To: c.End, New: c.New})
				}
				s.add(layer.Parent, outer)
			}
		}
	}
	return top.Source, nil, nil
}

// splice makes the edits of a layer. It returns the new text, the edits that could be made, and the changes that each of them is.
// The sites of the others become unreachable: it halves the edits until it knows which they are.
func (s *splicer) splice(layer *locate.Layer, edits []edit) (string, []edit, [][]yamltext.Change) {
	text, changes, err := try(layer, edits)
	if err == nil {
		return text, edits, changes
	}
	if len(edits) == 1 {
		s.unreachable(edits[0].sites, err.Error())
		return layer.Source, nil, nil
	}
	half := len(edits) / 2
	_, first, _ := s.splice(layer, edits[:half])
	_, second, _ := s.splice(layer, edits[half:])
	if text, changes, err = try(layer, slices.Concat(first, second)); err == nil {
		return text, slices.Concat(first, second), changes
	}
	for _, e := range second { // each half by itself, but not both
		s.unreachable(e.sites, err.Error())
	}
	text, changes, _ = try(layer, first)
	return text, first, changes
}

// try makes the edits of a layer, all or none.
func try(layer *locate.Layer, edits []edit) (string, [][]yamltext.Change, error) {
	parts := parts(edits)
	var text string
	var changes [][]yamltext.Change // of each part
	var err error
	if layer.Text != nil {
		text, changes, err = layer.Text.Splice(parts)
	} else {
		for _, p := range parts {
			changes = append(changes, []yamltext.Change{{Start: p.From, End: p.To, New: p.New}})
		}
		text, err = yamltext.Apply(layer.Source, slices.Concat(changes...))
	}
	if err != nil {
		return "", nil, err
	}
	byEdit := make([][]yamltext.Change, len(edits))
	for i, e := range edits {
		if byEdit[i] = changes[0]; len(e.parts) > 1 {
			byEdit[i] = slices.Concat(changes[:len(e.parts)]...)
		}
		changes = changes[len(e.parts):]
	}
	return text, byEdit, nil
}

func parts(edits []edit) []yamltext.Edit {
	if len(edits) == 1 {
		return edits[0].parts
	}
	var parts []yamltext.Edit
	for _, e := range edits {
		parts = append(parts, e.parts...)
	}
	return parts
}

// unreachable says that sites could not be edited. With a marker, that may be to blame: then it is only noted.
func (s *splicer) unreachable(sites []int, reason string) {
	for _, i := range sites {
		s.findings[i].Status, s.findings[i].Message = Unreachable, reason
		if s.marker(i) != "" {
			s.lost = append(s.lost, i)
		}
	}
}

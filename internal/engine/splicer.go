package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

// edit is what the sites of the given indices need: changes of scalars of a layer, or of a list,
// that are made together or not at all.
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

// isEdited tells whether the site i is to be changed, or to have a marker.
func (s *splicer) isEdited(i int) bool { return s.findings[i].Status == Stale || s.marker(i) != "" }

// edit is what the site i is to become.
func (s *splicer) edit(i int) yamltext.Edit {
	site := &s.sites[i]
	return yamltext.Edit{
		Node: site.Node, From: site.From, To: site.To,
		New: site.Written(cmp.Or(s.findings[i].Proposed, site.Text)), Comment: s.marker(i),
	}
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

// apply makes the edits of all findings and returns the changes that they are to the text of top.
// Where a marker is in the way, all is done again without it.
func (s *splicer) apply(top *locate.Layer) []yamltext.Change {
	busy := false
	for i := range s.sites {
		busy = busy || s.isEdited(i) || mayShare(&s.sites[i])
	}
	if !busy {
		return nil
	}
	if changes, ok := s.applyAtOnce(top); ok {
		return changes
	}
	var decided []Finding
	if slices.ContainsFunc(s.markers, func(m string) bool { return m != "" }) {
		decided = slices.Clone(s.findings)
	}
	for {
		s.edits, s.layers, s.lost = map[*locate.Layer][]edit{}, nil, nil
		s.plan()
		changes := s.run()
		if len(s.lost) == 0 {
			return changes
		}
		for _, i := range s.lost {
			s.markers[i] = ""
			decided[i].Message = "the name of its variable could not be kept: " + s.findings[i].Message
		}
		s.findings = slices.Clone(decided)
	}
}

// applyAtOnce is apply where all edits are of the top layer, and can be made as they are: mostly.
func (s *splicer) applyAtOnce(top *locate.Layer) (changes []yamltext.Change, ok bool) {
	var edits []yamltext.Edit
	for i := range s.sites {
		site := &s.sites[i]
		switch {
		case mayShare(site):
			return nil, false
		case !s.isEdited(i):
		case site.Node == nil || site.Layer != top || site.Refusal(s.findings[i].Proposed) != "":
			return nil, false
		default:
			edits = append(edits, s.edit(i))
		}
	}
	byEdit, err := top.Text.Splice(edits)
	return slices.Concat(byEdit...), err == nil
}

// plan makes an edit of every stale finding. Aliases let several sites share a scalar: it is edited
// once when all findings agree, else not at all.
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
		if !s.isEdited(i) && shared == nil {
			continue
		}
		together := shared[place{site.Layer, site.Node, site.From}]
		if together == nil {
			together = []int{i}
		}
		if together[0] != i || !s.agree(together) || !s.isEdited(i) {
			continue
		}
		if reason := site.Refusal(s.findings[i].Proposed); reason != "" {
			s.unreachable(together, reason)
		} else {
			s.add(site.Layer, edit{[]yamltext.Edit{s.edit(i)}, together})
		}
	}
}

// mayShare tells whether there can be other sites in the same scalar as this one, at the same
// place.
func mayShare(site *locate.Site) bool {
	for layer := site.Layer; layer != nil; layer = layer.Parent {
		if layer.Text != nil && layer.Text.Aliased {
			return true
		}
	}
	return false
}

// agree tells whether the findings at the indices want the same, and makes them ambiguous where
// they do not.
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
		f.Message = fmt.Sprintf(
			"an anchor shares this text with other places, and the CSV says %d different images for them",
			len(wanted),
		)
	}
	return false
}

// run makes the edits, innermost layers first. It returns the changes of the text that holds them
// all.
func (s *splicer) run() []yamltext.Change {
	for depth := len(s.layers) - 1; depth >= 0; depth-- {
		for _, layer := range s.layers[depth] {
			edits, changes := s.splice(layer, s.edits[layer])
			if layer.Parent == nil {
				return slices.Concat(changes...)
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
	return nil
}

// splice makes the edits of a layer. It returns the edits that could be made, and the changes that
// each of them is. The sites of the others become unreachable: it halves the edits until it knows
// which they are.
func (s *splicer) splice(layer *locate.Layer, edits []edit) ([]edit, [][]yamltext.Change) {
	changes, err := try(layer, edits)
	if err == nil {
		return edits, changes
	}
	if len(edits) == 1 {
		s.unreachable(edits[0].sites, err.Error())
		return nil, nil
	}
	half := len(edits) / 2
	made, _ := s.splice(layer, edits[:half])
	others, _ := s.splice(layer, edits[half:])
	if changes, err = try(layer, slices.Concat(made, others)); err == nil {
		return slices.Concat(made, others), changes
	}
	for _, e := range others { // each half by itself, but not both
		s.unreachable(e.sites, err.Error())
	}
	changes, _ = try(layer, made)
	return made, changes
}

// try makes the edits of a layer, all or none. It returns the changes that each of them is.
func try(layer *locate.Layer, edits []edit) ([][]yamltext.Change, error) {
	parts := parts(edits)
	var changes [][]yamltext.Change // of each part
	var err error
	if layer.Text != nil {
		changes, err = layer.Text.Splice(parts)
	} else {
		for _, p := range parts {
			changes = append(changes, []yamltext.Change{{Start: p.From, End: p.To, New: p.New}})
		}
		_, err = yamltext.Apply(layer.Source, slices.Concat(changes...))
	}
	if err != nil {
		return nil, err
	}
	byEdit := make([][]yamltext.Change, len(edits))
	for i, e := range edits {
		if byEdit[i] = changes[0]; len(e.parts) > 1 {
			byEdit[i] = slices.Concat(changes[:len(e.parts)]...)
		}
		changes = changes[len(e.parts):]
	}
	return byEdit, nil
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

// unreachable says that sites could not be edited. With a marker, that may be to blame: then it is
// only noted.
func (s *splicer) unreachable(sites []int, reason string) {
	for _, i := range sites {
		s.findings[i].Status, s.findings[i].Message = Unreachable, reason
		if lines := s.sites[i].ByHand(s.findings[i].Proposed); lines != "" {
			s.findings[i].Message += ": write " + lines
		}
		if s.marker(i) != "" {
			s.lost = append(s.lost, i)
		}
	}
}

package rewrite

import (
	"cmp"
	"fmt"
	"slices"

	"inject-related-images/internal/locate"
	"inject-related-images/internal/yamltext"
)

// edit is a change of the bytes From..To of the scalar Node of a layer, or of a list, for the sites of the given indices.
type edit struct {
	yamltext.Edit
	sites []int
}

// splicer makes the edits that findings ask for.
type splicer struct {
	sites    []locate.Site
	findings []Finding
	edits    map[*locate.Layer][]edit
	layers   [][]*locate.Layer // those with edits, by depth
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

// plan makes an edit of every stale finding. Aliases let several sites share a scalar: it is edited once when all findings
// agree, else not at all.
func (s *splicer) plan() {
	type place struct {
		layer *locate.Layer
		node  *yamltext.Node
		from  int
	}
	shared := map[place][]int{}
	for i, site := range s.sites {
		p := place{site.Layer, site.Node, site.From}
		shared[p] = append(shared[p], i)
	}
	for i, site := range s.sites {
		together := shared[place{site.Layer, site.Node, site.From}]
		switch {
		case together[0] != i || !s.agree(together) || s.findings[i].Status != Stale:
		case site.Locked != "":
			s.unreachable(together, site.Locked)
		default:
			s.add(site.Layer, edit{yamltext.Edit{Node: site.Node, From: site.From, To: site.To, New: s.findings[i].Proposed}, together})
		}
	}
}

// agree tells whether the findings at the indices want the same, and makes them ambiguous where they do not.
func (s *splicer) agree(indices []int) bool {
	var wanted []string
	for _, i := range indices {
		if w := cmp.Or(s.findings[i].Proposed, s.findings[i].Image); !slices.Contains(wanted, w) {
			wanted = append(wanted, w)
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

// run makes the edits, innermost layers first, and returns the new text of top with the changes and edits made to it.
func (s *splicer) run(top *locate.Layer) (string, []yamltext.Change, []yamltext.Edit) {
	for depth := len(s.layers) - 1; depth >= 0; depth-- {
		for _, layer := range s.layers[depth] {
			edits := s.edits[layer]
			slices.SortStableFunc(edits, func(a, b edit) int {
				return cmp.Or(cmp.Compare(offset(a.Node), offset(b.Node)), cmp.Compare(a.From, b.From))
			})
			spliced, edits, changes := s.splice(layer, edits)
			if layer.Parent == nil {
				return spliced, changes, plain(edits)
			}
			for i, c := range changes {
				s.add(layer.Parent, edit{yamltext.Edit{Node: layer.Holder, From: c.Start, To: c.End, New: c.New}, edits[i].sites})
			}
		}
	}
	return top.Source, nil, nil
}

func offset(n *yamltext.Node) int {
	if n == nil {
		return 0
	}
	return n.Offset
}

// splice makes the edits of a layer, in its order. It returns the new text, the edits that could be made, and the change that
// each of them is. The sites of the others become unreachable: it halves the edits until it knows which they are.
func (s *splicer) splice(layer *locate.Layer, edits []edit) (string, []edit, []yamltext.Change) {
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
func try(layer *locate.Layer, edits []edit) (string, []yamltext.Change, error) {
	if layer.Text == nil {
		changes := make([]yamltext.Change, len(edits))
		for i, e := range edits {
			changes[i] = yamltext.Change{Start: e.From, End: e.To, New: e.New}
		}
		text, err := yamltext.Apply(layer.Source, changes)
		return text, changes, err
	}
	return layer.Text.Splice(plain(edits))
}

func plain(edits []edit) []yamltext.Edit {
	plain := make([]yamltext.Edit, len(edits))
	for i, e := range edits {
		plain[i] = e.Edit
	}
	return plain
}

func (s *splicer) unreachable(sites []int, reason string) {
	for _, i := range sites {
		s.findings[i].Status, s.findings[i].Message = Unreachable, reason
	}
}

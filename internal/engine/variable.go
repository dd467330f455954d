package engine

import (
	"fmt"
	"slices"

	"inject-related-images/internal/catalog"
	"inject-related-images/internal/imageref"
	"inject-related-images/internal/locate"
)

// byVariable finds the variable whose name stands beside the reference. Several operators have
// variables of some names, such as RELATED_IMAGE_OAUTH_PROXY: the name decides only where the
// reference is of a repository that this CSV, or an earlier one, has for it, or the object is the
// operator's own. Else the image is a candidate.
func (d *decider) byVariable(s *locate.Site, _ imageref.Ref) catalog.Match {
	if s.Named == nil {
		return catalog.Match{}
	}
	m := d.catalog.ByFullName(s.Named.Variable)
	switch {
	case d.isOwn(s.Named) || d.hadRepository(s.Named.Variable):
		return m
	case m.Bad != nil: // which is nothing to another operator's variable
		return catalog.Match{}
	case m.Entry == nil:
		return m
	}
	return catalog.Match{Candidates: []*catalog.Entry{m.Entry}}
}

// isOwn tells whether the object is a Deployment of the operator, or a Subscription to it.
func (d *decider) isOwn(n *locate.Named) bool {
	switch n.Kind {
	case "Deployment":
		return slices.Contains(d.operator.Deployments, n.Name)
	case "Subscription":
		return slices.Contains(d.operator.Packages, n.Package)
	}
	return false
}

// hadRepository tells whether a variable has an image of the repository of the reference, by one of
// its names, or had one in an earlier release.
func (d *decider) hadRepository(variable string) bool {
	has := func(c *catalog.Catalog) bool {
		e := c.ByFullName(variable).Entry
		return e != nil && slices.ContainsFunc(d.names, func(r imageref.Ref) bool {
			return e.Image.Repository() == r.Repository()
		})
	}
	return has(d.catalog) || slices.ContainsFunc(d.previous, func(p Release) bool { return has(p.Catalog) })
}

// doubtful says that the variable beside the reference may be another operator's.
func (d *decider) doubtful(f Finding, s *locate.Site, a answer) Finding {
	f.Status, f.Rule, f.Candidates = Ambiguous, a.rule.name, images(a.Candidates)
	f.Known = d.knowsRepository() // a name that several operators use says nothing of it
	f.Message = fmt.Sprintf(
		"the CSV has %s, but of another repository: it may be the variable of another operator",
		s.Named.Variable,
	)
	return f
}
